//! A request and the grant it leads to, at most one.

mod fold;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::command::{Actor, Finding};
use crate::event::{Approval, Asked, Cause, Offered, Seen};
use crate::fact::Facts;
use crate::id::{Digest, PagerId, PersonId, RequestId};
use crate::ruling::{Denial, Risk, RuleKind, Terms};
use crate::text::TextHash;
use crate::time::{Length, Timestamp};

/// A request, from the ask to the review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `BG-4821`
    pub id: RequestId,
    /// How many events it has seen.
    pub version: u64,
    /// The newest of them.
    pub newest_seq: u64,
    /// When it was asked.
    pub requested_at: Timestamp,
    /// What was asked for.
    pub asked: Asked,
    /// What the policy asks in return; absent if it said no at once.
    pub terms: Option<Terms>,
    /// How dangerous it is.
    pub risk: Risk,
    /// Over all that an approver agrees to.
    pub digest: Digest,
    /// What was known when it was asked or its terms were set.
    pub facts: Facts,
    /// Approvals that count.
    pub approvals: Vec<Approval>,
    /// Everybody who ever approved it: they can't review it.
    pub approvers: BTreeSet<PersonId>,
    /// Since when it waits by its terms: escalation counts from here.
    pub waiting_since: Timestamp,
    /// What stood in the way of giving it, when that was last looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preflight: Option<String>,
    /// Steps of the escalation that were taken.
    pub escalated: u8,
    /// Was it silent so long that approvers were reminded?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unanswered: bool,
    /// The way without approvals that its requester was offered then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<Offered>,
    /// The last call by each pager.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<Called>,
    /// How far it is.
    pub phase: Phase,
    /// When the access began and when it was to end, once it did begin.
    pub lease: Option<(Timestamp, Timestamp)>,
    /// The decision's lease.
    pub granted: Option<Length>,
    /// Was the holder told that it ends soon?
    pub reminded: bool,
    /// Did whoever holds it lose the right to ask for it?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub right_lost: bool,
    /// Who revoked it: they can't review it.
    pub revoked_by: Option<PersonId>,
    /// When it was taken away while nothing could be recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_at: Option<Timestamp>,
    /// The look at it afterwards.
    pub review: Review,
}

/// A call by a pager.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Called {
    /// By which.
    pub pager: PagerId,
    /// When it was known.
    pub at: Timestamp,
    /// Why it couldn't be made; absent: it was.
    pub trouble: Option<String>,
}

/// How far a request is. The last five are final.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum Phase {
    /// Waits for confirmations or approvals.
    Pending {
        /// When it lapses.
        lapses_at: Timestamp,
        /// Who must confirm still; empty where approvers are asked.
        confirm: BTreeSet<PersonId>,
    },
    /// Decided, not on the target yet.
    Approved {
        /// When it was decided.
        at: Timestamp,
        /// When it is given up.
        provision_by: Timestamp,
        /// The latest it could end.
        end_by: Timestamp,
        /// Tries so far.
        tries: u32,
        /// What kept the last try.
        trouble: Option<String>,
    },
    /// The person has it.
    Active {
        /// When it ends.
        expires_at: Timestamp,
    },
    /// Being taken away.
    Ending(Ending),
    /// It is over.
    Ended {
        /// Why it ended.
        ending: Ending,
        /// When it was read back.
        at: Timestamp,
        /// What was seen.
        seen: Seen,
        /// Open sessions that were ended.
        sessions_ended: u32,
        /// The same access by other paths.
        remains: Vec<String>,
    },
    /// No.
    Denied {
        /// Who said so; the server, where it was the policy.
        by: Actor,
        /// When.
        at: Timestamp,
        /// In an approver's words.
        reason: Option<TextHash>,
        /// In the policy's.
        denial: Option<Box<Denial>>,
    },
    /// Taken back.
    Withdrawn {
        /// By whom.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Nobody answered.
    Lapsed {
        /// When.
        at: Timestamp,
    },
}

/// How and since when a grant ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// Why.
    pub cause: Cause,
    /// By whom.
    pub by: Actor,
    /// Since when.
    pub since: Timestamp,
    /// In a revoker's words.
    pub reason: Option<TextHash>,
    /// In ours.
    pub why: Option<String>,
    /// Tries so far.
    pub tries: u32,
    /// What kept the last try.
    pub trouble: Option<String>,
    /// Were people told that it takes too long?
    pub stuck: bool,
    /// How often they were told again, and when last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarmed: Option<(u32, Timestamp)>,
    /// Who answers for it that it was removed by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attested: Option<Attested>,
}

/// Somebody's word that access was removed by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attested {
    /// Whose.
    pub by: Actor,
    /// When it was given.
    pub at: Timestamp,
    /// How and why, in their words.
    pub reason: TextHash,
}

/// The look at a grant after it ended, by somebody else.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "review", rename_all = "snake_case")]
pub enum Review {
    /// None is due.
    #[default]
    None,
    /// Somebody must look.
    Open {
        /// By when.
        due_at: Timestamp,
        /// Is it late?
        overdue: bool,
    },
    /// Somebody did.
    Closed {
        /// Who.
        by: Actor,
        /// When.
        at: Timestamp,
        /// What they found.
        finding: Finding,
        /// In words.
        note: TextHash,
    },
}

impl Request {
    /// Is it for this person, by or for them?
    pub fn concerns(&self, person: &PersonId) -> bool {
        self.asked.requester == *person || self.asked.beneficiary == *person
    }

    /// Is it an emergency, rather than planned work? A request that was denied at once counts as one.
    pub fn is_emergency(&self) -> bool {
        self.terms
            .as_ref()
            .is_none_or(|terms| terms.kind == RuleKind::Emergency)
    }

    /// Has it been decided to grant it, and is that not over?
    pub const fn is_live(&self) -> bool {
        match self.phase {
            Phase::Approved { .. } | Phase::Active { .. } | Phase::Ending(_) => true,
            Phase::Pending { .. }
            | Phase::Ended { .. }
            | Phase::Denied { .. }
            | Phase::Withdrawn { .. }
            | Phase::Lapsed { .. } => false,
        }
    }

    /// Does it wait for a confirmation or approvals?
    pub const fn is_pending(&self) -> bool {
        matches!(self.phase, Phase::Pending { .. })
    }

    /// Are approvers asked?
    pub fn awaits_approval(&self) -> bool {
        matches!(&self.phase, Phase::Pending { confirm, .. } if confirm.is_empty())
    }

    /// The name of its phase, for lists and the store.
    pub const fn phase_name(&self) -> &'static str {
        match self.phase {
            Phase::Pending { .. } => "pending",
            Phase::Approved { .. } => "approved",
            Phase::Active { .. } => "active",
            Phase::Ending(_) => "ending",
            Phase::Ended { .. } => "ended",
            Phase::Denied { .. } => "denied",
            Phase::Withdrawn { .. } => "withdrawn",
            Phase::Lapsed { .. } => "lapsed",
        }
    }
}
