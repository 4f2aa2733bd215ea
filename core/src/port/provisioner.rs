//! The port to a target: give a holding, take it away, look whether it is there.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::id::{HoldingId, ProvisionerId, RequestId};
use crate::time::{Length, Timestamp};

/// What a provisioner can and can't do; said in its documentation and to people, never silently ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent answers, each of which people are told"
)]
pub struct Capabilities {
    /// Can it look whether access is there? Without it "ended" is said with a warning.
    pub reads_back: bool,
    /// Does it end sessions that are open when access is taken away?
    pub ends_sessions: bool,
    /// Can it list all that we gave? Without it what outlived its grant isn't found.
    pub lists: bool,
    /// Does the target itself end the access at `not_after`?
    pub expires_by_itself: bool,
    /// How long the target may take to show a change.
    pub settle: Length,
    /// Calls at the same time that the target bears, 1 or more.
    pub parallel_max: u8,
}

/// A call that gives access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provision {
    /// What to give to whom.
    pub holding: HoldingId,
    /// For which grant, to be named in the target's own audit where it has one.
    pub request: RequestId,
    /// The target must refuse to begin giving at or after this instant, never later than [`Self::not_after`]:
    /// whoever sent the call doesn't wait for it any more, and somebody else may have decided otherwise since.
    pub begin_by: Timestamp,
    /// No access at or after this instant: a target that ends access by itself does so then.
    pub not_after: Timestamp,
}

/// What a target says about a holding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// Is the access that we gave there?
    pub ours: Presence,
    /// Access to the same thing that somebody else gave: standing access. In words, such as
    /// `granted by postgres`; never touched by us.
    pub foreign: Vec<String>,
}

/// Whether something is at the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// It is there.
    Present,
    /// It is not there.
    Absent,
    /// This provisioner can't tell, as its capabilities say.
    Unknowable,
}

/// What a whole target has, as far as it is our business.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// All access that we gave.
    pub ours: BTreeSet<Place>,
    /// Access to what we can give that somebody else gave, each with how, in words; never touched by us.
    pub foreign: BTreeMap<Place, BTreeSet<String>>,
}

/// Who has what on a target.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The account there.
    pub account: String,
    /// What it has, in the provisioner's own terms.
    pub entitlement: String,
}

/// What giving access came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provisioned {
    /// Done, or already done by us before.
    Done,
    /// The person holds it already, not from us. Nothing was changed, and nothing may be taken away.
    AlreadyHeld {
        /// How, in words.
        how: String,
    },
}

/// What taking access away came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Deprovisioned {
    /// Open sessions that were ended.
    pub sessions_ended: u32,
}

/// Why a call to a target failed. `Display` is for operators and names no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProvisionError {
    /// The target doesn't answer or is busy: try again.
    #[error("{0}")]
    Unavailable(String),
    /// The outcome is unknown (time-out, connection cut): look before trying again.
    #[error("{0}")]
    Unknown(String),
    /// It will not work without a person mending something: no such login or role, no right to grant.
    #[error("{0}")]
    Refused(String),
    /// `begin_by` has passed at the target: nothing was given.
    #[error("it is too late to give this access")]
    TooLate,
}

/// An adapter to one configured target system.
///
/// Every call may be repeated any number of times with the same end: give twice is give once, take what
/// isn't there succeeds.
#[async_trait]
pub trait Provisioner: Send + Sync + std::fmt::Debug {
    /// What it can and can't do.
    fn capabilities(&self) -> Capabilities;

    /// Where it connects to, without secrets: announced at start.
    fn host(&self) -> String;

    /// Gives the access, unless it is too late.
    async fn provision(&self, call: &Provision) -> Result<Provisioned, ProvisionError>;

    /// Takes away what we gave, and ends sessions that would keep it.
    async fn deprovision(&self, holding: &HoldingId) -> Result<Deprovisioned, ProvisionError>;

    /// Looks.
    async fn inspect(&self, holding: &HoldingId) -> Result<Observation, ProvisionError>;

    /// Could it be given now? Looks at what can be seen without changing anything; an error says what stands in the way.
    async fn preflight(&self, holding: &HoldingId) -> Result<(), ProvisionError>;

    /// Lists all that we gave as the provisioner `id`, and who else has one of these `entitlements`. Called
    /// only where the capabilities say that it can.
    async fn list(
        &self,
        id: &ProvisionerId,
        entitlements: &[String],
    ) -> Result<Listing, ProvisionError>;

    /// What a person at the target would type to take it away, when we can't.
    fn by_hand(&self, holding: &HoldingId) -> String;

    /// Checks that it would work: reachable, our login's rights, as lines for `doctor`.
    async fn examine(&self, entitlements: &[String]) -> Vec<Finding>;
}

/// One line of `doctor`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub level: FindingLevel,
    /// What was seen.
    pub what: String,
    /// What to do about it; empty when all is well.
    pub mend: String,
}

impl Finding {
    /// All is well.
    pub fn ok(what: impl Into<String>) -> Self {
        Self {
            level: FindingLevel::Ok,
            what: what.into(),
            mend: String::new(),
        }
    }

    /// Works, but somebody should look.
    pub fn warning(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            level: FindingLevel::Warning,
            what: what.into(),
            mend: mend.into(),
        }
    }

    /// Doesn't work.
    pub fn failure(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            level: FindingLevel::Failure,
            what: what.into(),
            mend: mend.into(),
        }
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingLevel {
    /// As it should be.
    Ok,
    /// Works, but somebody should look.
    Warning,
    /// Doesn't work.
    Failure,
}
