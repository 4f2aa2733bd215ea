//! What somebody did and the app has to answer: how, how soon and how often it may.
//!
//! <https://docs.discord.com/developers/interactions/receiving-and-responding>

use serde_json::Value;
use tokio::sync::oneshot;

use super::act::Answer;
use super::message::MessageId;
use super::state::State;
use crate::mint;

/// The first answer has to come within that.
const FIRST_ANSWER_MS: i64 = 3_000;
/// The token is good for so long.
const TOKEN_MS: i64 = 15 * 60 * 1000;
/// How long an interaction is still told from one that never was.
const FORGOTTEN_AFTER_MS: i64 = 60 * 60 * 1000;

/// A slash command.
pub(super) const COMMAND: u8 = 2;
/// A button or a select.
pub(super) const COMPONENT: u8 = 3;
/// Words typed into an option that the app completes.
pub(super) const AUTOCOMPLETE: u8 = 4;
/// A form that was sent.
pub(super) const MODAL: u8 = 5;

/// What somebody did.
#[derive(Debug)]
pub(super) struct Interaction {
    pub(super) id: String,
    pub(super) token: String,
    /// Discord's number for what it is.
    pub(super) kind: u8,
    pub(super) user: String,
    pub(super) channel: String,
    /// The message whose button or select it was, also behind a form.
    pub(super) source: Option<MessageId>,
    /// The `interaction_metadata` of what opened a form.
    pub(super) trigger: Value,
    made_at_ms: i64,
    /// Whether the first answer was given.
    pub(super) is_answered: bool,
    /// The message that `@original` means, once there is one.
    pub(super) original: Option<MessageId>,
    waiter: Option<oneshot::Sender<Answer>>,
}

/// Why an interaction can't be answered now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unanswerable {
    /// Never was, or too late: 10062.
    Unknown,
    /// Was answered already: 40060.
    Answered,
}

impl State {
    /// A new interaction, and what its first answer comes through.
    pub(super) fn new_interaction(
        &mut self,
        kind: u8,
        user: &str,
        channel: &str,
    ) -> (Interaction, oneshot::Receiver<Answer>) {
        let now_ms = self.now_ms();
        self.interactions
            .retain(|_, there| now_ms <= there.made_at_ms + FORGOTTEN_AFTER_MS);
        let id = self.next_id();
        let (waiter, answer) = oneshot::channel();
        let interaction = Interaction {
            token: format!("{id}-{}", mint::word(64)),
            id,
            kind,
            user: user.to_owned(),
            channel: channel.to_owned(),
            source: None,
            trigger: Value::Null,
            made_at_ms: now_ms,
            is_answered: false,
            original: None,
            waiter: Some(waiter),
        };
        (interaction, answer)
    }

    /// The interaction, if its first answer may be given now.
    pub(super) fn answerable(&self, id: &str, token: &str) -> Result<&Interaction, Unanswerable> {
        let found = self
            .interactions
            .get(id)
            .filter(|found| found.token == token);
        let found = found.ok_or(Unanswerable::Unknown)?;
        if found.is_answered {
            return Err(Unanswerable::Answered);
        }
        let is_late = self.now_ms() > found.made_at_ms + FIRST_ANSWER_MS;
        if is_late {
            Err(Unanswerable::Unknown)
        } else {
            Ok(found)
        }
    }

    /// Notes the first answer, and wakes who waits for it.
    pub(super) fn answered(&mut self, id: &str, original: Option<MessageId>, answer: Answer) {
        if let Some(found) = self.interactions.get_mut(id) {
            found.is_answered = true;
            found.original = original;
            if let Some(waiter) = found.waiter.take() {
                // Who acted may have given up by now.
                drop(waiter.send(answer));
            }
        }
    }

    /// The interaction that this token follows up, if it is not too late.
    pub(super) fn followed(&self, app: &str, token: &str) -> Option<&Interaction> {
        let id = token.split('-').next().unwrap_or_default();
        let found = self
            .interactions
            .get(id)
            .filter(|found| found.token == token)?;
        let is_ours = app == self.options.app.id;
        let is_late = self.now_ms() > found.made_at_ms + TOKEN_MS;
        (is_ours && !is_late && found.is_answered).then_some(found)
    }
}
