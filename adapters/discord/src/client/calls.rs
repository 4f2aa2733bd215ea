//! Messages, threads, direct messages, channels and commands, with no more of each answer than we need.

use breakglass_core::notice::{Card, Notice};
use breakglass_core::port::chat::{ChatError, MessageRef};
use serde::Deserialize;
use serde_json::{Value, json};
use serenity::http::{LightMethod, Route};
use serenity::model::id::{ChannelId, MessageId};

use super::{Client, id};
use crate::render::{self, Where};

/// Minutes after which a silent thread is archived; a post wakes it.
const ARCHIVE_MINS: u32 = 1440;

/// What a declaration of the commands led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// The guild knew them so already.
    Unchanged,
    /// They are known from now on.
    Changed,
}

#[derive(Deserialize)]
struct Posted {
    id: String,
    channel_id: String,
}

#[derive(Deserialize)]
struct Direct {
    id: String,
}

/// What we read of a channel.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Channel {
    pub(super) name: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: u8,
    pub(super) guild_id: Option<String>,
    #[serde(default)]
    pub(super) permission_overwrites: Vec<Overwrite>,
}

/// What a role or member may do otherwise in a channel.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Overwrite {
    pub(super) id: String,
    pub(super) allow: String,
    pub(super) deny: String,
}

impl Client {
    pub(crate) async fn post_card(
        &self,
        channel: &str,
        card: &Card,
    ) -> Result<MessageRef, ChatError> {
        let mut body = render::card(&self.frame(), card);
        once(&mut body, &render::card_nonce(card));
        self.post(channel, &body).await
    }

    pub(crate) async fn update_card(
        &self,
        message: &MessageRef,
        card: &Card,
    ) -> Result<(), ChatError> {
        let body = render::card(&self.frame(), card);
        let route = Route::ChannelMessage {
            channel_id: id(&message.channel)?,
            message_id: id(&message.message)?,
        };
        let edited = self
            .rest
            .send("edit message", route, LightMethod::Patch, &body);
        edited.await.map(|_| ())
    }

    /// Posts a notice to a channel.
    pub(crate) async fn post_notice(
        &self,
        channel: &str,
        effect: &str,
        notice: &Notice,
    ) -> Result<MessageRef, ChatError> {
        let mut body = render::notice(&self.frame(), effect, notice, Where::Guild);
        once(&mut body, &render::nonce(effect));
        self.post(channel, &body).await
    }

    /// Posts a notice under a card: into the thread that has its id. Where that can't be had any more, in the channel.
    pub(crate) async fn post_in_thread(
        &self,
        card: &MessageRef,
        effect: &str,
        notice: &Notice,
    ) -> Result<MessageRef, ChatError> {
        let posted = self.post_notice(&card.message, effect, notice).await;
        let opened = match posted {
            Err(ChatError::Gone(_)) => self.start_thread(card, notice).await,
            // Archived and locked.
            Err(ChatError::Refused(_)) => self.open_thread(card).await,
            done => return done,
        };
        let posted = match opened {
            // Refused: another post under this card may have started it just now.
            Ok(()) | Err(ChatError::Refused(_)) => {
                self.post_notice(&card.message, effect, notice).await
            }
            Err(error) => Err(error),
        };
        match posted {
            Err(ChatError::Gone(why) | ChatError::Refused(why)) => {
                tracing::warn!(why, "a thread can't be posted to: posting in its channel");
                self.post_notice(&card.channel, effect, notice).await
            }
            done => done,
        }
    }

    async fn start_thread(&self, card: &MessageRef, notice: &Notice) -> Result<(), ChatError> {
        let body = json!({
            "name": render::thread_name(&self.frame(), notice),
            "auto_archive_duration": ARCHIVE_MINS,
        });
        let route = Route::ChannelMessageThreads {
            channel_id: id(&card.channel)?,
            message_id: id(&card.message)?,
        };
        let started = self
            .rest
            .send("start thread", route, LightMethod::Post, &body);
        started.await.map(|_| ())
    }

    async fn open_thread(&self, card: &MessageRef) -> Result<(), ChatError> {
        let body = json!({ "archived": false, "locked": false });
        let route = Route::Channel {
            channel_id: id(&card.message)?,
        };
        let opened = self
            .rest
            .send("open thread", route, LightMethod::Patch, &body);
        opened.await.map(|_| ())
    }

