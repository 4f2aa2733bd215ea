//! From Discord's interactions to intents: read without trusting, written down through the desk, acknowledged.
//!
//! Interactions are read from JSON by our own types, whichever way they came: the library's leave out what is picked in
//! modals, and refuse what they don't know.

mod door;
mod gateway;
mod http;
mod interaction;
mod options;
mod submitted;
#[cfg(test)]
mod tests;
mod words;

use breakglass_core::intent::{Act, Typed};
use breakglass_core::notice::Field;
use breakglass_core::port::chat::MessageRef;

use crate::verify::Envelope;

pub(crate) use self::door::Door;
pub(crate) use self::gateway::listen;
pub(crate) use self::http::router;
pub(crate) use self::interaction::read;

/// What an interaction says, before anything about it is believed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reading {
    /// Its id and the token that answers it.
    pub(crate) id: u64,
    pub(crate) token: String,
    /// Who it says it is from.
    pub(crate) envelope: Envelope,
    /// Where it was done.
    pub(crate) channel: Option<String>,
    /// The message whose button was pressed.
    pub(crate) origin: Option<Origin>,
    /// It was sent off from a modal, which no other modal may follow.
    pub(crate) form: bool,
    /// What it asks of us.
    pub(crate) wish: Wish,
}

/// The message whose button was pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Which.
    pub(crate) message: MessageRef,
    /// Who wrote it.
    pub(crate) author: String,
    /// Only the sender sees it: Discord delivers those to the application that made them.
    pub(crate) ephemeral: bool,
}

/// What an interaction asks of us.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Wish {
    /// Discord looks whether we are there.
    Ping,
    /// Write it down.
    Act(Act),
    /// Open the request form with the words that are kept under this name.
    Again(String),
    /// What can be picked.
    Choices {
        /// For which option.
        field: Field,
        /// What was typed into it.
        typed: String,
        /// The other options.
        form: Typed,
    },
    /// Tell the sender that a field can't be understood, with the words they typed elsewhere.
    Unclear {
        /// What to type there.
        how: String,
        /// What they wrote.
        words: String,
    },
    /// Nothing, in a few words for the log.
    Nothing(&'static str),
}

/// An interaction that isn't what Discord documents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an interaction that can't be read: {0}")]
pub(crate) struct Unreadable(String);

impl From<serde_json::Error> for Unreadable {
    fn from(error: serde_json::Error) -> Self {
        // The error's own text could quote what people typed.
        Self(format!("{:?} error", error.classify()))
    }
}
