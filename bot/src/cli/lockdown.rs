//! `breakglass lockdown`: stop all granting, and go on.

use clap::Subcommand;

use super::answer::ask_server;
use super::list::reason;
use super::{Exit, Session};
use crate::admin::AdminRequest;

/// Stop all granting, or go on
#[derive(Debug, Subcommand)]
pub(super) enum Lockdown {
    /// Grant nothing from now on; works with the server down, too
    On {
        /// Why: announced, and kept beside the log
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
        /// Also end every live grant
        #[arg(long)]
        revoke_all: bool,
    },
    /// Grant again
    Off {
        /// Why: announced, and kept beside the log
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
    },
    /// Is granting stopped, by whom and since when?
    Status,
}

impl Lockdown {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let request = match self {
            Self::On { reason, revoke_all } => AdminRequest::StartLockdown { reason, revoke_all },
            Self::Off { reason } => AdminRequest::EndLockdown { reason },
            Self::Status => AdminRequest::ShowHouse,
        };
        ask_server(session, request)
    }
}
