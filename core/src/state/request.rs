//! A request and the grant it leads to, at most one.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::command::{Actor, Fault, Finding};
use crate::event::{
    Approval, Approved, Asked, Cause, DeniedByPolicy, Event, Record, Requested, Seen,
};
use crate::fact::Facts;
use crate::id::{Digest, PersonId, RequestId};
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
    /// Steps of the escalation that were taken.
    pub escalated: u8,
    /// How far it is.
    pub phase: Phase,
    /// When the access began and when it was to end, once it did begin.
    pub lease: Option<(Timestamp, Timestamp)>,
    /// The decision's lease.
    pub granted: Option<Length>,
    /// Was the holder told that it ends soon?
    pub reminded: bool,
    /// Who revoked it: they can't review it.
    pub revoked_by: Option<PersonId>,
    /// The look at it afterwards.
    pub review: Review,
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
    pub(super) fn requested(record: &Record, requested: &Requested) -> Self {
        let pending = Phase::Pending {
            lapses_at: requested.lapses_at,
            confirm: requested.confirm.iter().cloned().collect(),
        };
        Self {
            terms: Some(requested.terms.clone()),
            risk: requested.risk.clone(),
            digest: requested.digest.clone(),
            facts: requested.facts.clone(),
            ..Self::new(requested.id, record, requested.asked.clone(), pending)
        }
    }

    pub(super) fn denied(record: &Record, denied: &DeniedByPolicy) -> Self {
        let phase = Phase::Denied {
            by: Actor::Server,
            at: record.at,
            reason: None,
            denial: Some(Box::new(denied.denial.clone())),
        };
        Self {
            risk: denied.risk.clone(),
            digest: denied.digest.clone(),
            facts: denied.facts.clone(),
            ..Self::new(denied.id, record, denied.asked.clone(), phase)
        }
    }

    fn new(id: RequestId, record: &Record, asked: Asked, phase: Phase) -> Self {
        Self {
            id,
            version: 1,
            newest_seq: record.seq,
            requested_at: record.at,
            asked,
            terms: None,
            risk: Risk::default(),
            digest: Digest::claimed(""),
            facts: Facts::default(),
            approvals: Vec::new(),
            approvers: BTreeSet::new(),
            waiting_since: record.at,
            escalated: 0,
            phase,
            lease: None,
            granted: None,
            reminded: false,
            revoked_by: None,
            review: Review::None,
        }
    }

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

    /// Can this happen to it as it is? Ends are final, whatever a log says.
    pub(super) const fn takes(&self, event: &Event) -> bool {
        match event {
            Event::Confirmed { .. }
            | Event::TermsChanged(_)
            | Event::ApprovalGiven { .. }
            | Event::ApprovalsVoided { .. }
            | Event::Approved(_)
            | Event::Denied { .. }
            | Event::Withdrawn
            | Event::Lapsed
            | Event::Escalated { .. } => self.is_pending(),
            Event::Activated { .. } | Event::ProvisionFailed { .. } => {
                matches!(self.phase, Phase::Approved { .. })
            }
            Event::Reminded => matches!(self.phase, Phase::Active { .. }),
            Event::EndingStarted { .. } => {
                matches!(self.phase, Phase::Approved { .. } | Phase::Active { .. })
            }
            Event::DeprovisionFailed { .. } | Event::Stuck { .. } | Event::Ended { .. } => {
                matches!(self.phase, Phase::Ending(_))
            }
            Event::ReviewOpened { .. } => {
                matches!(self.phase, Phase::Ended { .. }) && matches!(self.review, Review::None)
            }
            Event::ReviewOverdue | Event::ReviewClosed { .. } => {
                matches!(self.review, Review::Open { .. })
            }
            Event::UseDescribed { .. } => matches!(self.phase, Phase::Ended { .. }),
            Event::Requested(_)
            | Event::DeniedByPolicy(_)
            | Event::LockdownStarted { .. }
            | Event::LockdownEnded { .. }
            | Event::PolicyLoaded { .. }
            | Event::Started { .. }
            | Event::AttemptRefused(_) => false,
        }
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one arm for each event, read as a table"
    )]
    pub(super) fn apply(&mut self, record: &Record) {
        self.version += 1;
        self.newest_seq = record.seq;
        match &record.event {
            Event::Confirmed { person } => {
                if let Phase::Pending { confirm, .. } = &mut self.phase {
                    confirm.remove(person);
                }
            }
            Event::TermsChanged(changed) => {
                self.terms = Some(changed.terms.clone());
                self.risk = changed.risk.clone();
                self.digest = changed.digest.clone();
                self.facts = changed.facts.clone();
                self.approvals.clear();
                self.waiting_since = record.at;
                self.escalated = 0;
                let confirm = changed.confirm.iter().cloned().collect();
                self.phase = Phase::Pending {
                    lapses_at: changed.lapses_at,
                    confirm,
                };
            }
            Event::ApprovalGiven { approval } => {
                self.approvers.insert(approval.person.clone());
                self.approvals.push(approval.clone());
            }
            Event::ApprovalsVoided { people } => {
                self.approvals
                    .retain(|approval| !people.contains(&approval.person));
            }
            Event::Escalated { step } => self.escalated = step.saturating_add(1),
            Event::Approved(approved) => self.approve(record, approved),
            Event::Denied { reason, denial } => {
                let by_policy = denial.is_some();
                self.phase = Phase::Denied {
                    by: if by_policy {
                        Actor::Server
                    } else {
                        record.actor.clone()
                    },
                    at: record.at,
                    reason: reason.clone(),
                    denial: denial.clone(),
                };
            }
            Event::Withdrawn => {
                self.phase = Phase::Withdrawn {
                    by: record.actor.clone(),
                    at: record.at,
                };
            }
            Event::Lapsed => self.phase = Phase::Lapsed { at: record.at },
            Event::Activated {
                started_at,
                expires_at,
            } => {
                self.lease = Some((*started_at, *expires_at));
                self.phase = Phase::Active {
                    expires_at: *expires_at,
                };
            }
            Event::Reminded => self.reminded = true,
            Event::ProvisionFailed { fault, why, tries } => self.fail(*fault, why, *tries),
            Event::DeprovisionFailed { fault, why, tries } => self.fail(*fault, why, *tries),
            Event::EndingStarted { cause, reason, why } => {
                self.end(record, *cause, reason.clone(), why.clone());
            }
            Event::Stuck { .. } => {
                if let Phase::Ending(ending) = &mut self.phase {
                    ending.stuck = true;
                }
            }
            Event::Ended {
                seen,
                sessions_ended,
                remains,
            } => {
                if let Phase::Ending(ending) = &self.phase {
                    self.phase = Phase::Ended {
                        ending: ending.clone(),
                        at: record.at,
                        seen: seen.clone(),
                        sessions_ended: *sessions_ended,
                        remains: remains.clone(),
                    };
                }
            }
            Event::ReviewOpened { due_at } => {
                self.review = Review::Open {
                    due_at: *due_at,
                    overdue: false,
                };
            }
            Event::ReviewOverdue => {
                if let Review::Open { overdue, .. } = &mut self.review {
                    *overdue = true;
                }
            }
            Event::ReviewClosed { finding, note } => {
                self.review = Review::Closed {
                    by: record.actor.clone(),
                    at: record.at,
                    finding: *finding,
                    note: note.clone(),
                };
            }
            Event::UseDescribed { .. }
            | Event::Requested(_)
            | Event::DeniedByPolicy(_)
            | Event::LockdownStarted { .. }
            | Event::LockdownEnded { .. }
            | Event::PolicyLoaded { .. }
            | Event::Started { .. }
            | Event::AttemptRefused(_) => {}
        }
    }

    fn approve(&mut self, record: &Record, approved: &Approved) {
        self.granted = Some(approved.lease);
        self.phase = Phase::Approved {
            at: record.at,
            provision_by: approved.provision_by,
            end_by: approved.end_by,
            tries: 0,
            trouble: None,
        };
    }

    fn end(
        &mut self,
        record: &Record,
        cause: Cause,
        reason: Option<TextHash>,
        why: Option<String>,
    ) {
        if cause == Cause::Revoked {
            self.revoked_by = record.actor.person().cloned();
        }
        self.phase = Phase::Ending(Ending {
            cause,
            by: record.actor.clone(),
            since: record.at,
            reason,
            why,
            tries: 0,
            trouble: None,
            stuck: false,
        });
    }

    fn fail(&mut self, _fault: Fault, why: &str, count: u32) {
        match &mut self.phase {
            Phase::Approved { tries, trouble, .. } => {
                *tries = count;
                *trouble = Some(why.to_owned());
            }
            Phase::Ending(ending) => {
                ending.tries = count;
                ending.trouble = Some(why.to_owned());
            }
            Phase::Pending { .. }
            | Phase::Active { .. }
            | Phase::Ended { .. }
            | Phase::Denied { .. }
            | Phase::Withdrawn { .. }
            | Phase::Lapsed { .. } => {}
        }
    }
}
