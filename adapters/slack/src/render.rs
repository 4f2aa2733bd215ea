//! From views to Block Kit: pure, within Slack's limits, with every text inert.
//!
//! Texts stand in `plain_text` and `rich_text` elements, where nothing is markup. The one exception is a
//! message's `text`, which screen readers and notifications use: it is escaped, and holds nothing that people
//! typed into a field.

pub(crate) mod action;
mod answer;
mod block;
mod card;
mod fallback;
mod form;
mod home;
pub(crate) mod manifest;
pub(crate) mod memo;
mod notice;
mod state;
#[cfg(test)]
mod tests;
mod words;

use breakglass_core::time::Timestamp;
use slack_morphism::blocks::SlackBlock;

pub(crate) use self::answer::{answer, choices, plain};
pub(crate) use self::block::fit;
pub(crate) use self::card::card;
pub(crate) use self::fallback::escape;
pub(crate) use self::form::form;
pub(crate) use self::home::home;
pub(crate) use self::notice::notice;

/// The longest fault at a field. Slack names no limit; two lines can be read.
pub(crate) const FAULT_MAX: usize = 150;

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Picture {
    /// For notifications and screen readers.
    pub(crate) text: String,
    /// What is seen.
    pub(crate) blocks: Vec<SlackBlock>,
}

/// What a picture needs to know beside its view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    /// When it is drawn: near times are told as a time of day, and notifications say how long is left.
    pub(crate) now: Timestamp,
    /// Everything says TEST.
    pub(crate) test: bool,
}

impl Frame {
    /// The text, marked if this is a test.
    pub(crate) fn mark(&self, text: &str) -> String {
        if self.test {
            format!("TEST · {text}")
        } else {
            text.to_owned()
        }
    }
}
