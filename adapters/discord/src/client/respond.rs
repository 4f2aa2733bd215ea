//! Answers to interactions: <https://docs.discord.com/developers/interactions/receiving-and-responding>.
//!
//! The first answer is due within 3 s; a deferral is one, and the answer then takes its place. Further ones follow.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use breakglass_core::intent::{Reply, Sender, Typed};
use breakglass_core::notice::FormView;
use breakglass_core::port::chat::{ChatError, Show};
use serde_json::{Value, json};
use serenity::http::{LightMethod, Route};
use serenity::model::id::InteractionId;
use sha2::{Digest as _, Sha256};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::{sleep, timeout};

use super::Client;
use crate::render;

/// Answers wait this long for a deferral that is under way.
const DEFERRAL_WITHIN: Duration = Duration::from_secs(3);
/// Another replica may still be deferring what we answer: it is tried once more after this.
const ONCE_MORE_AFTER: Duration = Duration::from_secs(1);

/// How an interaction is to be answered first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum First {
    /// Nothing was sent: a modal or a message comes first.
    Now,
    /// The sender was told to wait for a message.
    Later,
    /// The message whose button was pressed stays as it is for now.
    Update,
}

/// What an answer needs: written into the intent's reply, read back from it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub(crate) id: u64,
    pub(crate) token: String,
    pub(crate) first: First,
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket")
            .field("id", &self.id)
            .field("first", &self.first)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = match self.first {
            First::Now => "now",
            First::Later => "later",
            First::Update => "update",
        };
        write!(f, "{first}/{}/{}", self.id, self.token)
    }
}

impl FromStr for Ticket {
    type Err = ChatError;

    fn from_str(text: &str) -> Result<Self, ChatError> {
        let gone = || ChatError::Gone("there is nothing to answer by".to_owned());
        let (first, rest) = text.split_once('/').ok_or_else(gone)?;
        let (id, token) = rest.split_once('/').ok_or_else(gone)?;
        let first = match first {
            "now" => First::Now,
            "later" => First::Later,
            "update" => First::Update,
            _ => return Err(gone()),
        };
        // The token becomes part of an address.
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '=' | ':');
        if token.is_empty() || !token.chars().all(plain) {
            return Err(gone());
        }
        Ok(Self {
            id: id.parse().map_err(|_| gone())?,
            token: token.to_owned(),
            first,
        })
    }
}

impl Ticket {
    /// The reply that carries it; with a trigger where a modal may come first.
    pub(crate) fn reply(&self) -> Reply {
        let text = self.to_string();
        Reply {
            trigger: (self.first == First::Now).then(|| text.clone()),
            url: Some(text),
            ..Reply::default()
        }
    }

    fn of(reply: &Reply) -> Result<Self, ChatError> {
        reply.url.as_deref().unwrap_or_default().parse()
    }
}

/// Where an answer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    /// In place of the deferral, or of the message whose button was pressed.
    Original,
    /// Below.
    Further,
}

/// Kinds of first answers.
const MESSAGE: u8 = 4;
const DEFERRED_MESSAGE: u8 = 5;
const DEFERRED_UPDATE: u8 = 6;
const CHOICES: u8 = 8;
const MODAL: u8 = 9;

impl Client {
    /// Holds back answers to an interaction until what is given is dropped.
    pub(crate) async fn hold(&self, id: u64) -> OwnedMutexGuard<bool> {
        let fresh = Arc::new(Mutex::new(false));
        self.answers.get_or_keep(id, fresh).lock_owned().await
    }

    /// Tells Discord that the answer comes later, within 15 minutes.
    pub(crate) async fn defer(&self, ticket: &Ticket) -> Result<(), ChatError> {
        match ticket.first {
            First::Now => Ok(()),
            First::Later => {
                let body = json!({ "type": DEFERRED_MESSAGE, "data": { "flags": 64 } });
                self.call_back(ticket, &body).await
            }
            First::Update => {
                self.call_back(ticket, &json!({ "type": DEFERRED_UPDATE }))
                    .await
            }
        }
    }

    /// Says something at once, so that only the sender sees it.
    pub(crate) async fn say_first(
        &self,
        ticket: &Ticket,
        message: &Value,
    ) -> Result<(), ChatError> {
        let body = json!({ "type": MESSAGE, "data": message });
        self.call_back(ticket, &body).await
    }

    /// Offers what can be picked.
    pub(crate) async fn offer(&self, ticket: &Ticket, choices: &Value) -> Result<(), ChatError> {
        let body = json!({ "type": CHOICES, "data": choices });
        self.call_back(ticket, &body).await
    }

