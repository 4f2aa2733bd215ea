//! The configured chats: the one place that knows which there are.

use std::sync::Arc;

use breakglass_core::id::Platform;
use breakglass_core::port::chat::Chat;
use breakglass_slack::{Mode, Pace, SlackChat, SlackConfig as SlackOptions};

use crate::clock::Clock;
use crate::config::{Config, SlackConfig, SlackMode};
use crate::trouble::Trouble;

/// Which chats are configured.
pub fn platforms(config: &Config) -> Vec<Platform> {
    let slack = config.slack.as_ref().map(|_| Platform::Slack);
    let discord = config.discord.as_ref().map(|_| Platform::Discord);
    slack.into_iter().chain(discord).collect()
}

/// Slack, if it is configured. Nothing is called yet.
pub fn slack(config: &Config, clock: &Arc<dyn Clock>) -> Result<Option<SlackChat>, Trouble> {
    let Some(slack) = &config.slack else {
        return Ok(None);
    };
    let chat = SlackChat::new(options(config, slack, clock));
    chat.map(Some).map_err(|error| {
        Trouble::new(
            error.to_string(),
            "Mend `[slack]`, then run `breakglass check`.",
        )
    })
}

/// All of them.
pub fn all(config: &Config, clock: &Arc<dyn Clock>) -> Result<Vec<Arc<dyn Chat>>, Trouble> {
    let slack = slack(config, clock)?;
    Ok(slack
        .into_iter()
        .map(|slack| Arc::new(slack) as Arc<dyn Chat>)
        .collect())
}

fn options(config: &Config, slack: &SlackConfig, clock: &Arc<dyn Clock>) -> SlackOptions {
    let clock = Arc::clone(clock);
    SlackOptions {
        mode: match &slack.mode {
            SlackMode::Socket { app_token } => Mode::Socket {
                app_token: app_token.clone(),
            },
            SlackMode::Http { signing_secret } => Mode::Http {
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
        pace: Pace::default(),
    }
}
