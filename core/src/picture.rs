//! Pictures of cards, notices and answers as every chat shows them: lines and buttons, not yet in a platform's terms.
//!
//! What a picture says is decided here, once; adapters turn it into blocks or embeds, keep their platform's limits
//! and see to it that nothing in a line is read as markup.

mod answer;
mod card;
mod line;
mod notice;
#[cfg(feature = "samples")]
#[expect(clippy::unwrap_used, reason = "what is written here is well-formed")]
pub mod samples;
mod spoken;
mod state;
pub mod words;

pub use self::answer::{answer, plain, row};
pub use self::card::{about, card, justification};
pub use self::line::{Line, MENTIONS_MAX, Piece, Shape, fit, inert, is_near, utc};
pub use self::notice::notice;
pub use self::spoken::shorten;

use crate::id::RequestId;
use crate::intent::Button;
use crate::notice::ListView;
use crate::time::Timestamp;

/// What a picture needs to know beside its view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// When it is drawn: near times are told as a time of day, and notifications say how long is left.
    pub now: Timestamp,
    /// Everything says TEST.
    pub test: bool,
}

impl Frame {
    /// The text, marked if this is a test.
    pub fn mark(&self, text: &str) -> String {
        if self.test {
            format!("TEST · {text}")
        } else {
            text.to_owned()
        }
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Picture {
    /// For notifications, lock screens and screen readers: its first 90 characters decide. Plain text.
    pub spoken: String,
    /// A title, marked if this is a test.
    pub title: Option<String>,
    /// What is told.
    pub lines: Vec<Line>,
    /// Lists below, each under its heading.
    pub lists: Vec<ListView>,
    /// What can be pressed, in a row.
    pub buttons: Vec<Press>,
    /// Small print.
    pub footer: Option<String>,
}

/// A button with what it carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Press {
    /// Which.
    pub button: Button,
    /// What stands on it.
    pub label: String,
    /// The request it is about.
    pub request: RequestId,
    /// The request's digest.
    pub digest: String,
    /// Asked once more, where the chat can: who, what and how long.
    pub confirm: Option<String>,
}
