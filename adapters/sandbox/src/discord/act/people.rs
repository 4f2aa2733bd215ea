//! What people do to the guild by hand: come and go, change roles, delete, archive, throw the app out.

use serde_json::{Value, json};

use crate::discord::Guild;
use crate::discord::gateway::Event;
use crate::discord::message::MessageId;
use crate::discord::options::Role;
use crate::discord::state::{Place, State};

impl Guild {
    /// Somebody leaves; they keep their account.
    pub fn leave(&self, user: &str) {
        self.hall.change(|state| {
            if let Some(member) = state.member_mut(user) {
                member.is_here = false;
                member.roles.clear();
            }
            let json = json!({"guild_id": state.options.id, "user": state.user_json(user)});
            state.tell(Event::MemberRemove, &json);
        });
    }

    /// Somebody who left is back, without roles.
    pub fn join(&self, user: &str) {
        self.hall.change(|state| {
            if let Some(member) = state.member_mut(user) {
                member.is_here = true;
            }
            state.tell_member(Event::MemberAdd, user);
        });
    }

    /// Somebody gets a role.
    pub fn give_role(&self, user: &str, role: &str) {
        self.change_member(user, |roles| roles.push(role.to_owned()));
    }

    /// Somebody loses a role.
    pub fn take_role(&self, user: &str, role: &str) {
        self.change_member(user, |roles| roles.retain(|there| there != role));
    }

    fn change_member(&self, user: &str, change: impl FnOnce(&mut Vec<String>)) {
        self.hall.change(|state| {
            if let Some(member) = state.member_mut(user) {
                change(&mut member.roles);
            }
            state.tell_member(Event::MemberUpdate, user);
        });
    }

    /// Somebody is timed out until then, in milliseconds since the Unix epoch, or no longer.
    pub fn time_out(&self, user: &str, until_ms: Option<i64>) {
        self.hall.change(|state| {
            if let Some(member) = state.member_mut(user) {
                member.timed_out_until_ms = until_ms;
            }
            state.tell_member(Event::MemberUpdate, user);
        });
    }

    /// Somebody takes no direct messages from members of this guild from now on.
    pub fn close_direct_messages(&self, user: &str) {
        self.hall.change(|state| {
            if let Some(member) = state.member_mut(user) {
                member.takes_direct_messages = false;
            }
        });
    }

    /// Somebody takes direct messages from members of this guild again.
    pub fn open_direct_messages(&self, user: &str) {
        self.hall.change(|state| {
            if let Some(member) = state.member_mut(user) {
                member.takes_direct_messages = true;
            }
        });
    }

    /// A role is made, or changed if there is one with its id.
    pub fn put_role(&self, role: Role) {
        self.hall.change(|state| {
            let there = state.roles.iter().position(|there| there.id == role.id);
            let event = if there.is_some() {
                Event::RoleUpdate
            } else {
                Event::RoleCreate
            };
            let json = json!({"guild_id": state.options.id, "role": state.role_json(&role)});
            match there {
                Some(at) => state.roles[at] = role,
                None => state.roles.push(role),
            }
            state.tell(event, &json);
        });
    }

    /// A role is deleted; its members lose it.
    pub fn delete_role(&self, role: &str) {
        self.hall.change(|state| {
            state.roles.retain(|there| there.id != role);
            for member in &mut state.members {
                member.roles.retain(|there| there != role);
            }
            let json = json!({"guild_id": state.options.id, "role_id": role});
            state.tell(Event::RoleDelete, &json);
        });
    }

    /// A message is deleted by hand.
    pub fn delete_message(&self, message: impl Into<MessageId>) {
        let id = message.into();
        self.hall.change(|state| state.remove_message(&id));
    }

    /// A channel or thread is deleted; a channel takes its threads with it.
    pub fn delete_channel(&self, channel: &str) {
        self.hall.change(|state| {
            let Some(room) = state.room(channel) else {
                return;
            };
            let json = state.channel_json(room);
            let event = if room.parent().is_some() {
                Event::ThreadDelete
            } else {
                Event::ChannelDelete
            };
            state
                .rooms
                .retain(|room| room.channel.id != channel && room.parent() != Some(channel));
            let json = if event == Event::ThreadDelete {
                thread_stub(&json)
            } else {
                json
            };
            state.tell(event, &json);
        });
    }

    /// A thread is archived; whoever writes in it opens it again.
    pub fn archive_thread(&self, thread: &str) {
        self.hall
            .change(|state| state.settle_thread(thread, Some(true), None));
    }

    /// A thread is archived and locked, so that only moderators open it again.
    pub fn lock_thread(&self, thread: &str) {
        self.hall
            .change(|state| state.settle_thread(thread, Some(true), Some(true)));
    }

    /// A thread is opened again, for everybody.
    pub fn open_thread(&self, thread: &str) {
        self.hall
            .change(|state| state.settle_thread(thread, Some(false), Some(false)));
    }

    /// The app is thrown out of the guild: its commands go, it sees nothing any more.
    pub fn kick_app(&self) {
        self.hall.change(|state| {
            state.has_app = false;
            state.commands.clear();
            let json = json!({"id": state.options.id});
            state.tell(Event::GuildDelete, &json);
        });
    }

    /// The app is added to the guild again.
    pub fn add_app(&self) {
        self.hall.change(|state| {
            state.has_app = true;
            let json = state.guild_create();
            state.tell(Event::GuildCreate, &json);
        });
    }
}

/// What is told of a thread that is gone.
fn thread_stub(thread: &Value) -> Value {
    json!({"id": thread["id"], "guild_id": thread["guild_id"], "parent_id": thread["parent_id"], "type": thread["type"]})
}

impl State {
    fn tell_member(&mut self, event: Event, user: &str) {
        let Some(member) = self.account(user) else {
            return;
        };
        let mut json = self.member_json(member);
        json["guild_id"] = self.options.id.clone().into();
        self.tell(event, &json);
    }

    /// Takes a message away and tells of it.
    pub(in super::super) fn remove_message(&mut self, id: &MessageId) {
        let Some(message) = self.message(id).cloned() else {
            return;
        };
        self.delete(id);
        self.tell_deleted(&message);
    }

    /// Archives or opens a thread, locks or unlocks it, as far as that is said.
    pub(in super::super) fn settle_thread(
        &mut self,
        thread: &str,
        is_archived: Option<bool>,
        is_locked: Option<bool>,
    ) {
        let now_ms = self.now_ms();
        let Some(room) = self.room_mut(thread) else {
            return;
        };
        let Place::Thread {
            archived,
            locked,
            archive_changed_ms,
            ..
        } = &mut room.place
        else {
            return;
        };
        *archived = is_archived.unwrap_or(*archived);
        *locked = is_locked.unwrap_or(*locked);
        *archive_changed_ms = now_ms;
        if let Some(room) = self.room(thread) {
            let json = self.channel_json(room);
            self.tell(Event::ThreadUpdate, &json);
        }
    }
}
