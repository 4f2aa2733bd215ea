//! Who is in the guild, and what they may do where.

use super::{Place, Room, State};
use crate::discord::options::{Member, Overwrite, Role};
use crate::discord::permission::Permissions;

impl State {
    /// The account with this user id.
    pub(crate) fn account(&self, user: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.id == user)
    }

    /// The member with this user id; not somebody who has left.
    pub(crate) fn member(&self, user: &str) -> Option<&Member> {
        self.account(user).filter(|member| member.is_here)
    }

    pub(crate) fn member_mut(&mut self, user: &str) -> Option<&mut Member> {
        self.members.iter_mut().find(|member| member.id == user)
    }

    pub(crate) fn role(&self, id: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.id == id)
    }

    /// Whether somebody is timed out now.
    pub(crate) fn is_timed_out(&self, member: &Member) -> bool {
        member
            .timed_out_until_ms
            .is_some_and(|until| self.now_ms() < until)
    }

    /// What a member may do everywhere.
    pub(crate) fn may(&self, user: &str) -> Permissions {
        let Some(member) = self.member(user) else {
            return Permissions::NONE;
        };
        let mine = |role: &&Role| role.id == self.options.id || member.roles.contains(&role.id);
        let roles = self.roles.iter().filter(mine);
        let base = roles.fold(Permissions::NONE, |all, role| all | role.may);
        if user == self.options.owner || base.contains(Permissions::ADMINISTRATOR) {
            Permissions::ALL
        } else {
            base
        }
    }

    /// What a member may do in a room; nothing if they don't see it.
    pub(crate) fn may_in(&self, user: &str, room: &Room) -> Permissions {
        let parent = match &room.place {
            Place::Direct { with } => {
                let takes_part = with == user || user == self.options.app.id;
                return if takes_part {
                    Permissions::member()
                } else {
                    Permissions::NONE
                };
            }
            Place::Thread { parent, .. } => self.room(parent).unwrap_or(room),
            Place::Text => room,
        };
        let base = self.may(user);
        let Some(member) = self.member(user).filter(|_| base != Permissions::ALL) else {
            return base;
        };
        let apply = |base: Permissions, overwrites: &[&Overwrite]| {
            let denied = overwrites
                .iter()
                .fold(base, |base, over| base.without(over.deny));
            overwrites
                .iter()
                .fold(denied, |base, over| base | over.allow)
        };
        let of = |is_meant: &dyn Fn(&str) -> bool| -> Vec<&Overwrite> {
            parent
                .channel
                .overwrites
                .iter()
                .filter(|over| is_meant(&over.id))
                .collect()
        };
        let everyone = of(&|id| id == Overwrite::EVERYONE || id == self.options.id);
        let roles = of(&|id| member.roles.iter().any(|role| role == id));
        let own = of(&|id| id == user);
        let may = [everyone, roles, own]
            .iter()
            .fold(base, |base, over| apply(base, over));
        if !may.contains(Permissions::VIEW_CHANNEL) {
            return Permissions::NONE;
        }
        if self.is_timed_out(member) {
            return may & (Permissions::VIEW_CHANNEL | Permissions::READ_MESSAGE_HISTORY);
        }
        may
    }
}
