//! What the adapter needs to know to run.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use breakglass_core::time::Timestamp;
use secrecy::SecretString;
use url::Url;

use crate::render::is_snowflake;
use crate::verify::Key;

/// Discord itself.
pub const API_URL: &str = "https://discord.com";

/// Tells the time. Signatures are judged by it, and texts say how long is left.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// `[discord]` of the service config, with secrets read.
#[derive(Clone)]
pub struct DiscordConfig {
    /// How interactions come in.
    pub mode: Mode,
    /// The bot's token.
    pub token: SecretString,
    /// Our application: nothing for another counts.
    pub application_id: String,
    /// The guild: nothing from elsewhere counts.
    pub guild: String,
    /// For approvers, unless a target names its own.
    pub approvers_channel: String,
    /// For security.
    pub security_channel: String,
    /// Where people whom the policy doesn't list yet are made known.
    pub help_channel: Option<String>,
    /// [`API_URL`], or another host in test mode.
    pub api_url: String,
    /// Another `api_url` is allowed, and every message says TEST.
    pub test_mode: bool,
    /// The wall clock.
    pub clock: Clock,
    /// How patient the adapter is.
    pub pace: Pace,
}

impl fmt::Debug for DiscordConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DiscordConfig")
            .field("mode", &self.mode)
            .field("application_id", &self.application_id)
            .field("guild", &self.guild)
            .field("api_url", &self.api_url)
            .field("test_mode", &self.test_mode)
            .finish_non_exhaustive()
    }
}

/// How interactions come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Through the gateway, to which we connect.
    Gateway,
    /// Through HTTP requests that Discord signs.
    Http {
        /// What they are checked with: 64 hex digits of the application's page.
        public_key: String,
    },
}

/// How patient the adapter is. The defaults suit Discord; tests want shorter ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// The longest that a call may take.
    pub call: Duration,
    /// The members are looked up again when older than this.
    pub fresh: Duration,
    /// They are unknown when older than this and Discord doesn't answer.
    pub usable: Duration,
    /// What to wait before the gateway is tried anew.
    pub again: Duration,
    /// How often it is looked whether the gateway's connection stands.
    pub look: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            call: Duration::from_secs(10),
            fresh: Duration::from_mins(5),
            usable: Duration::from_mins(15),
            again: Duration::from_secs(5),
            look: Duration::from_secs(1),
        }
    }
}

/// Why the adapter can't be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiscordError {
    /// Not a URL, or not Discord's without test mode.
    #[error(
        "discord.api_url {0:?} needs server.test_mode = true; Discord's own is https://discord.com"
    )]
    ApiUrl(String),
    /// Not an id as Discord writes them.
    #[error("discord.{0} is a number of 17 to 20 digits: right-click it and copy its id")]
    Id(&'static str),
    /// Not a key.
    #[error(
        "discord.public_key is 64 hex digits, on the application's page under General Information"
    )]
    PublicKey,
    /// A broken TLS set-up.
    #[error("the HTTP client can't be set up: {0}")]
    Http(String),
}

impl DiscordConfig {
    /// Anything but Discord itself needs test mode; ids must be ids.
    pub(crate) fn check(&self) -> Result<(), DiscordError> {
        let wrong = || DiscordError::ApiUrl(self.api_url.clone());
        let url = Url::parse(&self.api_url).map_err(|_| wrong())?;
        let host = url.host_str().ok_or_else(wrong)?;
        let web = matches!(url.scheme(), "http" | "https");
        let discord = host == "discord.com" && url.scheme() == "https" && url.port().is_none();
        if !web || !(discord || self.test_mode) {
            return Err(wrong());
        }
        let help = self.help_channel.as_deref();
        for (name, id) in [
            ("application_id", Some(self.application_id.as_str())),
            ("guild", Some(&self.guild)),
            ("approvers_channel", Some(&self.approvers_channel)),
            ("security_channel", Some(&self.security_channel)),
            ("help_channel", help),
        ] {
            if id.is_some_and(|id| !is_snowflake(id)) {
                return Err(DiscordError::Id(name));
            }
        }
        match &self.mode {
            Mode::Http { public_key } if Key::read(public_key).is_none() => {
                Err(DiscordError::PublicKey)
            }
            Mode::Http { .. } | Mode::Gateway => Ok(()),
        }
    }

    /// The API's host, with its port where that is unusual.
    pub(crate) fn host(&self) -> String {
        let Ok(url) = Url::parse(&self.api_url) else {
            return String::new();
        };
        let host = url.host_str().unwrap_or_default();
        match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// May a gateway stand there? Discord's own is encrypted and on its own domain.
    pub(crate) fn is_gateway(&self, url: &str) -> bool {
        let Ok(url) = Url::parse(url) else {
            return false;
        };
        let host = url.host_str().unwrap_or_default();
        let discord =
            url.scheme() == "wss" && (host == "discord.gg" || host.ends_with(".discord.gg"));
        let real = Url::parse(&self.api_url).is_ok_and(|api| api.host_str() == Some("discord.com"));
        discord || (self.test_mode && !real && matches!(url.scheme(), "ws" | "wss"))
    }
}
