//! `breakglass grants`: what is held, and taking it away.

use breakglass_core::id::RequestId;
use clap::{Args, Subcommand};

use super::answer::ask_server;
use super::list::{ListArgs, reason};
use super::{Exit, Session};
use crate::admin::{AdminRequest, Which};

/// Look at grants and end them
#[derive(Debug, Subcommand)]
pub(super) enum Grants {
    /// What is held now
    List(ListArgs),
    /// One grant
    Show {
        /// BG-4821, or 4821
        id: RequestId,
    },
    /// End grants early; works with the server down, too
    Revoke(Revoke),
    /// Answer for it, by name, that what can't be removed was removed by hand; it is still tried
    Attest {
        /// BG-4821, or 4821
        id: RequestId,
        /// How: kept beside the log
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
    },
}

/// Which grants end, and why.
#[derive(Debug, Args)]
pub(super) struct Revoke {
    /// BG-4821, or 4821
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    id: Option<RequestId>,
    /// Every live grant
    #[arg(long)]
    all: bool,
    /// Why: told to the holder and security, and kept beside the log
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,
}

impl Grants {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let request = match self {
            Self::List(list) => AdminRequest::ListGrants {
                scope: list.scope(),
            },
            Self::Show { id } => AdminRequest::Show { request: id },
            Self::Attest {
                id: request,
                reason,
            } => AdminRequest::Attest { request, reason },
            Self::Revoke(Revoke { id, reason, .. }) => AdminRequest::Revoke {
                which: id.map_or(Which::All, Which::One),
                reason,
            },
        };
        ask_server(session, request)
    }
}
