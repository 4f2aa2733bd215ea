//! `breakglass people import`: the people of a chat's group, as the policy lists them.

use std::sync::Arc;

use anyhow::Context as _;
use breakglass_core::id::Platform;
use clap::Subcommand;
use serde::Serialize;

use super::{Exit, Session, output, session};
use crate::chats;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::policy_files;

/// List people of a chat for the policy
#[derive(Debug, Subcommand)]
pub(super) enum People {
    /// Print them as `[[person]]` tables, to be looked over and pasted
    #[command(subcommand)]
    Import(Import),
}

/// From where.
#[derive(Debug, Subcommand)]
pub(super) enum Import {
    /// The members of a Slack user group who aren't in the policy yet
    Slack {
        /// The user group's id
        #[arg(long, value_name = "S01SRE")]
        group: String,
    },
    /// The members of a Discord role who aren't in the policy yet
    Discord {
        /// The role's id
        #[arg(long, value_name = "ROLE_ID")]
        role: String,
    },
}

/// Somebody of a chat, as the policy would list them.
struct Found {
    account: String,
    row: Row,
    table: String,
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    name: String,
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slack: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    discord: Option<String>,
}

impl People {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let Self::Import(import) = self;
        let config = session.need_config()?;
        let platform = match import {
            Import::Slack { .. } => Platform::Slack,
            Import::Discord { .. } => Platform::Discord,
        };
        let people = session::wait(import.people(&config))?;
        let (new, listed) = split(&config, platform, people);
        if listed > 0 {
            output::say(format!(
                "{listed} of them are in the policy already and left out."
            ));
        }
        let (rows, tables): (Vec<Row>, Vec<String>) = new
            .into_iter()
            .map(|found| (found.row, found.table))
            .unzip();
        session.output().facts(&rows, |_| tables.join("\n"));
        Ok(Exit::Done)
    }
}

impl Import {
    async fn people(self, config: &Config) -> anyhow::Result<Vec<Found>> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        match self {
            Self::Slack { group } => {
                let slack = chats::slack(config, &clock)?
                    .context("there is no [slack] in the configuration")?;
                let people = slack.people_of(&group).await;
                let people =
                    people.with_context(|| format!("can't list the members of {group}"))?;
                Ok(people.into_iter().map(Found::from).collect())
            }
            Self::Discord { role } => {
                let discord = chats::discord(config, &clock)?
                    .context("there is no [discord] in the configuration")?;
                let people = discord.people_of(&role).await;
                let people = people.with_context(|| format!("can't list the members of {role}"))?;
                Ok(people.into_iter().map(Found::from).collect())
            }
        }
    }
}

impl From<breakglass_slack::PersonRow> for Found {
    fn from(row: breakglass_slack::PersonRow) -> Self {
        Self {
            account: row.slack.clone(),
            table: row.to_string(),
            row: Row {
                id: row.id,
                name: row.name,
                email: row.email,
                slack: Some(row.slack),
                discord: None,
            },
        }
    }
}

impl From<breakglass_discord::PersonRow> for Found {
    fn from(row: breakglass_discord::PersonRow) -> Self {
        Self {
            account: row.discord.clone(),
            table: row.to_string(),
            row: Row {
                id: row.id,
                name: row.name,
                email: None,
                slack: None,
                discord: Some(row.discord),
            },
        }
    }
}

/// Those that the policy doesn't have, and how many it has. Without a policy all are new.
fn split(config: &Config, platform: Platform, people: Vec<Found>) -> (Vec<Found>, usize) {
    let policy = policy_files::load(&config.policy_file).ok();
    let is_listed = |found: &Found| {
        policy
            .as_ref()
            .is_some_and(|policy| policy.person_by(platform, &found.account).is_some())
    };
    let (listed, new): (Vec<_>, Vec<_>) = people.into_iter().partition(is_listed);
    (new, listed.len())
}
