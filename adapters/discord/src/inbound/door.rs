//! One interaction from being delivered to being acknowledged: checked, written down, and answered if it can't be.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use breakglass_core::id::Platform;
use breakglass_core::intent::{Act, Button, Intent, Reply, Sender, Typed};
use breakglass_core::port::chat::{ChatError, Desk, DeskError};
use futures_util::FutureExt as _;
use serde_json::Value;
use tokio::time::{Instant, timeout, timeout_at};

use super::{Reading, Wish, read};
use crate::client::Client;
use crate::client::respond::{First, Ticket};
use crate::render;
use crate::verify::member;

/// Discord wants the first answer within 3 s; the ways there and back take some of it.
const ACKNOWLEDGE_WITHIN: Duration = Duration::from_millis(2300);
/// Whether a request is complete is a courtesy: what takes longer is told in words.
const FAULTS_WITHIN: Duration = Duration::from_millis(700);

/// Where interactions come in, whichever way they came.
#[derive(Clone)]
pub(crate) struct Door {
    desk: Arc<dyn Desk>,
    client: Arc<Client>,
}

impl Door {
    pub(crate) fn new(desk: Arc<dyn Desk>, client: Arc<Client>) -> Self {
        Self { desk, client }
    }

    pub(crate) fn desk(&self) -> &Arc<dyn Desk> {
        &self.desk
    }

    pub(crate) fn client(&self) -> &Arc<Client> {
        &self.client
    }

