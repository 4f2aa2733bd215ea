//! What the adapter needs to know to run.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use breakglass_core::time::Timestamp;
use hyper::Uri;
use secrecy::SecretString;

/// Slack's own API.
pub const API_URL: &str = "https://slack.com/api";

/// Tells the time. Signatures are judged by it, and texts say how long is left.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// `[slack]` of the service config, with secrets read.
#[derive(Clone)]
pub struct SlackConfig {
    /// How payloads come in.
    pub mode: Mode,
    /// `xoxb-…`
    pub bot_token: SecretString,
    /// The workspace: nothing from elsewhere counts.
    pub team: String,
    /// For approvers, unless a target names its own.
    pub approvers_channel: String,
    /// For security.
    pub security_channel: String,
    /// Where people whom the policy doesn't list yet are made known.
    pub help_channel: Option<String>,
    /// [`API_URL`], or another host's in test mode.
    pub api_url: String,
    /// Another `api_url` is allowed, and every message says TEST.
    pub test_mode: bool,
    /// The wall clock.
    pub clock: Clock,
    /// How patient the adapter is.
    pub pace: Pace,
}

impl fmt::Debug for SlackConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlackConfig")
            .field("mode", &self.mode)
            .field("team", &self.team)
            .field("api_url", &self.api_url)
            .field("test_mode", &self.test_mode)
            .finish_non_exhaustive()
    }
}

/// How payloads come in.
#[derive(Debug, Clone)]
pub enum Mode {
    /// Through sockets that we open.
    Socket {
        /// `xapp-…`
        app_token: SecretString,
    },
    /// Through HTTP requests that Slack signs.
    Http {
        /// What they are signed with.
        signing_secret: SecretString,
    },
}

/// How patient the adapter is. The defaults suit Slack; tests want shorter ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// The longest that a call may take.
    pub call: Duration,
    /// Accounts and groups are looked up again when older than this.
    pub fresh: Duration,
    /// They are unknown when older than this and Slack doesn't answer.
    pub usable: Duration,
    /// Sockets held open, 1 to 9: Slack allows 10 for an app, and each acknowledges one act after another.
    pub sockets: u32,
    /// A socket that isn't greeted within this is opened anew.
    pub hello: Duration,
    /// One of ours is opened anew this often, as Slack tells only then how many there are.
    pub look: Duration,
    /// More sockets than ours are looked at again after this before it is an alarm: ours may have lingered.
    pub settle: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            call: Duration::from_secs(10),
            fresh: Duration::from_mins(5),
            usable: Duration::from_mins(15),
            sockets: 4,
            hello: Duration::from_secs(20),
            look: Duration::from_mins(10),
            settle: Duration::from_secs(30),
        }
    }
}

/// Why the adapter can't be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlackError {
    /// Not a URL, or not Slack's without test mode.
    #[error(
        "slack.api_url {0:?} needs server.test_mode = true; Slack's own is https://slack.com/api"
    )]
    ApiUrl(String),
    /// No certificates, or a broken TLS set-up.
    #[error("TLS can't be set up: {0}")]
    Tls(String),
}

impl SlackConfig {
    /// Anything but Slack itself needs test mode.
    pub(crate) fn check(&self) -> Result<(), SlackError> {
        let wrong = || SlackError::ApiUrl(self.api_url.clone());
        let url: Uri = self.api_url.parse().map_err(|_| wrong())?;
        let host = url.host().ok_or_else(wrong)?;
        if !matches!(url.scheme_str(), Some("http" | "https")) {
            return Err(wrong());
        }
        let slack = host == "slack.com" && url.scheme_str() == Some("https");
        if slack || self.test_mode {
            Ok(())
        } else {
            Err(wrong())
        }
    }

    /// The API's host, with its port where that is unusual.
    pub(crate) fn host(&self) -> String {
        let url: Option<Uri> = self.api_url.parse().ok();
        let authority = url.and_then(|url| url.authority().map(ToString::to_string));
        authority.unwrap_or_default()
    }
}