    /// Posts a notice to an account's direct messages, with a link to the card.
    pub(crate) async fn post_directly(
        &self,
        account: &str,
        card: &str,
        (effect, notice): (&str, &Notice),
    ) -> Result<MessageRef, ChatError> {
        let place = Where::Direct { card };
        let mut body = render::notice(&self.frame(), effect, notice, place);
        once(&mut body, &render::nonce(effect));
        self.post_to_account(account, &body).await
    }

    pub(super) async fn post_to_account(
        &self,
        account: &str,
        body: &Value,
    ) -> Result<MessageRef, ChatError> {
        let channel = match self.direct.get(account) {
            Some(channel) => channel,
            None => self.open_direct(account).await?,
        };
        self.post(&channel, body).await
    }

    async fn open_direct(&self, account: &str) -> Result<String, ChatError> {
        let body = json!({ "recipient_id": account });
        let route = Route::UserMeDmChannels;
        let answer = self
            .rest
            .send("open direct message", route, LightMethod::Post, &body)
            .await?;
        let direct = Direct::deserialize(&answer).map_err(|_| unreadable("open direct message"))?;
        self.direct.keep(account.to_owned(), direct.id.clone());
        Ok(direct.id)
    }

    /// The link to a message, or to the channel while it isn't there.
    pub(crate) fn link_to(&self, channel: &str, message: Option<&MessageRef>) -> String {
        let place = match message {
            Some(message) => format!("{}/{}", message.channel, message.message),
            None => channel.to_owned(),
        };
        let guild = &self.config().guild;
        format!("https://discord.com/channels/{guild}/{place}")
    }

    async fn post(&self, channel: &str, body: &Value) -> Result<MessageRef, ChatError> {
        let route = Route::ChannelMessages {
            channel_id: id::<ChannelId>(channel)?,
        };
        let answer = self
            .rest
            .send("post message", route, LightMethod::Post, body)
            .await?;
        let posted = Posted::deserialize(&answer).map_err(|_| unreadable("post message"))?;
        id::<MessageId>(&posted.id)?;
        Ok(MessageRef {
            channel: posted.channel_id,
            message: posted.id,
        })
    }

    pub(super) async fn channel(&self, channel: &str) -> Result<Channel, ChatError> {
        let route = Route::Channel {
            channel_id: id(channel)?,
        };
        self.rest.get("channel", route, Vec::new()).await
    }

    /// What a channel is called now.
    pub(crate) async fn channel_name(&self, channel: &str) -> Result<String, ChatError> {
        let name = self.channel(channel).await?.name;
        Ok(name.unwrap_or_else(|| channel.to_owned()))
    }

    /// Declares the guild's commands, all of them.
    pub(crate) async fn register(&self) -> Result<Registered, ChatError> {
        let route = Route::GuildCommands {
            application_id: self.application,
            guild_id: self.guild,
        };
        let known: Value = self.rest.get("commands", route, Vec::new()).await?;
        let wanted = render::command::commands();
        if is_known(&wanted, &known) {
            return Ok(Registered::Unchanged);
        }
        self.rest
            .send("declare commands", route, LightMethod::Put, &wanted)
            .await?;
        Ok(Registered::Changed)
    }
}

/// Is what we want there? Discord adds fields of its own, and leaves out empty lists.
fn is_known(wanted: &Value, known: &Value) -> bool {
    match (wanted, known) {
        (Value::Object(wanted), Value::Object(known)) => wanted.iter().all(|(name, value)| {
            let known = known.get(name);
            let nothing = value.as_array().is_some_and(Vec::is_empty);
            known.map_or(nothing, |known| is_known(value, known))
        }),
        (Value::Array(wanted), Value::Array(known)) => {
            wanted.len() == known.len()
                && wanted
                    .iter()
                    .zip(known)
                    .all(|(one, other)| is_known(one, other))
        }
        (wanted, known) => wanted == known,
    }
}

/// Discord posts a message with the same nonce once, within some minutes.
fn once(body: &mut Value, nonce: &str) {
    body["nonce"] = json!(nonce);
    body["enforce_nonce"] = json!(true);
}

pub(super) fn unreadable(what: &str) -> ChatError {
    ChatError::Unavailable(format!("discord's answer to {what} can't be read"))
}
