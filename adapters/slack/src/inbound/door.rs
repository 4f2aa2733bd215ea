//! One payload from being delivered to being acknowledged: checked, written down, and answered if it can't be.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use breakglass_core::id::Platform;
use breakglass_core::intent::{Act, Intent, Sender};
use breakglass_core::notice::{Field, FieldFault};
use breakglass_core::port::chat::{Desk, DeskError, Show};
use futures_util::FutureExt as _;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};

use super::{Kind, Origin, Reading, Wish, read};
use crate::client::Client;
use crate::render::{self, Frame};
use crate::verify::{Ours, member};

/// Slack wants the acknowledgement within 3 s; the way there takes some of it.
const ACKNOWLEDGE_WITHIN: Duration = Duration::from_millis(2500);
/// Faults of a form are a courtesy: what takes longer is told after it was taken.
const FAULTS_WITHIN: Duration = Duration::from_secs(1);
/// Answers that didn't fit into the acknowledgement and are under way, at most.
const LATE_ANSWERS_MAX: usize = 64;

/// What goes back with the acknowledgement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ack {
    /// Nothing but "received".
    Empty,
    /// An answer, options or field errors.
    Payload(Value),
}

/// Where payloads come in, whichever way they came.
#[derive(Clone)]
pub(crate) struct Door {
    desk: Arc<dyn Desk>,
    client: Arc<Client>,
    late: Arc<Semaphore>,
}

impl Door {
    pub(crate) fn new(desk: Arc<dyn Desk>, client: Arc<Client>) -> Self {
        Self {
            desk,
            client,
            late: Arc::new(Semaphore::new(LATE_ANSWERS_MAX)),
        }
    }

    /// Takes one payload in. Nothing to acknowledge with means a bug of ours: Slack tells the sender that it failed.
    pub(crate) async fn knock(&self, kind: Kind, payload: &Value) -> Option<Ack> {
        let handled = AssertUnwindSafe(self.handle(kind, payload))
            .catch_unwind()
            .await;
        if handled.is_err() {
            tracing::error!(?kind, "a bug: handling a payload panicked");
        }
        handled.ok()
    }

    async fn handle(&self, kind: Kind, payload: &Value) -> Ack {
        let until = Instant::now() + ACKNOWLEDGE_WITHIN;
        let reading = match read(kind, payload, &self.desk.incident_pattern()) {
            Ok(reading) => reading,
            Err(error) => {
                tracing::warn!(?kind, %error, "refused");
                return match kind {
                    Kind::Command => said("I can't read what Slack sent. Nothing changed."),
                    Kind::Interaction | Kind::Event => Ack::Empty,
                };
            }
        };
        let Ok(Ok(ours)) = timeout_at(until, self.client.ours()).await else {
            tracing::error!("refused: it isn't known yet which app we are");
            return self.say(
                kind,
                &reading,
                &DeskError::NotRecorded("app".to_owned()).to_string(),
            );
        };
        if let Err(stranger) = member(&reading.envelope, &ours) {
            tracing::warn!(?stranger, user = reading.envelope.user, "refused");
            return self.say(kind, &reading, stranger.answer());
        }
        if !self.is_our_place(&reading, &ours) {
            tracing::warn!(channel = ?reading.channel, "refused: a button that isn't on a card of ours");
            return self.say(
                kind,
                &reading,
                "That button isn't on a card of mine. Nothing happened.",
            );
        }
        self.let_in(kind, reading, until).await
    }

