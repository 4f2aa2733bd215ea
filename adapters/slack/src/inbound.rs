//! From Slack's payloads to intents: read without trusting, written down through the desk, acknowledged.
//!
//! The payloads are read by our own types: the library's leave out what the checks need (the app's id, the
//! installation's kind, the view's hash).

mod command;
mod door;
mod event;
pub(crate) mod grammar;
mod http;
mod interaction;
mod socket;
mod state;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use breakglass_core::intent::{Act, Reply, Typed};
use breakglass_core::notice::Field;
use regex::Regex;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::verify::Envelope;

pub(crate) use self::door::Door;
pub(crate) use self::http::router;
pub(crate) use self::socket::listen;

/// A payload, by the way it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A slash command.
    Command,
    /// A button, a modal, a select, a shortcut.
    Interaction,
    /// The Events API.
    Event,
}

/// What a payload says, before anything about it is believed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reading {
    /// Who it says it is from.
    pub(crate) envelope: Envelope,
    /// The same for every delivery of the same act.
    pub(crate) replay_key: String,
    /// Where it was done.
    pub(crate) channel: Option<String>,
    /// How to answer.
    pub(crate) reply: Reply,
    /// Where the button stands, if one was pressed.
    pub(crate) origin: Origin,
    /// The block of each field, if it came from a form.
    pub(crate) blocks: BTreeMap<String, String>,
    /// What it asks of us.
    pub(crate) wish: Wish,
}

/// What a payload asks of us.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Wish {
    /// Write it down.
    Act(Act),
    /// Look for faults, which the form shows at once; then write it down.
    SendOff(Typed),
    /// The lines of a select.
    Choices {
        /// Which select.
        field: Field,
        /// What was typed into it.
        typed: String,
        /// The rest of the form.
        form: Typed,
    },
    /// Nothing, in a few words for the log.
    Nothing(&'static str),
}

/// Where a button stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Not on a message, or on one that only the sender sees: Slack delivers those to the app that made them.
    Own,
    /// On a message with these marks of its author.
    Message {
        /// The author's app.
        app: Option<String>,
        /// The author's bot.
        bot: Option<String>,
    },
    /// In a modal or home page of this app.
    View {
        /// The view's app.
        app: Option<String>,
    },
}

/// A payload that isn't what Slack documents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a payload that can't be read: {0}")]
pub(crate) struct Unreadable(String);

impl From<serde_json::Error> for Unreadable {
    fn from(error: serde_json::Error) -> Self {
        // The error's own text could quote what people typed.
        Self(format!("{:?} error", error.classify()))
    }
}

/// Reads a payload; `incident` is how an incident's id looks.
pub(crate) fn read(kind: Kind, payload: &Value, incident: &Regex) -> Result<Reading, Unreadable> {
    match kind {
        Kind::Command => command::read(payload, incident),
        Kind::Interaction => interaction::read(payload, incident),
        Kind::Event => event::read(payload),
    }
}

/// The key of an act that has no trigger id.
fn key_of(payload: &Value) -> String {
    let bytes = payload.to_string();
    format!("sha256:{}", hex::encode(Sha256::digest(bytes.as_bytes())))
}

/// Slack writes truth as `true` in JSON and as `"true"` in forms.
fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let value = Option::<Value>::deserialize(deserializer)?;
    Ok(match value {
        Some(Value::Bool(truth)) => truth,
        Some(Value::String(text)) => text == "true",
        _ => false,
    })
}
