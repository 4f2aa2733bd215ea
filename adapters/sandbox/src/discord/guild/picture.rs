//! The guild as one person sees it, for the page.

use serde_json::{Value, json};

use crate::discord::Guild;
use crate::discord::message::Message;
use crate::discord::options::Member;
use crate::discord::permission::Permissions;
use crate::discord::snowflake::made_at_ms;
use crate::discord::state::{Place, Room, State};

/// The page shows the newest messages of a channel, at most so many.
const MESSAGES_MAX: usize = 300;

impl Guild {
    /// Everything that `user` sees.
    pub(crate) fn picture(&self, user: &str) -> Value {
        self.hall.read(|state| {
            let user = state.member(user).map_or("", |member| member.id.as_str());
            let sees = |room: &&Room| state.may_in(user, room).contains(Permissions::VIEW_CHANNEL);
            let rooms = state.rooms.iter().filter(sees);
            let app = &state.options.app;
            json!({
                "guild": {"id": state.options.id, "name": state.options.name},
                "app": {"id": app.id, "name": app.name, "commands": state.commands},
                "me": user,
                "people": state.members.iter().map(|member| person(state, member)).collect::<Vec<_>>(),
                "roles": state.roles.iter().map(|role| json!({"id": role.id, "name": role.name})).collect::<Vec<_>>(),
                "rooms": rooms.map(|room| self::room(state, room, user)).collect::<Vec<_>>(),
                "modal": state.modals.get(user),
            })
        })
    }
}

fn person(state: &State, member: &Member) -> Value {
    json!({
        "id": member.id,
        "username": member.username,
        "shown": member.shown(),
        "title": member.title,
        "roles": member.roles,
        "is_bot": member.is_bot,
        "is_here": member.is_here,
        "is_timed_out": state.is_timed_out(member),
    })
}

fn room(state: &State, room: &Room, user: &str) -> Value {
    let seen: Vec<&Message> = room
        .messages
        .iter()
        .filter(|message| message.is_for(user))
        .collect();
    let newest = &seen[seen.len().saturating_sub(MESSAGES_MAX)..];
    let message = |message: &&Message| {
        let mut json = json!(message);
        json["at_ms"] = made_at_ms(&message.id).into();
        json["has_thread"] = state.room(&message.id).is_some().into();
        json
    };
    let (archived, locked) = match &room.place {
        Place::Thread {
            archived, locked, ..
        } => (*archived, *locked),
        Place::Text | Place::Direct { .. } => (false, false),
    };
    json!({
        "id": room.channel.id,
        "name": room.channel.name,
        "topic": room.channel.topic,
        "kind": if room.is_direct() { "direct" } else if room.parent().is_some() { "thread" } else { "text" },
        "parent": room.parent(),
        "is_private": !room.channel.overwrites.is_empty(),
        "is_archived": archived,
        "is_locked": locked,
        "messages": newest.iter().map(message).collect::<Vec<_>>(),
    })
}