    async fn let_in(&self, kind: Kind, reading: Reading, until: Instant) -> Ack {
        let sender = self.sender(&reading);
        let act = match &reading.wish {
            Wish::Nothing(what) => {
                tracing::debug!(what, "nothing to do");
                return Ack::Empty;
            }
            Wish::Choices { field, typed, form } => {
                let choices = self.desk.choices(&sender, *field, typed, form);
                let choices = timeout_at(until, choices).await.unwrap_or_default();
                return Ack::Payload(render::choices(&choices));
            }
            Wish::SendOff(typed) => {
                let faults = timeout(FAULTS_WITHIN, self.desk.faults(&sender, typed)).await;
                if let Some(ack) = errors(&faults.unwrap_or_default(), &reading) {
                    return ack;
                }
                Act::Ask(typed.clone())
            }
            Wish::Act(act) => act.clone(),
        };
        let intent = Intent {
            replay_key: reading.replay_key.clone(),
            sender,
            channel: reading.channel.clone(),
            reply: reading.reply.clone(),
            act,
        };
        match timeout_at(until, self.desk.take(intent)).await {
            Ok(Ok(())) => Ack::Empty,
            Ok(Err(error)) => self.say(kind, &reading, &error.to_string()),
            Err(_) => {
                let slow = DeskError::NotRecorded("slow".to_owned());
                self.say(kind, &reading, &slow.to_string())
            }
        }
    }

    fn sender(&self, reading: &Reading) -> Sender {
        Sender {
            platform: Platform::Slack,
            account: reading.envelope.user.clone(),
            workspace: self.client.team().to_owned(),
        }
    }

    /// Buttons on messages count only on messages of ours, where we post: in a direct message or a channel we know.
    fn is_our_place(&self, reading: &Reading, ours: &Ours) -> bool {
        match &reading.origin {
            Origin::Own => true,
            Origin::View { app } => app.as_ref().is_none_or(|app| *app == ours.app),
            Origin::Message { app, bot } => {
                let direct = |channel: &String| channel.starts_with('D');
                let known = |channel: &String| direct(channel) || self.desk.posts_to(channel);
                ours.posted(app.as_deref(), bot.as_deref())
                    && reading.channel.as_ref().is_some_and(known)
            }
        }
    }

    /// Tells the sender that nothing happened: in the acknowledgement where it can carry that, else behind it.
    fn say(&self, kind: Kind, reading: &Reading, text: &str) -> Ack {
        let frame = self.client.frame();
        match (kind, &reading.wish) {
            (Kind::Command, _) => said(&frame.mark(text)),
            (Kind::Event, _) => Ack::Empty,
            (_, Wish::Choices { .. }) => Ack::Payload(render::choices(&[])),
            (_, Wish::SendOff(_) | Wish::Act(Act::Form { .. })) => {
                let fault = FieldFault {
                    field: Field::Why,
                    message: text.to_owned(),
                };
                errors(&[fault], reading).unwrap_or_else(|| self.say_later(reading, &frame, text))
            }
            (_, Wish::Act(_) | Wish::Nothing(_)) => self.say_later(reading, &frame, text),
        }
    }

    fn say_later(&self, reading: &Reading, frame: &Frame, text: &str) -> Ack {
        let Ok(permit) = Arc::clone(&self.late).try_acquire_owned() else {
            tracing::warn!("too many answers under way: one is dropped");
            return Ack::Empty;
        };
        let client = Arc::clone(&self.client);
        let sender = self.sender(reading);
        let reply = reading.reply.clone();
        let picture = render::plain(frame, text);
        tokio::spawn(async move {
            if let Err(error) = client.answer(&sender, &reply, &picture, Show::New).await {
                tracing::warn!(%error, "an answer didn't arrive");
            }
            drop(permit);
        });
        Ack::Empty
    }
}

fn said(text: &str) -> Ack {
    Ack::Payload(json!({
        "response_type": "ephemeral",
        "text": render::escape(text),
    }))
}

/// Faults at their fields; one whose field isn't shown stands at some field that is.
fn errors(faults: &[FieldFault], reading: &Reading) -> Option<Ack> {
    let mut errors = serde_json::Map::new();
    for fault in faults {
        let named = reading.blocks.get(fault.field.as_str());
        let block = named.or_else(|| reading.blocks.values().next_back())?;
        errors
            .entry(block.clone())
            .or_insert_with(|| Value::String(render::fit(&fault.message, render::FAULT_MAX)));
    }
    (!errors.is_empty())
        .then(|| Ack::Payload(json!({ "response_action": "errors", "errors": errors })))
}
