//! What can be asked on the admin socket, and the answers.

use breakglass_core::id::RequestId;
use serde::{Deserialize, Serialize};

use super::view::{HouseLine, RequestLine};

/// The version of the protocol; both ends must speak the same, which they do when they are the same binary.
pub const PROTOCOL_VERSION: u8 = 1;

/// A line of the protocol: the version beside the content.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Line<T> {
    pub(super) v: u8,
    #[serde(flatten)]
    pub(super) content: T,
}

impl<T> Line<T> {
    pub(super) const fn new(content: T) -> Self {
        Self {
            v: PROTOCOL_VERSION,
            content,
        }
    }
}

/// What an operator may ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum AdminRequest {
    /// Requests, newest first.
    ListRequests {
        /// How many of them.
        scope: Scope,
    },
    /// Grants, newest first: requests that were decided to be granted.
    ListGrants {
        /// How many of them.
        scope: Scope,
    },
    /// Reviews, the one due first first.
    ListReviews {
        /// How many of them.
        scope: Scope,
    },
    /// One request with all that is known of it, its grant and its review.
    Show {
        /// Which.
        request: RequestId,
    },
    /// End grants early.
    Revoke {
        /// Which.
        which: Which,
        /// Why.
        reason: String,
    },
    /// Answer for it that what can't be removed was removed by hand.
    Attest {
        /// Which.
        request: RequestId,
        /// How and why.
        reason: String,
    },
    /// Stop all granting.
    StartLockdown {
        /// Why.
        reason: String,
        /// Also end every live grant?
        revoke_all: bool,
    },
    /// Grant again.
    EndLockdown {
        /// Why.
        reason: String,
    },
    /// Do we grant?
    ShowHouse,
}

impl AdminRequest {
    /// Its name, for log lines.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ListRequests { .. } => "list_requests",
            Self::ListGrants { .. } => "list_grants",
            Self::ListReviews { .. } => "list_reviews",
            Self::Show { .. } => "show",
            Self::Revoke { .. } => "revoke",
            Self::Attest { .. } => "attest",
            Self::StartLockdown { .. } => "start_lockdown",
            Self::EndLockdown { .. } => "end_lockdown",
            Self::ShowHouse => "show_house",
        }
    }
}

/// How much of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// What is waiting, live or due.
    #[default]
    Open,
    /// What is over too, at most the newest thousand.
    All,
}

/// Which grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// This one.
    One(RequestId),
    /// Every live one.
    All,
}

/// What an operator gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum AdminResponse {
    /// A list.
    Requests {
        /// In the order that was asked for.
        requests: Vec<RequestLine>,
    },
    /// One.
    Request {
        /// It.
        request: Box<RequestLine>,
    },
    /// These grants are being taken away; `grants show` tells when they are gone.
    Revoking {
        /// Which; empty when none was live.
        requests: Vec<RequestId>,
    },
    /// The house as it is now.
    House {
        /// It.
        house: HouseLine,
    },
    /// It may not be carried out.
    Refused {
        /// Why, for people.
        why: String,
    },
    /// It could not be carried out.
    Failed {
        /// Why, for operators.
        why: String,
    },
}
