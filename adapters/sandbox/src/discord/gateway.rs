//! The gateway: sessions of the app's clients, and the events that they are told.
//!
//! <https://docs.discord.com/developers/events/gateway>

mod commands;
mod connection;

pub(super) use connection::upgrade;

use std::collections::VecDeque;

use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::message::Message;
use super::state::State;

/// A client that was away is told at most so many events when it is back.
const REPLAYED_MAX: usize = 10_000;

pub(super) const GUILDS: u64 = 1 << 0;
pub(super) const GUILD_MEMBERS: u64 = 1 << 1;
pub(super) const GUILD_PRESENCES: u64 = 1 << 8;
pub(super) const GUILD_MESSAGES: u64 = 1 << 9;
pub(super) const DIRECT_MESSAGES: u64 = 1 << 12;
pub(super) const MESSAGE_CONTENT: u64 = 1 << 15;

/// What a client can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    GuildCreate,
    GuildDelete,
    RoleCreate,
    RoleUpdate,
    RoleDelete,
    ChannelDelete,
    ThreadCreate,
    ThreadUpdate,
    ThreadDelete,
    MemberAdd,
    MemberUpdate,
    MemberRemove,
    MessageCreate,
    MessageUpdate,
    MessageDelete,
    InteractionCreate,
}

impl Event {
    fn name(self) -> &'static str {
        match self {
            Self::GuildCreate => "GUILD_CREATE",
            Self::GuildDelete => "GUILD_DELETE",
            Self::RoleCreate => "GUILD_ROLE_CREATE",
            Self::RoleUpdate => "GUILD_ROLE_UPDATE",
            Self::RoleDelete => "GUILD_ROLE_DELETE",
            Self::ChannelDelete => "CHANNEL_DELETE",
            Self::ThreadCreate => "THREAD_CREATE",
            Self::ThreadUpdate => "THREAD_UPDATE",
            Self::ThreadDelete => "THREAD_DELETE",
            Self::MemberAdd => "GUILD_MEMBER_ADD",
            Self::MemberUpdate => "GUILD_MEMBER_UPDATE",
            Self::MemberRemove => "GUILD_MEMBER_REMOVE",
            Self::MessageCreate => "MESSAGE_CREATE",
            Self::MessageUpdate => "MESSAGE_UPDATE",
            Self::MessageDelete => "MESSAGE_DELETE",
            Self::InteractionCreate => "INTERACTION_CREATE",
        }
    }

    /// The intent that a client must have to be told; those of messages depend on where they stand.
    fn intent(self) -> u64 {
        match self {
            Self::MemberAdd | Self::MemberUpdate | Self::MemberRemove => GUILD_MEMBERS,
            Self::MessageCreate | Self::MessageUpdate | Self::MessageDelete => GUILD_MESSAGES,
            Self::InteractionCreate => 0,
            Self::GuildCreate
            | Self::GuildDelete
            | Self::RoleCreate
            | Self::RoleUpdate
            | Self::RoleDelete
            | Self::ChannelDelete
            | Self::ThreadCreate
            | Self::ThreadUpdate
            | Self::ThreadDelete => GUILDS,
        }
    }
}

/// A client that has identified itself; it lives on for a while when its connection is lost.
#[derive(Debug)]
pub(crate) struct Session {
    id: String,
    intents: u64,
    seq: u64,
    /// What it was told, with the numbers.
    told: VecDeque<(u64, String)>,
    /// Its connection, while it has one.
    out: Option<mpsc::UnboundedSender<Frame>>,
    /// The number of that connection.
    connection: u64,
}

/// What a connection is told to do.
#[derive(Clone, Debug)]
enum Frame {
    Text(String),
    /// Close with this code.
    Close(u16),
    /// Go away without a word.
    Drop,
}

impl Session {
    /// Tells the client, now or when it is back.
    fn tell(&mut self, name: &str, data: &Value) {
        self.seq += 1;
        let text = json!({"op": 0, "t": name, "s": self.seq, "d": data}).to_string();
        if self.told.len() >= REPLAYED_MAX {
            self.told.pop_front();
        }
        self.told.push_back((self.seq, text.clone()));
        self.send(Frame::Text(text));
    }

    fn send(&mut self, frame: Frame) {
        let is_gone = self.out.as_ref().is_none_or(|out| out.send(frame).is_err());
        if is_gone {
            self.out = None;
        }
    }

    pub(super) fn is_connected(&self) -> bool {
        self.out.as_ref().is_some_and(|out| !out.is_closed())
    }
}

impl State {
    /// Tells every client that wants to know.
    pub(super) fn tell(&mut self, event: Event, data: &Value) {
        self.tell_with(event.intent(), event, data);
    }

    fn tell_with(&mut self, intent: u64, event: Event, data: &Value) {
        for session in &mut self.sessions {
            if session.intents & intent == intent {
                session.tell(event.name(), data);
            }
        }
    }

    /// Tells of a message, as far as the client may read it. What only one person sees is told to nobody.
    pub(super) fn tell_message(&mut self, event: Event, message: &Message) {
        if message.only_for.is_some() {
            return;
        }
        let is_direct = self
            .room(&message.channel)
            .is_some_and(super::state::Room::is_direct);
        let app = self.options.app.id.clone();
        let mut json = self.message_json(message);
        if !is_direct {
            json["guild_id"] = self.options.id.clone().into();
            if let Some(author) = self.member(&message.author) {
                let mut member = self.member_json(author);
                if let Some(member) = member.as_object_mut() {
                    member.remove("user");
                }
                json["member"] = member;
            }
        }
        let is_readable = is_direct || message.author == app || message.mentions.contains(&app);
        let intent = if is_direct {
            DIRECT_MESSAGES
        } else {
            event.intent()
        };
        if is_readable {
            return self.tell_with(intent, event, &json);
        }
        let mut blank = json.clone();
        blank["content"] = "".into();
        for key in ["embeds", "components", "attachments"] {
            blank[key] = json!([]);
        }
        for session in &mut self.sessions {
            if session.intents & intent == intent {
                let reads = session.intents & MESSAGE_CONTENT != 0;
                session.tell(event.name(), if reads { &json } else { &blank });
            }
        }
    }

    /// All connections go away without a word; what is told meanwhile waits for a resume.
    pub(super) fn drop_connections(&mut self) {
        for session in &mut self.sessions {
            session.send(Frame::Drop);
            session.out = None;
        }
    }

    /// All clients are told to reconnect (op 7) and to resume.
    pub(super) fn ask_to_reconnect(&mut self) {
        self.send_all(&json!({"op": 7, "d": null}));
    }

    /// All clients are told that their session is no longer valid (op 9), and it isn't.
    pub(super) fn invalidate(&mut self) {
        self.send_all(&json!({"op": 9, "d": false}));
        self.sessions.clear();
    }

    /// All clients are told that their session is not valid now, but can be resumed (op 9).
    pub(super) fn ask_to_resume(&mut self) {
        self.send_all(&json!({"op": 9, "d": true}));
    }

    fn send_all(&mut self, frame: &Value) {
        for session in &mut self.sessions {
            session.send(Frame::Text(frame.to_string()));
        }
    }

    /// All connections are closed with this code.
    pub(super) fn close_connections(&mut self, code: u16) {
        for session in &mut self.sessions {
            session.send(Frame::Close(code));
            session.out = None;
        }
    }
}
