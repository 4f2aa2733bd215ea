//! Channels and direct messages with what was said in them.

use super::State;
use crate::message::{Message, MessageId};
use crate::mint;
use crate::options::{Channel, ChannelKind, Sharing};

/// A demo may run for weeks: at so many messages the oldest of a room go.
const MESSAGES_MAX: usize = 10_000;

/// So many at a time: thousands would keep everybody waiting.
const DROPPED: usize = 100;

/// A channel or direct message with what was said in it.
#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) channel: Channel,
    pub(crate) messages: Vec<Message>,
    /// The person on the other side of a direct message.
    pub(crate) with: Option<String>,
}

impl Room {
    pub(crate) fn new(channel: Channel) -> Self {
        Self {
            channel,
            messages: Vec::new(),
            with: None,
        }
    }

    pub(crate) fn has_member(&self, user: &str) -> bool {
        self.channel.members.iter().any(|member| member == user)
    }

    /// Its name as payloads give it.
    pub(crate) fn payload_name(&self) -> &str {
        match self.channel.kind {
            ChannelKind::Public => &self.channel.name,
            ChannelKind::Private => "privategroup",
            ChannelKind::Direct => "directmessage",
        }
    }
}

impl State {
    pub(crate) fn room(&self, id: &str) -> Option<&Room> {
        self.rooms.iter().find(|room| room.channel.id == id)
    }

    pub(crate) fn room_mut(&mut self, id: &str) -> Option<&mut Room> {
        self.rooms.iter_mut().find(|room| room.channel.id == id)
    }

    /// The direct message between the app and `user`, opened if need be, and whether it was there.
    pub(crate) fn direct(&mut self, user: &str, bot_user: &str) -> (String, bool) {
        let there = self
            .rooms
            .iter()
            .find(|room| room.with.as_deref() == Some(user));
        if let Some(room) = there {
            return (room.channel.id.clone(), true);
        }
        let id = mint::id("D");
        let channel = Channel {
            id: id.clone(),
            name: String::new(),
            topic: String::new(),
            kind: ChannelKind::Direct,
            sharing: Sharing::Internal,
            archived: false,
            members: vec![user.to_owned(), bot_user.to_owned()],
        };
        self.rooms.push(Room {
            with: Some(user.to_owned()),
            ..Room::new(channel)
        });
        (id, false)
    }

    pub(crate) fn message(&self, id: &MessageId) -> Option<&Message> {
        let mut messages = self.room(&id.channel)?.messages.iter().rev();
        messages.find(|message| message.ts == id.ts)
    }

    pub(crate) fn message_mut(&mut self, id: &MessageId) -> Option<&mut Message> {
        let room = self.room_mut(&id.channel)?;
        newest_first(&mut room.messages, &id.ts)
    }

    /// Adds `message` to its channel; the head of a thread learns that it is one.
    pub(crate) fn post(&mut self, message: Message) {
        let Some(room) = self.room_mut(&message.channel) else {
            return;
        };
        if let Some(head) = &message.thread_ts
            && let Some(head) = newest_first(&mut room.messages, head)
        {
            head.thread_ts = Some(head.ts.clone());
        }
        if room.messages.len() >= MESSAGES_MAX {
            room.messages.drain(..DROPPED);
        }
        room.messages.push(message);
    }

    pub(crate) fn delete(&mut self, id: &MessageId) {
        if let Some(room) = self.room_mut(&id.channel) {
            room.messages.retain(|message| message.ts != id.ts);
        }
    }
}

/// Finds the message with this timestamp; it is mostly a late one.
fn newest_first<'a>(messages: &'a mut [Message], ts: &str) -> Option<&'a mut Message> {
    messages.iter_mut().rev().find(|message| message.ts == ts)
}
