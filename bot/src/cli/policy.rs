//! `breakglass policy`: trying out a policy before it goes live, without a server or a configuration.

mod explain;
mod test;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use breakglass_core::policy::Policy;
use clap::{Args, Subcommand};

use super::{Exit, Session};
use crate::policy_files;
use crate::trouble::Trouble;

/// Try out the policy
#[derive(Debug, Subcommand)]
pub(super) enum PolicyCommand {
    Explain(Box<explain::Explain>),
    Test(test::Test),
}

impl PolicyCommand {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<Exit> {
        match self {
            Self::Explain(explain) => explain.run(session),
            Self::Test(test) => test.run(session),
        }
    }
}

/// Which policy is tried out.
#[derive(Debug, Args)]
struct PolicyFile {
    /// The policy's main file [default: the configuration's, else policy.toml]
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

impl PolicyFile {
    fn load(self, session: &Session) -> Result<Policy, Trouble> {
        let configured = || session.config().ok().map(|config| config.policy_file);
        let file = self.policy.or_else(configured);
        let file = file.as_deref().unwrap_or(Path::new("policy.toml"));
        policy_files::load(file).map_err(Trouble::from)
    }
}
