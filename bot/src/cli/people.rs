//! `breakglass people import`: the people of a chat's group, as the policy lists them.

use std::sync::Arc;

use anyhow::Context as _;
use breakglass_core::id::Platform;
use breakglass_slack::PersonRow;
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
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    name: String,
    email: Option<String>,
    slack: String,
}

impl People {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let Self::Import(Import::Slack { group }) = self;
        let config = session.need_config()?;
        let people = session::wait(async {
            let clock: Arc<dyn Clock> = Arc::new(SystemClock);
            let slack = chats::slack(&config, &clock)?
                .context("there is no [slack] in the configuration")?;
            slack
                .people_of(&group)
                .await
                .with_context(|| format!("can't list the members of {group}"))
        })?;
        let (new, listed) = split(&config, people);
        if listed > 0 {
            output::say(format!(
                "{listed} of them are in the policy already and left out."
            ));
        }
        let rows: Vec<_> = new.iter().map(Row::from).collect();
        session.output().facts(&rows, |_| {
            new.iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n")
        });
        Ok(Exit::Done)
    }
}

impl From<&PersonRow> for Row {
    fn from(row: &PersonRow) -> Self {
        let PersonRow {
            id,
            name,
            email,
            slack,
        } = row.clone();
        Self {
            id,
            name,
            email,
            slack,
        }
    }
}

/// Those that the policy doesn't have, and how many it has. Without a policy all are new.
fn split(config: &Config, people: Vec<PersonRow>) -> (Vec<PersonRow>, usize) {
    let policy = policy_files::load(&config.policy_file).ok();
    let is_listed = |row: &PersonRow| {
        policy
            .as_ref()
            .is_some_and(|policy| policy.person_by(Platform::Slack, &row.slack).is_some())
    };
    let (listed, new): (Vec<_>, Vec<_>) = people.into_iter().partition(is_listed);
    (new, listed.len())
}
