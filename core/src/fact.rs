//! What was looked up for a command: each fact is known, or unknown with a why.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::id::{GroupId, PersonId};

/// A fact that was looked up. Unknown never opens a door: a rule that reads it doesn't match, a guard does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Known<T> {
    /// Looked up, and this is the answer.
    Known(T),
    /// Could not be looked up; a few words for people on why.
    Unknown(String),
}

impl<T> Known<T> {
    /// The value, if it is known.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }
}

impl Known<bool> {
    /// Is it known to be so?
    pub fn is_true(&self) -> bool {
        self.value() == Some(&true)
    }
}

impl<T: Default> Default for Known<T> {
    fn default() -> Self {
        Self::Known(T::default())
    }
}

/// Everything outside the policy and the state that a decision may use.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Facts {
    /// Members of a group that chat or a directory told, beside those written in the policy.
    /// A group that is missing here has only its written members.
    pub members: BTreeMap<GroupId, Known<BTreeSet<PersonId>>>,
    /// Listed people whose account is deactivated, gone or restricted. They can do nothing.
    pub inactive: BTreeSet<PersonId>,
    /// Those among them of whom that couldn't be looked up: they can do nothing just now, and nothing is denied for it that
    /// waits.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unsure: BTreeSet<PersonId>,
    /// Is the beneficiary on call now?
    pub on_call: Known<bool>,
    /// Has somebody other than the requester confirmed the severity?
    pub severity_verified: Known<bool>,
    /// Does the incident exist in the tracker?
    pub incident_verified: Known<bool>,
    /// Is the incident still open in the tracker?
    pub incident_open: Known<bool>,
    /// Has the beneficiary never held a grant on this target?
    pub first_time: Known<bool>,
    /// How many live grants the beneficiary holds.
    pub open_grants: Known<u32>,
    /// Requests in the last 24 hours, the worse of requester and beneficiary.
    pub requests_24h: Known<u32>,
    /// Denied within the last hour, requester or beneficiary.
    pub denied_1h: Known<bool>,
}
