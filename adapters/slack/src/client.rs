//! Calls to Slack: each with a time limit, every failure sorted into what to do about it, look-ups remembered.

mod cache;
mod calls;
pub(crate) mod config;
mod examine;
mod fault;
mod people;
mod raw;
mod respond;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use breakglass_core::port::chat::{AccountStatus, ChatError};
use secrecy::ExposeSecret as _;
use serde::de::DeserializeOwned;
use serde_json::Value;
use slack_morphism::hyper_tokio::{SlackClientHyperConnector, SlackClientHyperHttpsConnector};
use slack_morphism::{SlackApiToken, SlackApiTokenValue, SlackClient};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use self::cache::Cache;
use self::config::{Mode, SlackConfig, SlackError};
use self::raw::Raw;
use crate::render::Frame;
use crate::verify::Ours;

pub use self::people::PersonRow;

/// What is needed to talk to Slack.
pub(crate) struct Client {
    config: SlackConfig,
    slack: SlackClient<SlackClientHyperHttpsConnector>,
    /// With connections of its own: those of the sockets end with the runtime that they are opened on.
    for_sockets: SlackClient<SlackClientHyperHttpsConnector>,
    bot: SlackApiToken,
    app: Option<SlackApiToken>,
    raw: Raw,
    ours: OnceCell<Ours>,
    /// The app that our sockets were greeted as.
    greeted_as: OnceLock<String>,
    accounts: Cache<AccountStatus>,
    groups: Cache<Arc<BTreeSet<String>>>,
    direct: Cache<String>,
    /// What channels are called.
    channels: Cache<String>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Nothing is called yet: Slack may be away when we start.
    pub(crate) fn new(config: SlackConfig) -> Result<Self, SlackError> {
        config.check()?;
        let connector = raw::connector(&config.api_url)?;
        let slack = || {
            let http = SlackClientHyperConnector::with_connector(connector.clone())
                .with_slack_api_url(config.api_url.trim_end_matches('/'));
            SlackClient::new(http)
        };
        let token = |secret: &str| SlackApiToken::new(SlackApiTokenValue(secret.to_owned()));
        let app = match &config.mode {
            Mode::Socket { app_token } => Some(token(app_token.expose_secret())),
            Mode::Http { .. } => None,
        };
        let pace = &config.pace;
        Ok(Self {
            slack: slack(),
            for_sockets: slack(),
            bot: token(config.bot_token.expose_secret()),
            app,
            raw: Raw::new(connector.clone(), pace.call),
            ours: OnceCell::new(),
            greeted_as: OnceLock::new(),
            accounts: Cache::new(pace.fresh, pace.usable),
            groups: Cache::new(pace.fresh, pace.usable),
            direct: Cache::new(DIRECT_FRESH, DIRECT_FRESH),
            channels: Cache::new(pace.fresh, pace.usable),
            config,
        })
    }

    pub(crate) fn config(&self) -> &SlackConfig {
        &self.config
    }

    pub(crate) fn team(&self) -> &str {
        &self.config.team
    }

    /// What every picture needs to know: what time it is, and whether this is a test.
    pub(crate) fn frame(&self) -> Frame {
        Frame {
            now: (self.config.clock)(),
            test: self.config.test_mode,
        }
    }

    /// What opens the sockets.
    pub(crate) fn for_sockets(&self) -> &SlackClient<SlackClientHyperHttpsConnector> {
        &self.for_sockets
    }

    pub(crate) fn app_token(&self) -> Option<&SlackApiToken> {
        self.app.as_ref()
    }

    /// A socket was opened for this app.
    pub(crate) fn greeted(&self, app: &str) {
        let known = self.greeted_as.get_or_init(|| app.to_owned());
        let bot = self.ours.get().map(|ours| &ours.app);
        if known != app || bot.is_some_and(|bot| bot != app) {
            tracing::error!(
                app,
                "slack.app_token and slack.bot_token belong to different apps"
            );
        }
    }

    /// Which app and bot we are, asked for once.
    pub(crate) async fn ours(&self) -> Result<Ours, ChatError> {
        self.ours
            .get_or_try_init(|| self.find_ours())
            .await
            .cloned()
    }

    /// A method that writes: JSON in, JSON out.
    async fn post<T: DeserializeOwned + Send>(
        &self,
        method: &str,
        body: &Value,
    ) -> Result<T, ChatError> {
        self.post_as(&self.bot, method, body).await
    }

    async fn post_as<T: DeserializeOwned + Send>(
        &self,
        token: &SlackApiToken,
        method: &str,
        body: &Value,
    ) -> Result<T, ChatError> {
        let session = self.slack.open_session(token);
        let call = session.http_session_api.http_post(method, body, None);
        self.within(method, call).await
    }

    /// A method that reads: Slack takes no JSON there.
    async fn get<T: DeserializeOwned + Send>(
        &self,
        method: &str,
        parameters: &[(&str, &str)],
    ) -> Result<T, ChatError> {
        let parameters: Vec<(&str, Option<&str>)> = parameters
            .iter()
            .map(|(name, value)| (*name, Some(*value)))
            .collect();
        let session = self.slack.open_session(&self.bot);
        let call = session.http_session_api.http_get(method, &parameters, None);
        self.within(method, call).await
    }

    async fn within<T>(
        &self,
        method: &str,
        call: impl Future<Output = slack_morphism::ClientResult<T>>,
    ) -> Result<T, ChatError> {
        match timeout(self.config.pace.call, call).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(fault::sort(method, &error)),
            Err(_) => Err(ChatError::Unavailable(format!(
                "slack didn't answer {method} within {} s",
                self.config.pace.call.as_secs()
            ))),
        }
    }
}

/// The direct channel with a person never changes.
const DIRECT_FRESH: Duration = Duration::from_hours(24);