    /// Takes one interaction in and sends its first answer.
    pub(crate) async fn knock(&self, payload: &Value) {
        let handled = AssertUnwindSafe(self.handle(payload)).catch_unwind().await;
        match handled {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "a first answer didn't arrive"),
            Err(_) => tracing::error!("a bug: handling an interaction panicked"),
        }
    }

    async fn handle(&self, payload: &Value) -> Result<(), ChatError> {
        let until = Instant::now() + ACKNOWLEDGE_WITHIN;
        let reading = match read(payload, &self.desk.incident_pattern()) {
            Ok(reading) => reading,
            Err(error) => {
                tracing::warn!(%error, "refused");
                return Ok(());
            }
        };
        let now = (self.client.config().clock)();
        if let Err(stranger) = member(&reading.envelope, &self.client.ours(), now) {
            tracing::warn!(?stranger, user = reading.envelope.user, "refused");
            return self.say(&reading, stranger.answer()).await;
        }
        if !self.is_our_place(&reading) {
            tracing::warn!(channel = ?reading.channel, "refused: a button that isn't on a card of ours");
            let text = "That button isn't on a card of mine. Nothing happened.";
            return self.say(&reading, text).await;
        }
        self.let_in(reading, until).await
    }

    async fn let_in(&self, reading: Reading, until: Instant) -> Result<(), ChatError> {
        let sender = self.sender(&reading);
        let act = match &reading.wish {
            Wish::Nothing(what) => {
                tracing::debug!(what, "nothing to do");
                return self
                    .say(&reading, "I don't know that one. Try /breakglass help.")
                    .await;
            }
            Wish::Ping => return Ok(()),
            Wish::Choices { field, typed, form } => {
                let choices = self.desk.choices(&sender, *field, typed, form);
                let choices = timeout_at(until, choices).await.unwrap_or_default();
                let offered = render::choices(&choices);
                return self
                    .client
                    .offer(&ticket(&reading, First::Now), &offered)
                    .await;
            }
            Wish::Unclear { how, words } => {
                let message = render::unclear(&self.client.frame(), how, words);
                let ticket = ticket(&reading, First::Now);
                return self.client.say_first(&ticket, &message).await;
            }
            Wish::Again(kept) => {
                let Some(typed) = self.client.draft(kept) else {
                    let text = "What you typed isn't here any more. Copy it from above into /breakglass request.";
                    return self.say(&reading, text).await;
                };
                Act::OpenForm(typed)
            }
            Wish::Act(act) => act.clone(),
        };
        let first = self.first(&reading, &sender, &act).await;
        self.take(&reading, sender, act, (first, until)).await
    }

    /// Writes the act down, then tells Discord how it will be answered. Answers wait for that.
    async fn take(
        &self,
        reading: &Reading,
        sender: Sender,
        act: Act,
        (first, until): (First, Instant),
    ) -> Result<(), ChatError> {
        let (ticket, words) = (ticket(reading, first), act.words().to_owned());
        let message = reading.origin.as_ref().filter(|origin| !origin.ephemeral);
        let intent = Intent {
            replay_key: format!("interaction:{}", reading.id),
            sender,
            channel: reading.channel.clone(),
            reply: Reply {
                message: message.map(|origin| origin.message.clone()),
                ..ticket.reply()
            },
            act,
        };
        let mut answered = self.client.hold(reading.id).await;
        match timeout_at(until, self.desk.take(intent)).await {
            Ok(Ok(())) => self.client.defer(&ticket).await,
            refused => {
                let error = refused.map_or_else(
                    |_| DeskError::NotRecorded("slow".to_owned()),
                    |taken| taken.err().unwrap_or(DeskError::Busy),
                );
                *answered = true;
                let how = error.to_string();
                if words.is_empty() {
                    return self.say(reading, &how).await;
                }
                let message = render::unclear(&self.client.frame(), &how, &words);
                self.client.say_first(&ticket, &message).await
            }
        }
    }

    /// How the first answer will look: a modal can only come first, so where one may come nothing is sent before it.
    async fn first(&self, reading: &Reading, sender: &Sender, act: &Act) -> First {
        if reading.form {
            return First::Later;
        }
        match act {
            Act::OpenForm(_)
            | Act::Revoke { reason: None, .. }
            | Act::Review { finding: None, .. } => First::Now,
            Act::Ask(typed) if self.needs_a_form(sender, typed).await => First::Now,
            Act::Press { button, .. } if opens_a_form(*button) => First::Now,
            Act::Press {
                button: Button::Details,
                ..
            } => First::Later,
            Act::Press { .. } if reading.origin.is_some() => First::Update,
            Act::Ask(_)
            | Act::Status
            | Act::List
            | Act::End(_)
            | Act::Revoke { .. }
            | Act::Withdraw(_)
            | Act::Review { .. }
            | Act::Lockdown { .. }
            | Act::Link { .. }
            | Act::Unlink
            | Act::UnlinkOf { .. }
            | Act::Help
            | Act::Unclear(_)
            | Act::Press { .. }
            | Act::Form { .. }
            | Act::HomeOpened => First::Later,
        }
    }

    async fn needs_a_form(&self, sender: &Sender, typed: &Typed) -> bool {
        if typed.target.is_none() || typed.role.is_none() || typed.why.is_empty() {
            return true;
        }
        let faults = timeout(FAULTS_WITHIN, self.desk.faults(sender, typed)).await;
        faults.is_ok_and(|faults| !faults.is_empty())
    }

    fn sender(&self, reading: &Reading) -> Sender {
        Sender {
            platform: Platform::Discord,
            account: reading.envelope.user.clone(),
            workspace: self.client.config().guild.clone(),
        }
    }

    /// Buttons count only on messages of ours, and decide only where we post cards or where only the sender sees them.
    fn is_our_place(&self, reading: &Reading) -> bool {
        let Some(origin) = &reading.origin else {
            return true;
        };
        if origin.ephemeral || reading.form {
            return true;
        }
        let decides = matches!(
            &reading.wish,
            Wish::Act(Act::Press {
                button: Button::Approve | Button::ApproveForLess | Button::Deny,
                ..
            })
        );
        self.client.is_ours(&origin.author)
            && (!decides || self.desk.posts_to(&origin.message.channel))
    }

    /// Tells the sender at once; where something is picked from, there is nothing to pick.
    async fn say(&self, reading: &Reading, text: &str) -> Result<(), ChatError> {
        let ticket = ticket(reading, First::Now);
        if matches!(reading.wish, Wish::Choices { .. }) {
            return self.client.offer(&ticket, &render::choices(&[])).await;
        }
        let message = render::plain(&self.client.frame(), text);
        self.client.say_first(&ticket, &message).await
    }
}

fn ticket(reading: &Reading, first: First) -> Ticket {
    Ticket {
        id: reading.id,
        token: reading.token.clone(),
        first,
    }
}

const fn opens_a_form(button: Button) -> bool {
    matches!(
        button,
        Button::ApproveForLess
            | Button::Deny
            | Button::Revoke
            | Button::Review
            | Button::Attest
            | Button::Describe
            | Button::Edit
            | Button::AskAgain
    )
}
