//! Channels, threads and direct messages with what was said in them.

use super::State;
use crate::discord::message::{Message, MessageId};
use crate::discord::options::Channel;

/// A demo may run for weeks: the oldest half of a room goes at so many messages.
const MESSAGES_MAX: usize = 10_000;

/// A channel, thread or direct message with what was said in it.
#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) channel: Channel,
    pub(crate) place: Place,
    pub(crate) messages: Vec<Message>,
}

/// What kind of room it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A text channel.
    Text,
    /// The app and one person.
    Direct {
        /// User id of the person.
        with: String,
    },
    /// A thread that was started from a message.
    Thread {
        /// The channel of that message.
        parent: String,
        /// User id of who started it.
        owner: String,
        archived: bool,
        locked: bool,
        /// After so much silence it is archived.
        archive_after_minutes: u64,
        /// When it was archived or opened again.
        archive_changed_ms: i64,
    },
}

impl Room {
    pub(crate) fn new(channel: Channel, place: Place) -> Self {
        Self {
            channel,
            place,
            messages: Vec::new(),
        }
    }

    pub(crate) fn text(channel: Channel) -> Self {
        Self::new(channel, Place::Text)
    }

    /// Discord's number for the kind of channel.
    pub(crate) fn kind(&self) -> u64 {
        match self.place {
            Place::Text => 0,
            Place::Direct { .. } => 1,
            Place::Thread { .. } => 11,
        }
    }

    pub(crate) fn is_direct(&self) -> bool {
        matches!(self.place, Place::Direct { .. })
    }

    /// The channel that a thread hangs from.
    pub(crate) fn parent(&self) -> Option<&str> {
        if let Place::Thread { parent, .. } = &self.place {
            Some(parent)
        } else {
            None
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

    /// The direct message between the app and `user`, if it is open.
    pub(crate) fn direct(&self, user: &str) -> Option<&Room> {
        let is_with = |room: &&Room| matches!(&room.place, Place::Direct { with } if with == user);
        self.rooms.iter().find(is_with)
    }

    pub(crate) fn message(&self, id: &MessageId) -> Option<&Message> {
        self.room(&id.channel)?
            .messages
            .iter()
            .find(|message| message.id == id.id)
    }

    pub(crate) fn message_mut(&mut self, id: &MessageId) -> Option<&mut Message> {
        self.room_mut(&id.channel)?
            .messages
            .iter_mut()
            .find(|message| message.id == id.id)
    }

    /// Adds `message` to its room.
    pub(crate) fn post(&mut self, message: Message) {
        if let Some(room) = self.room_mut(&message.channel) {
            if room.messages.len() >= MESSAGES_MAX {
                room.messages.drain(..MESSAGES_MAX / 2);
            }
            room.messages.push(message);
        }
    }

    /// Takes a message away; whether it was there.
    pub(crate) fn delete(&mut self, id: &MessageId) -> bool {
        let Some(room) = self.room_mut(&id.channel) else {
            return false;
        };
        let before = room.messages.len();
        room.messages.retain(|message| message.id != id.id);
        room.messages.len() < before
    }
}
