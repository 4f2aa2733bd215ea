//! `breakglass check`: does the configuration check, without asking anybody else?

use clap::Args;

use super::{Exit, Session};

/// Check the configuration and the policy: parse, type-check, lint; no network
#[derive(Debug, Args)]
pub(super) struct Check {}

impl Check {
    #[expect(clippy::unused_self, reason = "every command is run alike")]
    pub(super) fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.need_config()?;
        session.output().facts(&config.settings(), |_| {
            format!("{} checks.", config.file.display())
        });
        Ok(Exit::Done)
    }
}
