//! `breakglass discord`: what Discord has to be told.

use std::sync::Arc;

use anyhow::Context as _;
use breakglass_discord::Registered;
use clap::Subcommand;
use serde::Serialize;

use super::{Exit, Session, session};
use crate::chats;
use crate::clock::{Clock, SystemClock};

/// Set up the Discord application
#[derive(Debug, Subcommand)]
pub(super) enum Discord {
    /// Declare `/breakglass` to the guild; again after an update, as it takes the place of what was declared
    Register,
}

impl Discord {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let Self::Register = self;
        let config = session.need_config()?;
        let registered = session::wait(async {
            let clock: Arc<dyn Clock> = Arc::new(SystemClock);
            let discord = chats::discord(&config, &clock)?
                .context("there is no [discord] in the configuration")?;
            let registered = discord.register().await;
            registered.context("Discord didn't take the command")
        })?;
        let facts = Facts {
            changed: registered == Registered::Changed,
        };
        session.output().facts(&facts, Facts::text);
        Ok(Exit::Done)
    }
}

/// What the declaration led to.
#[derive(Debug, Serialize)]
struct Facts {
    changed: bool,
}

impl Facts {
    fn text(&self) -> String {
        let text = if self.changed {
            "/breakglass is declared to the guild: people see it at once."
        } else {
            "/breakglass was declared to the guild as it is: nothing changed."
        };
        text.to_owned()
    }
}
