//! From pictures and forms to Discord's messages, modals and commands: pure, within its limits, with every text inert.
//!
//! A message's content is what notifications show, so it says what the picture speaks and mentions those who are asked;
//! an embed shows the rest. Words from elsewhere are escaped, and no mention is ever parsed out of a text.

mod answer;
pub(crate) mod command;
pub(crate) mod custom_id;
mod escape;
mod form;
mod line;
mod message;
#[cfg(test)]
mod tests;

pub(crate) use breakglass_core::picture::Frame;

pub(crate) use self::answer::{answer, choices, form_in_words, plain, unclear};
pub(crate) use self::form::modal;
pub(crate) use self::line::is_snowflake;
pub(crate) use self::message::{Where, card, card_nonce, nonce, notice, thread_name};