    /// Answers an act; after the interaction's time, or without one, by direct message.
    pub(crate) async fn answer(
        &self,
        to: &Sender,
        reply: &Reply,
        message: Value,
        show: Show,
    ) -> Result<(), ChatError> {
        let answered = match Ticket::of(reply) {
            Ok(ticket) => {
                // An answer may take the place of an answer, never of a card that others see.
                let show = match reply.message {
                    None => show,
                    Some(_) => Show::New,
                };
                self.respond(&ticket, &message, show).await
            }
            Err(gone) => Err(gone),
        };
        match answered {
            Err(ChatError::Gone(why)) => {
                tracing::debug!(why, "answering by direct message instead");
                let mut message = message;
                message["flags"] = json!(0);
                message["components"] = json!([]);
                self.post_to_account(&to.account, &message)
                    .await
                    .map(|_| ())
            }
            done => done,
        }
    }

    /// Opens a form as a modal, or shows it in words where no modal may come.
    pub(crate) async fn open_form(&self, reply: &Reply, form: &FormView) -> Result<(), ChatError> {
        let ticket = Ticket::of(reply)?;
        if ticket.first == First::Now
            && let Some(modal) = render::modal(&self.frame(), form)
        {
            let mut answered = self.turn(&ticket).await?;
            if !*answered {
                let body = json!({ "type": MODAL, "data": modal });
                self.call_back(&ticket, &body).await?;
                *answered = true;
                return Ok(());
            }
        }
        let kept = match form {
            FormView::Request(form) => self.keep_draft(&ticket, &form.typed),
            FormView::Failed { typed, .. } => self.keep_draft(&ticket, typed),
            FormView::Loading | FormView::Short { .. } | FormView::Details { .. } => String::new(),
        };
        let message = render::form_in_words(&self.frame(), form, &kept);
        self.respond(&ticket, &message, Show::New).await
    }

    /// Keeps the words of a form under a name that nobody guesses.
    fn keep_draft(&self, ticket: &Ticket, typed: &Typed) -> String {
        let hash = hex::encode(Sha256::digest(ticket.token.as_bytes()));
        let name: String = hash.chars().take(16).collect();
        self.drafts.keep(name.clone(), typed.clone());
        name
    }

    async fn respond(&self, ticket: &Ticket, message: &Value, show: Show) -> Result<(), ChatError> {
        let mut answered = self.turn(ticket).await?;
        let fills = match ticket.first {
            First::Now | First::Later => !*answered,
            First::Update => show == Show::InPlace,
        };
        if fills && ticket.first == First::Now {
            match self.say_first(ticket, message).await {
                // It was answered before we restarted: this one follows.
                Err(ChatError::Gone(_)) => {}
                done => {
                    *answered = done.is_ok();
                    return done;
                }
            }
        }
        let slot = if fills && ticket.first != First::Now {
            Slot::Original
        } else {
            Slot::Further
        };
        let mut sent = self.send_answer(ticket, message, slot).await;
        if let (Err(ChatError::Gone(_)), Slot::Original) = (&sent, slot) {
            sleep(ONCE_MORE_AFTER).await;
            sent = self.send_answer(ticket, message, slot).await;
        }
        *answered |= sent.is_ok();
        sent
    }

    /// The turn to answer: after a deferral that is under way, and one answer after the other.
    async fn turn(&self, ticket: &Ticket) -> Result<OwnedMutexGuard<bool>, ChatError> {
        timeout(DEFERRAL_WITHIN, self.hold(ticket.id))
            .await
            .map_err(|_| ChatError::Unavailable("an earlier answer is still under way".to_owned()))
    }

    async fn send_answer(
        &self,
        ticket: &Ticket,
        message: &Value,
        slot: Slot,
    ) -> Result<(), ChatError> {
        let (application_id, token) = (self.application, ticket.token.as_str());
        let sent = if slot == Slot::Original {
            let mut message = message.clone();
            if let Some(fields) = message.as_object_mut() {
                // Who sees it was settled by the deferral.
                fields.remove("flags");
            }
            let route = Route::WebhookOriginalInteractionResponse {
                application_id,
                token,
            };
            self.rest
                .send("answer", route, LightMethod::Patch, &message)
                .await
        } else {
            let route = Route::WebhookFollowupMessages {
                application_id,
                token,
            };
            self.rest
                .send("further answer", route, LightMethod::Post, message)
                .await
        };
        sent.map(|_| ())
    }

    async fn call_back(&self, ticket: &Ticket, body: &Value) -> Result<(), ChatError> {
        let number = std::num::NonZeroU64::new(ticket.id);
        let number =
            number.ok_or_else(|| ChatError::Gone("an interaction without an id".to_owned()))?;
        let route = Route::InteractionResponse {
            interaction_id: InteractionId::from(number),
            token: &ticket.token,
        };
        self.rest
            .send("first answer", route, LightMethod::Post, body)
            .await
            .map(|_| ())
    }
}
