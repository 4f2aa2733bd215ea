//! The shapes of everything in Block Kit that the sandbox takes, with Slack's limits.

mod elements;
mod layout;
mod menus;
mod objects;
mod rich_text;
mod views;

pub(super) use layout::{IMAGES, IN_MESSAGES};
pub(super) use objects::SUGGESTIONS;
pub(super) use views::{HOMES, MODALS};

/// Block and action ids are at most this long.
const ID_CHARS_MAX: usize = 255;
/// <https://docs.slack.dev/reference/block-kit/block-elements>
const PLACEHOLDER_CHARS_MAX: usize = 150;
const URL_CHARS_MAX: usize = 3_000;
