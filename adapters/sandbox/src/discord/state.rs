//! Everything the guild remembers.

mod members;
mod rooms;

pub(super) use rooms::{Place, Room};

use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;

use serde_json::Value;

use super::call::Call;
use super::fault::Mischief;
use super::gateway::Session;
use super::interaction::Interaction;
use super::message::{Message, MessageId};
use super::modal::Modal;
use super::options::{Member, Options, Role};
use super::rest::Tally;
use super::snowflake::Snowflakes;
use crate::Clock;

/// Everything the guild remembers, guarded by one lock.
#[derive(Debug)]
pub(crate) struct State {
    pub(super) options: Arc<Options>,
    pub(super) clock: Clock,
    /// Everybody with an account, the app's bot first.
    pub(super) members: Vec<Member>,
    /// `@everyone` first, then the app's own.
    pub(super) roles: Vec<Role>,
    pub(super) rooms: Vec<Room>,
    /// Whether the app is in the guild.
    pub(super) has_app: bool,
    /// The commands that the app has registered here, as the API shows them.
    pub(super) commands: Vec<Value>,
    pub(super) interactions: HashMap<String, Interaction>,
    /// The form that each person has open.
    pub(super) modals: HashMap<String, Modal>,
    /// Messages posted with a nonce to be enforced, by channel and nonce.
    pub(super) nonces: HashMap<(String, String), MessageId>,
    pub(super) sessions: Vec<Session>,
    /// How many times a client identified itself or resumed.
    pub(super) connected_ever: u64,
    pub(super) tally: Tally,
    pub(super) mischief: Mischief,
    pub(super) calls: Vec<Call>,
    pub(super) complaints: Vec<String>,
    dump: Option<File>,
    ids: Snowflakes,
}

impl State {
    pub(super) fn new(options: Arc<Options>, clock: Clock) -> Self {
        let app = &options.app;
        let bot = Member {
            is_bot: true,
            ..Member::new(&app.id, &app.name, &app.name, &[&app.role])
        };
        let everyone = Role {
            is_mentionable: false,
            ..Role::new(&options.id, "@everyone").with_permissions(options.everyone_may)
        };
        let own = Role {
            is_mentionable: false,
            ..Role::new(&app.role, &app.name).with_permissions(app.may)
        };
        Self {
            members: std::iter::once(bot)
                .chain(options.members.iter().cloned())
                .collect(),
            roles: [everyone, own]
                .into_iter()
                .chain(options.roles.iter().cloned())
                .collect(),
            rooms: options.channels.iter().cloned().map(Room::text).collect(),
            has_app: true,
            commands: Vec::new(),
            interactions: HashMap::new(),
            modals: HashMap::new(),
            nonces: HashMap::new(),
            sessions: Vec::new(),
            connected_ever: 0,
            tally: Tally::default(),
            mischief: Mischief::default(),
            calls: Vec::new(),
            complaints: Vec::new(),
            dump: crate::dump::open("discord"),
            ids: Snowflakes::default(),
            clock,
            options,
        }
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// A new id, larger than all before.
    pub(super) fn next_id(&mut self) -> String {
        self.ids.next(self.clock.now_ms())
    }

    /// A message of the app that is not posted yet.
    pub(super) fn draft(&mut self, channel: &str) -> Message {
        Message {
            id: self.next_id(),
            channel: channel.to_owned(),
            author: self.options.app.id.clone(),
            ..Message::default()
        }
    }

    /// Keeps what the app sent.
    pub(super) fn record(&mut self, call: Call) {
        if let Some(file) = &mut self.dump {
            crate::dump::add(file, &call);
        }
        crate::state::keep(&mut self.calls, call);
    }

    /// Notes something that Discord would swallow without a word and an app should not do.
    pub(super) fn complain(&mut self, what: String) {
        tracing::warn!(target: "breakglass_sandbox", "{what}");
        crate::state::keep(&mut self.complaints, what);
    }
}
