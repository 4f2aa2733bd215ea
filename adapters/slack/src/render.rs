//! From views to Block Kit: pure, within Slack's limits, with every text inert.
//!
//! Texts stand in `plain_text` and `rich_text` elements, where nothing is markup. The one exception is a
//! message's `text`, which screen readers and notifications use: it is escaped, and holds nothing that people
//! typed into a field.

pub(crate) mod action;
mod answer;
mod block;
mod escape;
mod form;
mod home;
pub(crate) mod manifest;
pub(crate) mod memo;
#[cfg(test)]
mod tests;

use breakglass_core::notice::{Answer, Card, Notice};
use breakglass_core::picture;
use slack_morphism::blocks::SlackBlock;

use self::block::{buttons, header, lines};

pub(crate) use breakglass_core::picture::{Frame, fit};

pub(crate) use self::answer::choices;
pub(crate) use self::escape::escape;
pub(crate) use self::form::form;
pub(crate) use self::home::home;

/// Blocks of a message.
const BLOCKS_MAX: usize = 50;
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

/// A picture within Slack's limits.
pub(crate) fn draw(frame: &Frame, picture: &picture::Picture) -> Picture {
    let mut blocks: Vec<SlackBlock> = picture.title.iter().map(|title| header(title)).collect();
    if !picture.lines.is_empty() {
        blocks.push(lines(frame, &picture.lines));
    } else if picture.title.is_none() {
        blocks.extend(answer::lists(frame, &picture.lists, BLOCKS_MAX));
    }
    blocks.extend(buttons(frame, &picture.buttons));
    blocks.extend(picture.footer.iter().map(|footer| block::footer(footer)));
    Picture {
        text: escape(&picture.spoken),
        blocks,
    }
}

/// A card as a message.
pub(crate) fn card(frame: &Frame, card: &Card) -> Picture {
    draw(frame, &picture::card(frame, card))
}

/// A notice as a message; `effect` is its id, which stands in it.
pub(crate) fn notice(frame: &Frame, effect: &str, notice: &Notice) -> Picture {
    draw(frame, &picture::notice(frame, effect, notice))
}

/// An answer as a message.
pub(crate) fn answer(frame: &Frame, answer: &Answer) -> Picture {
    draw(frame, &picture::answer(frame, answer))
}

/// A sentence of our own as a message.
pub(crate) fn plain(frame: &Frame, text: &str) -> Picture {
    draw(frame, &picture::plain(frame, text))
}
