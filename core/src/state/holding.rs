//! A holding: one entitlement on one account, with the grants that cover it or still have to be undone.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::event::{Difference, Event, Record};
use crate::id::{HoldingId, RequestId};
use crate::time::Timestamp;

/// The grants on one entitlement of one account. Overlapping grants can't hurt each other, because a target
/// is only ever asked to look as the whole set wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// Which.
    pub id: HoldingId,
    /// How many events changed it.
    pub version: u64,
    /// Decided grants that have not ended.
    pub grants: BTreeMap<RequestId, Grant>,
    /// Access that we gave and that no grant covers, while it is taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leftover: Option<Leftover>,
    /// How it is there from somebody else, in words, as far as that was seen.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub foreign: BTreeSet<String>,
}

/// Access that outlived its grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leftover {
    /// The record that says so.
    pub seq: u64,
    /// The holding's version since then.
    pub since_version: u64,
}

/// A decided grant, as its holding sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// How far it is.
    pub phase: GrantPhase,
    /// The holding's version that brought it there.
    pub since_version: u64,
    /// When it was decided.
    pub approved_at: Timestamp,
    /// No access at or after this instant: `end_by`, later `expires_at`.
    pub not_after: Timestamp,
}

/// How far a decided grant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantPhase {
    /// Not on the target yet.
    Approved,
    /// There.
    Active,
    /// To be taken away.
    Ending,
}

/// What a holding wants of its target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Give it, for this grant, not after this instant. Also where another grant on it ends that began
    /// before this one: what the target answers lets that one end without taking anything away.
    Present {
        /// The grant that waits for it, or that has it.
        request: RequestId,
        /// The latest end among the grants that cover it.
        not_after: Timestamp,
    },
    /// Take it away: these grants wait for that.
    Absent {
        /// Which; none, where it is a leftover.
        requests: Vec<RequestId>,
    },
    /// Nothing to do.
    Settled,
}

impl Holding {
    /// A holding that nobody has.
    pub fn new(id: HoldingId) -> Self {
        Self {
            id,
            version: 0,
            grants: BTreeMap::new(),
            leftover: None,
            foreign: BTreeSet::new(),
        }
    }

    /// What its target should look like now.
    pub fn wanted(&self) -> Wanted {
        let phase = |phase: GrantPhase| {
            self.grants
                .iter()
                .filter(move |(_, grant)| grant.phase == phase)
        };
        if let Some((id, _)) = phase(GrantPhase::Approved).next() {
            let covering = self
                .grants
                .values()
                .filter(|grant| grant.phase != GrantPhase::Ending);
            let not_after = covering
                .map(|grant| grant.not_after)
                .max()
                .unwrap_or_default();
            return Wanted::Present {
                request: *id,
                not_after,
            };
        }
        let ending: Vec<RequestId> = phase(GrantPhase::Ending).map(|(id, _)| *id).collect();
        let mut active = phase(GrantPhase::Active);
        match (ending.is_empty(), active.next()) {
            (true, None) if self.leftover.is_some() => Wanted::Absent { requests: ending },
            (true, _) => Wanted::Settled,
            (false, None) => Wanted::Absent { requests: ending },
            (false, Some((id, first))) => Wanted::Present {
                request: *id,
                not_after: active.fold(first.not_after, |latest, (_, grant)| {
                    latest.max(grant.not_after)
                }),
            },
        }
    }

    /// Is access that we gave explained by a grant, or on its way out?
    pub fn is_ours(&self) -> bool {
        !self.grants.is_empty() || self.leftover.is_some()
    }

    /// A grant other than `request` that keeps the access at the target. One that isn't there yet keeps
    /// nothing: it can still fail.
    pub fn kept_by(&self, request: RequestId) -> Option<RequestId> {
        let mut others = self.grants.iter().filter(|(id, _)| **id != request);
        others
            .find(|(_, grant)| grant.phase == GrantPhase::Active)
            .map(|(id, _)| *id)
    }

    pub(super) fn apply(&mut self, id: RequestId, record: &Record) {
        let since_version = self.version + 1;
        match &record.event {
            Event::Approved(approved) => {
                let grant = Grant {
                    phase: GrantPhase::Approved,
                    since_version,
                    approved_at: record.at,
                    not_after: approved.end_by,
                };
                self.grants.insert(id, grant);
                // From here on a grant covers what was left.
                self.leftover = None;
            }
            Event::Activated { expires_at, .. } => {
                let Some(grant) = self.grants.get_mut(&id) else {
                    return;
                };
                grant.phase = GrantPhase::Active;
                grant.since_version = since_version;
                grant.not_after = *expires_at;
            }
            Event::EndingStarted { .. } => {
                let Some(grant) = self.grants.get_mut(&id) else {
                    return;
                };
                grant.phase = GrantPhase::Ending;
                grant.since_version = since_version;
            }
            Event::Ended { .. } => {
                self.grants.remove(&id);
            }
            Event::Requested(_)
            | Event::DeniedByPolicy(_)
            | Event::Confirmed { .. }
            | Event::TermsChanged(_)
            | Event::ApprovalGiven { .. }
            | Event::ApprovalsVoided { .. }
            | Event::Denied { .. }
            | Event::Withdrawn
            | Event::Lapsed
            | Event::Escalated { .. }
            | Event::Unanswered
            | Event::GlassOffered { .. }
            | Event::Paged { .. }
            | Event::PageFailed { .. }
            | Event::Reminded
            | Event::RightLost
            | Event::Preflighted { .. }
            | Event::ProvisionFailed { .. }
            | Event::DeprovisionFailed { .. }
            | Event::Stuck { .. }
            | Event::Attested { .. }
            | Event::AttestationRefuted
            | Event::RemovedUnrecorded { .. }
            | Event::ReviewOpened { .. }
            | Event::ReviewOverdue
            | Event::ReviewClosed { .. }
            | Event::UseDescribed { .. }
            | Event::LockdownStarted { .. }
            | Event::LockdownEnded { .. }
            | Event::LinkOffered { .. }
            | Event::Linked { .. }
            | Event::Unlinked { .. }
            | Event::PolicyLoaded { .. }
            | Event::Started { .. }
            | Event::AttemptRefused(_)
            | Event::Reconciled { .. } => return,
        }
        self.version = since_version;
    }

    /// Takes in what a look at its whole target showed.
    pub(super) fn reconcile(&mut self, seq: u64, difference: &Difference) {
        let since_version = self.version + 1;
        match difference {
            Difference::Leftover => self.leftover = Some(Leftover { seq, since_version }),
            Difference::LeftoverKept { .. } => return,
            Difference::LeftoverTaken { .. } => self.leftover = None,
            Difference::Foreign { how } => self.foreign.extend(how.iter().cloned()),
            Difference::ForeignGone { how } => self.foreign.retain(|one| !how.contains(one)),
        }
        self.version = since_version;
    }
}
