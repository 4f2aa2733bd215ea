//! `breakglass reviews`: which grants somebody still has to look at.

use breakglass_core::id::RequestId;
use clap::Subcommand;

use super::answer::ask_server;
use super::list::ListArgs;
use super::{Exit, Session};
use crate::admin::AdminRequest;

/// Look at reviews; they are closed in chat, by somebody who took no part
#[derive(Debug, Subcommand)]
pub(super) enum Reviews {
    /// What is due
    List(ListArgs),
    /// One review, with its request
    Show {
        /// BG-4821, or 4821
        id: RequestId,
    },
}

impl Reviews {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let request = match self {
            Self::List(list) => AdminRequest::ListReviews {
                scope: list.scope(),
            },
            Self::Show { id } => AdminRequest::Show { request: id },
        };
        ask_server(session, request)
    }
}
