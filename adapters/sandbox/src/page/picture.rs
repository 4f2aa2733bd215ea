//! The workspace as one person sees it, as JSON for the page.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::message::Message;
use crate::options::{ChannelKind, Person, ShortcutKind, Standing};
use crate::sandbox::Sandbox;
use crate::state::{Room, State as Memory};
use crate::view::View;

/// The page shows the newest messages of a channel, at most so many.
const MESSAGES_MAX: usize = 300;

#[derive(Deserialize)]
pub(super) struct Reader {
    /// User id of who looks.
    #[serde(rename = "as")]
    pub(super) user: String,
}

/// Everything that this person sees.
pub(super) async fn state(
    State(sandbox): State<Sandbox>,
    Query(reader): Query<Reader>,
) -> Json<Value> {
    let workspace = &sandbox.workspace;
    let options = &workspace.options;
    Json(workspace.read(|memory| {
        let user = memory
            .person(&reader.user)
            .map_or("", |person| person.id.as_str());
        let rooms = memory.rooms.iter().filter(|room| room.has_member(user));
        let stack = memory.stacks.get(user).into_iter().flatten();
        let views: Vec<Value> = stack
            .filter_map(|id| memory.views.get(id))
            .map(view)
            .collect();
        json!({
            "team": {"id": options.team.id, "name": options.team.name},
            "app": app(&sandbox),
            "me": user,
            "has_guild": sandbox.has_guild(),
            "people": people(memory),
            "usergroups": memory.usergroups.iter()
                .map(|group| json!({"id": group.id, "handle": group.handle}))
                .collect::<Vec<_>>(),
            "rooms": rooms.map(|room| self::room(memory, room, user)).collect::<Vec<_>>(),
            "views": views,
            "home": memory.homes.get(user).and_then(|id| memory.views.get(id)).map(view),
        })
    }))
}

fn app(sandbox: &Sandbox) -> Value {
    let app = &sandbox.workspace.options.app;
    let command = |command: &crate::Command| {
        json!({
            "name": command.name,
            "description": command.description,
            "usage": command.usage,
        })
    };
    let shortcut = |shortcut: &crate::Shortcut| {
        json!({
            "name": shortcut.name,
            "callback_id": shortcut.callback_id,
            "is_global": shortcut.kind == ShortcutKind::Global,
        })
    };
    json!({
        "id": app.id,
        "name": app.name,
        "user": app.bot_user,
        "is_connected": sandbox.is_connected(),
        "commands": app.commands.iter().map(command).collect::<Vec<_>>(),
        "shortcuts": app.shortcuts.iter().map(shortcut).collect::<Vec<_>>(),
    })
}

fn people(memory: &Memory) -> Vec<Value> {
    let unread = |user: &str| -> usize {
        let rooms = memory.rooms.iter().filter(|room| room.has_member(user));
        rooms.map(|room| memory.unread(room, user).count()).sum()
    };
    let person = |person: &Person| {
        let standing = match person.standing {
            Standing::Member => "member",
            Standing::Guest | Standing::SingleChannelGuest => "guest",
            Standing::Stranger { .. } => "stranger",
            Standing::Deactivated => "deactivated",
            Standing::Bot => "bot",
        };
        json!({
            "id": person.id,
            "handle": person.handle,
            "name": person.real_name,
            "shown": if person.display_name.is_empty() { &person.real_name }
                else { &person.display_name },
            "title": person.title,
            "standing": standing,
            "unread": unread(&person.id),
        })
    };
    memory.people.iter().map(person).collect()
}

fn room(memory: &Memory, room: &Room, user: &str) -> Value {
    let channel = &room.channel;
    let seen = room.messages.iter().filter(|message| is_for(message, user));
    let seen: Vec<&Message> = seen.collect();
    let newest = &seen[seen.len().saturating_sub(MESSAGES_MAX)..];
    let kind = match channel.kind {
        ChannelKind::Public => "public",
        ChannelKind::Private => "private",
        ChannelKind::Direct => "direct",
    };
    let chosen: BTreeMap<&str, Value> = newest
        .iter()
        .filter_map(|message| {
            let key = (user.to_owned(), channel.id.clone(), message.ts.clone());
            let entries = memory.message_entries.get(&key)?;
            Some((
                message.ts.as_str(),
                crate::control::values(&message.blocks, entries),
            ))
        })
        .collect();
    json!({
        "id": channel.id,
        "name": channel.name,
        "topic": channel.topic,
        "kind": kind,
        "members": channel.members,
        "messages": newest,
        "chosen": chosen,
        "read_ts": memory.read_until(user, &channel.id),
        "unread": memory.unread(room, user).count(),
        "mentions": memory.unread(room, user).filter(|m| memory.mentions(m, user)).count(),
    })
}

pub(super) fn is_for(message: &Message, user: &str) -> bool {
    message.only_for.as_deref().is_none_or(|only| only == user)
}

fn view(view: &View) -> Value {
    json!({
        "id": view.id,
        "hash": view.hash,
        "content": view.content,
        "values": view.values(),
        "errors": view.errors,
    })
}

impl Memory {
    /// How far `user` has read in `channel`; empty for nothing.
    fn read_until(&self, user: &str, channel: &str) -> &str {
        let key = (user.to_owned(), channel.to_owned());
        self.read_until.get(&key).map_or("", String::as_str)
    }

    /// What others wrote in `room` since `user` last looked.
    fn unread<'a>(&'a self, room: &'a Room, user: &'a str) -> impl Iterator<Item = &'a Message> {
        let until = self.read_until(user, &room.channel.id);
        let messages = room.messages.iter().rev();
        let newer = messages.take_while(move |message| message.ts.as_str() > until);
        newer.filter(move |message| message.author != user && is_for(message, user))
    }

    /// Whether a message is addressed to `user`, by name, by group, or by being theirs alone.
    fn mentions(&self, message: &Message, user: &str) -> bool {
        let is_direct = self
            .room(&message.channel)
            .is_some_and(|room| room.with.is_some());
        let mut text = message.text.clone();
        text.push_str(&message.shown());
        let groups = self
            .usergroups
            .iter()
            .filter(|g| g.members.iter().any(|m| m == user));
        is_direct
            || message.only_for.is_some()
            || text.contains(&format!("<@{user}"))
            || groups
                .map(|g| format!("<!subteam^{}", g.id))
                .any(|mention| text.contains(&mention))
    }
}
