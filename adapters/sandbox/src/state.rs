//! Everything the workspace remembers.

mod rooms;
mod stacks;
mod tickets;

pub(crate) use rooms::Room;
pub(crate) use stacks::STACK_MAX;
pub(crate) use tickets::{Origin, ResponseUrl, TriggerFault};

use std::collections::{BTreeMap, HashMap};
use std::fs::File;

use crate::call::Call;
use crate::fault::Mischief;
use crate::options::{Options, Person, Usergroup};
use crate::view::{Entries, View};

/// Everything the workspace remembers, guarded by one lock.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) people: Vec<Person>,
    pub(crate) usergroups: Vec<Usergroup>,
    pub(crate) rooms: Vec<Room>,
    pub(crate) views: HashMap<String, View>,
    /// Open modals of each person, the top one last.
    pub(crate) stacks: HashMap<String, Vec<String>>,
    /// The Home tab of each person.
    pub(crate) homes: HashMap<String, String>,
    /// What people chose in messages, by person, channel and time stamp.
    pub(crate) message_entries: HashMap<(String, String, String), Entries>,
    /// How far each person has read, by person and channel.
    pub(crate) read_until: BTreeMap<(String, String), String>,
    triggers: HashMap<String, tickets::Trigger>,
    response_urls: HashMap<String, ResponseUrl>,
    pub(crate) calls: Vec<Call>,
    pub(crate) complaints: Vec<String>,
    dump: Option<File>,
    pub(crate) mischief: Mischief,
    last_ts_us: i64,
}

impl State {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            people: options.people.clone(),
            usergroups: options.usergroups.clone(),
            dump: crate::dump::open("slack"),
            rooms: options.channels.iter().cloned().map(Room::new).collect(),
            ..Self::default()
        }
    }

    /// The person with this user id.
    pub(crate) fn person(&self, id: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.id == id)
    }

    /// A new time stamp, later than all before.
    pub(crate) fn next_ts(&mut self, now_ms: i64) -> String {
        self.last_ts_us = (now_ms * 1000).max(self.last_ts_us + 1);
        format!(
            "{}.{:06}",
            self.last_ts_us / 1_000_000,
            self.last_ts_us % 1_000_000
        )
    }

    /// Keeps what the app sent.
    pub(crate) fn record(&mut self, call: Call) {
        if let Some(file) = &mut self.dump {
            crate::dump::add(file, &call);
        }
        keep(&mut self.calls, call);
    }

    /// Notes something that Slack would swallow without a word and an app should not do.
    pub(crate) fn complain(&mut self, what: String) {
        tracing::warn!(target: "breakglass_sandbox", "{what}");
        keep(&mut self.complaints, what);
    }
}

/// A demo may run for weeks: of what is kept for tests, the oldest half goes at so many.
const KEPT_MAX: usize = 100_000;

/// Keeps one more of something.
pub(crate) fn keep<T>(kept: &mut Vec<T>, one: T) {
    if kept.len() >= KEPT_MAX {
        kept.drain(..KEPT_MAX / 2);
    }
    kept.push(one);
}
