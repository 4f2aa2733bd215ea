//! `[slack]`: the workspace, its tokens and channels.

use secrecy::{ExposeSecret, SecretString};

use super::{Section, ServerConfig, api_url};

/// Slack itself.
pub const SLACK_API_URL: &str = "https://slack.com/api";

/// `[slack]`
#[derive(Debug, Clone)]
pub struct SlackConfig {
    /// How Slack reaches us.
    pub mode: SlackMode,
    /// `xoxb-…`
    pub bot_token: SecretString,
    /// Our workspace; decisions from anywhere else are refused.
    pub team: String,
    /// Where approvers are asked, unless a target names its own channel.
    pub approvers_channel: String,
    /// Where security sees everything.
    pub security_channel: String,
    /// Where people whom the policy doesn't list yet are made known.
    pub help_channel: Option<String>,
    /// Where the API is, without a slash at its end.
    pub api_url: String,
}

/// How Slack reaches us.
#[derive(Debug, Clone)]
pub enum SlackMode {
    /// We open a socket to it.
    Socket {
        /// `xapp-…`
        app_token: SecretString,
    },
    /// It calls `[server] listen`.
    Http {
        /// What its calls are signed with.
        signing_secret: SecretString,
    },
}

impl SlackMode {
    /// As the configuration says it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Socket { .. } => "socket",
            Self::Http { .. } => "http",
        }
    }
}

impl SlackConfig {
    pub(super) fn read(section: &Section<'_, '_>, server: Option<&ServerConfig>) -> Option<Self> {
        let mode = mode(section);
        let bot_token = token(
            section,
            "bot_token",
            section.need_secret("bot_token"),
            &["xoxb-", "xoxe.xoxb-"],
        );
        let team = id(
            section,
            "team",
            "a workspace's id begins with T, as in its URL in a browser",
            &['T'],
        );
        let hint = "a channel's id begins with C: it stands at the end of \"View channel details\"";
        let approvers_channel = id(section, "approvers_channel", hint, &['C', 'G']);
        let security_channel = id(section, "security_channel", hint, &['C', 'G']);
        let help_channel = if section.is_present("help_channel") {
            id(section, "help_channel", hint, &['C', 'G'])
        } else {
            section.text("help_channel")
        };
        let api_url = api_url::read(section, server, SLACK_API_URL);
        Some(Self {
            mode: mode?,
            bot_token: bot_token?,
            team: team?,
            approvers_channel: approvers_channel?,
            security_channel: security_channel?,
            help_channel,
            api_url: api_url?,
        })
    }

    /// The API's host, announced at start.
    pub fn host(&self) -> String {
        api_url::host(&self.api_url)
    }
}

fn mode(section: &Section<'_, '_>) -> Option<SlackMode> {
    let app_token = token(
        section,
        "app_token",
        section.secret("app_token"),
        &["xapp-"],
    );
    let signing_secret = section.secret("signing_secret");
    let given = section.text("mode").unwrap_or_else(|| "socket".to_owned());
    match given.as_str() {
        "socket" => {
            if app_token.is_none() {
                section.need_secret("app_token");
            }
            app_token.map(|app_token| SlackMode::Socket { app_token })
        }
        "http" => {
            if signing_secret.is_none() {
                section.need_secret("signing_secret");
            }
            signing_secret.map(|signing_secret| SlackMode::Http { signing_secret })
        }
        _ => {
            section.fault("mode", "write \"socket\" or \"http\"");
            None
        }
    }
}

/// A token of the right kind; a user's token in a bot's place would act as that user.
fn token(
    section: &Section<'_, '_>,
    key: &str,
    token: Option<SecretString>,
    prefixes: &[&str],
) -> Option<SecretString> {
    let token = token?;
    if prefixes
        .iter()
        .any(|prefix| token.expose_secret().starts_with(prefix))
    {
        return Some(token);
    }
    section.fault(
        key,
        format!(
            "must begin with {}: this is some other kind of token",
            prefixes[0]
        ),
    );
    None
}

fn id(section: &Section<'_, '_>, key: &str, hint: &str, first: &[char]) -> Option<String> {
    let id = section.need(key)?;
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    if id.len() > 1 && id.starts_with(first) && id.chars().all(plain) {
        return Some(id);
    }
    section.fault(key, format!("{id:?}: {hint}"));
    None
}
