//! The configured chats: the one place that knows which there are.

use std::sync::Arc;

use axum::Router;
use breakglass_core::id::Platform;
use breakglass_core::port::chat::{Chat, Desk, Lines};
use breakglass_discord::{DiscordChat, DiscordConfig as DiscordOptions};
use breakglass_slack::{SlackChat, SlackConfig as SlackOptions};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::{Config, DiscordConfig, DiscordMode, SlackConfig, SlackMode};
use crate::trouble::Trouble;

/// A configured chat, with the way by which what people do there comes in.
#[derive(Debug, Clone)]
pub enum Adapter {
    /// Slack.
    Slack(SlackChat, Reach),
    /// Discord.
    Discord(DiscordChat, Reach),
}

/// Who opens the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// We do, and keep it.
    Lines,
    /// The chat does: it calls us over HTTP.
    Http,
}

impl Adapter {
    /// What is sent through it.
    pub fn chat(&self) -> Arc<dyn Chat> {
        match self {
            Self::Slack(chat, _) => Arc::new(chat.clone()),
            Self::Discord(chat, _) => Arc::new(chat.clone()),
        }
    }

    /// Which chat it is.
    pub const fn platform(&self) -> Platform {
        match self {
            Self::Slack(..) => Platform::Slack,
            Self::Discord(..) => Platform::Discord,
        }
    }

    /// Who opens the connection.
    pub const fn reach(&self) -> Reach {
        match self {
            Self::Slack(_, reach) | Self::Discord(_, reach) => *reach,
        }
    }

    /// The connections that we keep.
    pub fn lines(&self) -> watch::Receiver<Lines> {
        match self {
            Self::Slack(chat, _) => chat.lines(),
            Self::Discord(chat, _) => chat.lines(),
        }
    }

    /// Where it calls us, for [`Reach::Http`].
    pub fn router(&self, desk: Arc<dyn Desk>) -> Router {
        match self {
            Self::Slack(chat, _) => chat.router(desk),
            Self::Discord(chat, _) => chat.router(desk),
        }
    }

    /// Keeps the connections, for [`Reach::Lines`].
    pub async fn listen(self, desk: Arc<dyn Desk>, stop: CancellationToken) {
        match self {
            Self::Slack(chat, _) => chat.listen(desk, stop).await,
            Self::Discord(chat, _) => chat.listen(desk, stop).await,
        }
    }
}

/// Which chats are configured.
pub fn platforms(config: &Config) -> Vec<Platform> {
    let slack = config.slack.as_ref().map(|_| Platform::Slack);
    let discord = config.discord.as_ref().map(|_| Platform::Discord);
    slack.into_iter().chain(discord).collect()
}

/// How a configured chat reads in a line: where, and by which way.
pub fn in_short(config: &Config) -> Vec<String> {
    let slack = config.slack.as_ref();
    let slack = slack.map(|slack| format!("Slack {} by {}", slack.team, slack.mode.as_str()));
    let discord = config.discord.as_ref();
    let discord =
        discord.map(|discord| format!("Discord {} by {}", discord.guild, discord.mode.as_str()));
    slack.into_iter().chain(discord).collect()
}

/// All of them. Nothing is called yet.
pub fn all(config: &Config, clock: &Arc<dyn Clock>) -> Result<Vec<Adapter>, Trouble> {
    let mut all = Vec::new();
    for platform in platforms(config) {
        all.extend(one(config, platform, clock)?);
    }
    Ok(all)
}

/// That of a platform, if it is configured.
pub fn one(
    config: &Config,
    platform: Platform,
    clock: &Arc<dyn Clock>,
) -> Result<Option<Adapter>, Trouble> {
    match platform {
        Platform::Slack => {
            let reach = |slack: &SlackConfig| match slack.mode {
                SlackMode::Socket { .. } => Reach::Lines,
                SlackMode::Http { .. } => Reach::Http,
            };
            let reach = config.slack.as_ref().map_or(Reach::Lines, reach);
            let chat = slack(config, clock)?;
            Ok(chat.map(|chat| Adapter::Slack(chat, reach)))
        }
        Platform::Discord => {
            let reach = |discord: &DiscordConfig| match discord.mode {
                DiscordMode::Gateway => Reach::Lines,
                DiscordMode::Http { .. } => Reach::Http,
            };
            let reach = config.discord.as_ref().map_or(Reach::Lines, reach);
            let chat = discord(config, clock)?;
            Ok(chat.map(|chat| Adapter::Discord(chat, reach)))
        }
        Platform::Cli | Platform::Http => Ok(None),
    }
}

/// Slack, if it is configured.
pub fn slack(config: &Config, clock: &Arc<dyn Clock>) -> Result<Option<SlackChat>, Trouble> {
    let Some(slack) = &config.slack else {
        return Ok(None);
    };
    let chat = SlackChat::new(slack_options(config, slack, clock));
    chat.map(Some).map_err(|error| {
        Trouble::new(
            error.to_string(),
            "Mend `[slack]`, then run `breakglass check`.",
        )
    })
}

/// Discord, if it is configured.
pub fn discord(config: &Config, clock: &Arc<dyn Clock>) -> Result<Option<DiscordChat>, Trouble> {
    let Some(discord) = &config.discord else {
        return Ok(None);
    };
    let chat = DiscordChat::new(discord_options(config, discord, clock));
    chat.map(Some).map_err(|error| {
        Trouble::new(
            error.to_string(),
            "Mend `[discord]`, then run `breakglass check`.",
        )
    })
}

fn slack_options(config: &Config, slack: &SlackConfig, clock: &Arc<dyn Clock>) -> SlackOptions {
    let clock = Arc::clone(clock);
    SlackOptions {
        mode: match &slack.mode {
            SlackMode::Socket { app_token } => breakglass_slack::Mode::Socket {
                app_token: app_token.clone(),
            },
            SlackMode::Http { signing_secret } => breakglass_slack::Mode::Http {
                signing_secret: signing_secret.clone(),
            },
        },
        bot_token: slack.bot_token.clone(),
        team: slack.team.clone(),
        approvers_channel: slack.approvers_channel.clone(),
        security_channel: slack.security_channel.clone(),
        help_channel: slack.help_channel.clone(),
        api_url: slack.api_url.clone(),
        test_mode: config.server.test_mode,
        clock: Arc::new(move || clock.now()),
        pace: breakglass_slack::Pace::default(),
    }
}

fn discord_options(
    config: &Config,
    discord: &DiscordConfig,
    clock: &Arc<dyn Clock>,
) -> DiscordOptions {
    let clock = Arc::clone(clock);
    DiscordOptions {
        mode: match &discord.mode {
            DiscordMode::Gateway => breakglass_discord::Mode::Gateway,
            DiscordMode::Http { public_key } => breakglass_discord::Mode::Http {
                public_key: public_key.clone(),
            },
        },
        token: discord.token.clone(),
        application_id: discord.application_id.clone(),
        guild: discord.guild.clone(),
        approvers_channel: discord.approvers_channel.clone(),
        security_channel: discord.security_channel.clone(),
        help_channel: discord.help_channel.clone(),
        api_url: discord.api_url.clone(),
        test_mode: config.server.test_mode,
        clock: Arc::new(move || clock.now()),
        pace: breakglass_discord::Pace::default(),
    }
}
