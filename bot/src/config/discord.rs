//! `[discord]`: the guild, its application, token and channels.

use secrecy::SecretString;

use super::{Section, ServerConfig, api_url};

/// Discord itself.
pub const DISCORD_API_URL: &str = "https://discord.com";

/// Hex digits of an application's public key.
const PUBLIC_KEY_DIGITS: usize = 64;

/// `[discord]`
#[derive(Debug, Clone)]
pub struct DiscordConfig {
    /// How Discord reaches us.
    pub mode: DiscordMode,
    /// The bot's token.
    pub token: SecretString,
    /// The application that the bot belongs to.
    pub application_id: String,
    /// Our guild; decisions from anywhere else are refused.
    pub guild: String,
    /// Where approvers are asked, unless a target names its own channel.
    pub approvers_channel: String,
    /// Where security sees everything.
    pub security_channel: String,
    /// Where people whom the policy doesn't list yet are made known.
    pub help_channel: Option<String>,
    /// Where the API is, without a slash at its end.
    pub api_url: String,
}

/// How Discord reaches us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiscordMode {
    /// We connect to its gateway.
    Gateway,
    /// It calls `[server] listen`.
    Http {
        /// What its calls are verified by, 64 hex digits.
        public_key: String,
    },
}

impl DiscordMode {
    /// As the configuration says it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Http { .. } => "http",
        }
    }
}

impl DiscordConfig {
    pub(super) fn read(section: &Section<'_, '_>, server: Option<&ServerConfig>) -> Option<Self> {
        let mode = mode(section);
        let token = section.need_secret("token");
        let application_id = id(section, "application_id");
        let guild = id(section, "guild");
        let approvers_channel = id(section, "approvers_channel");
        let security_channel = id(section, "security_channel");
        let help_channel = if section.is_present("help_channel") {
            id(section, "help_channel")
        } else {
            section.text("help_channel")
        };
        let api_url = api_url::read(section, server, DISCORD_API_URL);
        Some(Self {
            mode: mode?,
            token: token?,
            application_id: application_id?,
            guild: guild?,
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

fn mode(section: &Section<'_, '_>) -> Option<DiscordMode> {
    let public_key = public_key(section);
    let given = section.text("mode").unwrap_or_else(|| "gateway".to_owned());
    match given.as_str() {
        "gateway" => Some(DiscordMode::Gateway),
        "http" => {
            if !section.is_present("public_key") {
                section.need("public_key");
            }
            public_key.map(|public_key| DiscordMode::Http { public_key })
        }
        _ => {
            section.fault("mode", "write \"gateway\" or \"http\"");
            None
        }
    }
}

fn public_key(section: &Section<'_, '_>) -> Option<String> {
    let key = section.text("public_key")?;
    if key.len() == PUBLIC_KEY_DIGITS && key.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some(key);
    }
    let hint = "must be 64 hex digits: \"General Information\" of the application shows them";
    section.fault("public_key", hint);
    None
}

/// A snowflake, as `Copy ID` gives it in developer mode.
fn id(section: &Section<'_, '_>, key: &str) -> Option<String> {
    let id = section.need(key)?;
    if (17..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(id);
    }
    let hint = "an id is 17 to 20 digits in quotes: turn on developer mode, then \"Copy ID\"";
    section.fault(key, format!("{id:?}: {hint}"));
    None
}
