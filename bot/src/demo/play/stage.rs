//! The chats that the play is acted on.

use anyhow::Context as _;
use breakglass_sandbox::Sandbox;
use breakglass_sandbox::discord::{self, Guild};
use serde_json::json;

use super::STEP_WITHIN;
use crate::demo::{guild, workspace};

/// A chat with the people who play.
#[derive(Debug)]
pub(super) enum Stage {
    Slack(Sandbox),
    Discord(Guild),
}

/// Who approves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Player {
    Bo,
    Ines,
}

/// The card, as somebody reads it.
struct Card {
    title: String,
    text: String,
}

impl Stage {
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Slack(_) => "Slack",
            Self::Discord(_) => "Discord",
        }
    }

    /// What Maya types: short, so that its end can be watched.
    pub(super) const fn line(&self) -> &'static str {
        match self {
            Self::Slack(_) => {
                "/breakglass orders-db admin 3s sev1 INC-2231 replication slot stuck, orders are failing"
            }
            Self::Discord(_) => {
                "/breakglass request target:orders-db role:admin duration:3s severity:1 incident:INC-2231 \
                 why:replication slot stuck, orders are failing"
            }
        }
    }

    /// The server hears what is done here.
    pub(super) async fn connects(&self) -> anyhow::Result<()> {
        let seen = match self {
            Self::Slack(sandbox) => {
                let open = |sandbox: &Sandbox| (sandbox.connections() > 0).then_some(());
                sandbox.wait_for(STEP_WITHIN, open).await
            }
            Self::Discord(guild) => {
                let open = |guild: &Guild| (guild.connections() > 0).then_some(());
                guild.wait_for(STEP_WITHIN, open).await
            }
        };
        seen.context("the server never connected")
    }

    /// Maya sends her line off.
    pub(super) async fn asks(&self) -> anyhow::Result<()> {
        match self {
            Self::Slack(sandbox) => {
                let text = self.line().trim_start_matches("/breakglass ");
                let (command, channel) = ("/breakglass", "C0INCIDENT");
                sandbox.slash("U01MAYA", channel, command, text).await?;
            }
            Self::Discord(guild) => {
                let options = json!({
                    "target": "orders-db", "role": "admin", "duration": "3s", "severity": 1, "incident": "INC-2231",
                    "why": "replication slot stuck, orders are failing",
                });
                let (maya, command) = ("820000000000000001", "/breakglass request");
                guild.slash(maya, guild::INCIDENT, command, options).await?;
            }
        }
        Ok(())
    }

    /// Somebody presses `Approve` on the card.
    pub(super) async fn approves(&self, player: Player) -> anyhow::Result<()> {
        match self {
            Self::Slack(sandbox) => {
                let user = match player {
                    Player::Bo => "U02BO",
                    Player::Ines => "U03INES",
                };
                let cards = sandbox.messages(workspace::APPROVERS);
                let card = cards.first().context("there is no card")?;
                sandbox.press(user, card, "Approve").await?;
            }
            Self::Discord(guild) => {
                let user = match player {
                    Player::Bo => "820000000000000002",
                    Player::Ines => "820000000000000003",
                };
                let cards = guild.messages(guild::APPROVERS);
                let card = cards.first().context("there is no card")?;
                guild.press(user, card, "Approve").await?;
            }
        }
        Ok(())
    }

    /// The card's title once it says this.
    pub(super) async fn card_saying(&self, state: &str) -> anyhow::Result<String> {
        self.card(|card| card.title.contains(state))
            .await
            .with_context(|| format!("no card ever said {state}"))
    }

    /// The card's title once these words stand anywhere on it.
    pub(super) async fn card_with(&self, words: &str) -> anyhow::Result<String> {
        self.card(|card| card.text.contains(words))
            .await
            .with_context(|| format!("no card ever said {words}"))
    }

    async fn card(&self, is_meant: impl Fn(&Card) -> bool) -> Option<String> {
        let meant = |mut cards: Vec<Card>| {
            let at = cards.iter().position(&is_meant)?;
            Some(cards.swap_remove(at).title)
        };
        match self {
            Self::Slack(sandbox) => {
                let look = |sandbox: &Sandbox| meant(on_slack(sandbox));
                sandbox.wait_for(STEP_WITHIN, look).await
            }
            Self::Discord(guild) => {
                let look = |guild: &Guild| meant(on_discord(guild));
                guild.wait_for(STEP_WITHIN, look).await
            }
        }
    }
}

fn on_slack(sandbox: &Sandbox) -> Vec<Card> {
    let messages = sandbox.messages(workspace::APPROVERS);
    let card = |message: &breakglass_sandbox::Message| {
        let text = message.shown();
        let title = text.lines().next().unwrap_or_default().to_owned();
        Card { title, text }
    };
    messages.iter().map(card).collect()
}

fn on_discord(guild: &Guild) -> Vec<Card> {
    let messages = guild.messages(guild::APPROVERS);
    let card = |message: &discord::Message| {
        let title = message.embeds.iter().find_map(|one| one["title"].as_str());
        Card {
            title: title.unwrap_or_default().to_owned(),
            text: message.shown(),
        }
    };
    messages.iter().map(card).collect()
}
