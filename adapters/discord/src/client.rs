//! Calls to Discord: each with a time limit, every failure sorted into what to do about it, members remembered.

pub(crate) mod calls;
pub(crate) mod config;
mod examine;
mod fault;
mod kept;
mod members;
mod people;
pub(crate) mod respond;
mod rest;
#[cfg(test)]
mod tests;

use std::num::NonZeroU64;
use std::sync::Arc;

use breakglass_core::intent::Typed;
use breakglass_core::port::chat::ChatError;
use serde::Deserialize;
use serenity::http::Route;
use serenity::model::id::{ApplicationId, GuildId};

use self::config::{DiscordConfig, DiscordError};
use self::kept::Kept;
use self::members::Members;
use self::rest::Rest;
use crate::render::Frame;
use crate::verify::Ours;

pub use self::calls::Registered;
pub use self::people::PersonRow;

/// Words of forms that wait for another try.
const DRAFTS_MAX: usize = 2_000;
/// Interactions whose answers are told apart as the first or a further one.
const ANSWERS_MAX: usize = 10_000;
/// Channels of direct messages.
const DIRECT_MAX: usize = 20_000;

/// What is needed to talk to Discord.
pub(crate) struct Client {
    config: DiscordConfig,
    rest: Rest,
    application: ApplicationId,
    guild: GuildId,
    members: Members,
    /// What was typed into forms that couldn't be sent.
    drafts: Kept<String, Typed>,
    /// Whether an interaction has its first answer; held while one is being sent.
    answers: Kept<u64, Arc<tokio::sync::Mutex<bool>>>,
    /// The direct channel of an account; it never changes.
    direct: Kept<String, String>,
}

#[derive(Deserialize)]
struct Gateway {
    url: String,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Nothing is called yet: Discord may be away when we start.
    pub(crate) fn new(config: DiscordConfig) -> Result<Self, DiscordError> {
        config.check()?;
        let number = |name, text: &str| {
            let number = text.parse::<NonZeroU64>();
            number.map_err(|_| DiscordError::Id(name))
        };
        Ok(Self {
            rest: Rest::new(&config)?,
            application: number("application_id", &config.application_id)?.into(),
            guild: number("guild", &config.guild)?.into(),
            members: Members::new(config.pace.fresh, config.pace.usable),
            drafts: Kept::new(DRAFTS_MAX),
            answers: Kept::new(ANSWERS_MAX),
            direct: Kept::new(DIRECT_MAX),
            config,
        })
    }

    pub(crate) fn config(&self) -> &DiscordConfig {
        &self.config
    }

    pub(crate) fn ours(&self) -> Ours {
        Ours {
            application: self.config.application_id.clone(),
            guild: self.config.guild.clone(),
        }
    }

    /// What every picture needs to know: what time it is, and whether this is a test.
    pub(crate) fn frame(&self) -> Frame {
        Frame {
            now: (self.config.clock)(),
            test: self.config.test_mode,
        }
    }

    /// Where the gateway stands, as Discord says now.
    pub(crate) async fn gateway_url(&self) -> Result<String, ChatError> {
        let gateway: Gateway = self
            .rest
            .get("gateway", Route::GatewayBot, Vec::new())
            .await?;
        if self.config.is_gateway(&gateway.url) {
            Ok(gateway.url)
        } else {
            let why = "discord.api_url names a gateway that isn't Discord's".to_owned();
            Err(ChatError::Refused(why))
        }
    }

    /// Did we write what this account wrote? A bot's account has its application's id, but for some of the oldest.
    pub(crate) fn is_ours(&self, author: &str) -> bool {
        author == self.config.application_id
    }

    /// The words that are kept under a name.
    pub(crate) fn draft(&self, name: &str) -> Option<Typed> {
        self.drafts.get(name)
    }
}

/// An id as serenity takes it; one that isn't Discord's belongs to nothing there.
fn id<T: From<NonZeroU64>>(text: &str) -> Result<T, ChatError> {
    let number = text.parse::<NonZeroU64>();
    number
        .map(T::from)
        .map_err(|_| ChatError::Gone(format!("{text:?} is no id of Discord's")))
}
