//! `breakglass requests`: what was asked for.

use breakglass_core::id::RequestId;
use clap::Subcommand;

use super::answer::ask_server;
use super::list::ListArgs;
use super::{Exit, Session};
use crate::admin::AdminRequest;

/// Look at requests
#[derive(Debug, Subcommand)]
pub(super) enum Requests {
    /// What waits for an answer or is live
    List(ListArgs),
    /// One request, with its grant and review
    Show {
        /// BG-4821, or 4821
        id: RequestId,
    },
}

impl Requests {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let request = match self {
            Self::List(list) => AdminRequest::ListRequests {
                scope: list.scope(),
            },
            Self::Show { id } => AdminRequest::Show { request: id },
        };
        ask_server(session, request)
    }
}
