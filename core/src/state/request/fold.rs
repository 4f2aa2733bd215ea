//! How a request follows from its events, each of which either can happen to it or can't.

use std::collections::BTreeSet;

use super::{Attested, Called, Ending, Phase, Request, Review};
use crate::command::Actor;
use crate::event::{Approved, Asked, Cause, DeniedByPolicy, Event, Record, Requested};
use crate::fact::Facts;
use crate::id::{Digest, PagerId, RequestId};
use crate::ruling::Risk;
use crate::text::TextHash;

impl Request {
    pub(in crate::state) fn requested(record: &Record, requested: &Requested) -> Self {
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

    pub(in crate::state) fn denied(record: &Record, denied: &DeniedByPolicy) -> Self {
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
            preflight: None,
            escalated: 0,
            unanswered: false,
            offer: None,
            pages: Vec::new(),
            phase,
            lease: None,
            granted: None,
            reminded: false,
            right_lost: false,
            revoked_by: None,
            removed_at: None,
            review: Review::None,
        }
    }

    /// Can this happen to it as it is? Ends are final, whatever a log says.
    pub(crate) const fn takes(&self, event: &Event) -> bool {
        match event {
            Event::Confirmed { .. }
            | Event::TermsChanged(_)
            | Event::ApprovalGiven { .. }
            | Event::ApprovalsVoided { .. }
            | Event::Approved(_)
            | Event::Denied { .. }
            | Event::Withdrawn
            | Event::Lapsed
            | Event::Preflighted { .. }
            | Event::Unanswered
            | Event::GlassOffered { .. }
            | Event::Escalated { .. } => self.is_pending(),
            // Somebody was called, whatever came of it meanwhile.
            Event::Paged { .. } | Event::PageFailed { .. } => true,
            Event::Activated { .. } | Event::ProvisionFailed { .. } => {
                matches!(self.phase, Phase::Approved { .. })
            }
            Event::Reminded => matches!(self.phase, Phase::Active { .. }),
            Event::RightLost | Event::EndingStarted { .. } => {
                matches!(self.phase, Phase::Approved { .. } | Phase::Active { .. })
            }
            Event::DeprovisionFailed { .. }
            | Event::Stuck { .. }
            | Event::Attested { .. }
            | Event::AttestationRefuted
            | Event::Ended { .. } => {
                matches!(self.phase, Phase::Ending(_))
            }
            Event::ReviewOpened { .. } => {
                matches!(self.phase, Phase::Ended { .. }) && matches!(self.review, Review::None)
            }
            Event::ReviewOverdue | Event::ReviewClosed { .. } => {
                matches!(self.review, Review::Open { .. })
            }
            Event::UseDescribed { .. } => matches!(self.phase, Phase::Ended { .. }),
            Event::RemovedUnrecorded { .. } => {
                let is_decided = self.is_live() || matches!(self.phase, Phase::Ended { .. });
                is_decided && self.removed_at.is_none()
            }
            Event::Requested(_)
            | Event::DeniedByPolicy(_)
            | Event::LockdownStarted { .. }
            | Event::LockdownEnded { .. }
            | Event::LinkOffered { .. }
            | Event::Linked { .. }
            | Event::Unlinked { .. }
            | Event::PolicyLoaded { .. }
            | Event::Started { .. }
            | Event::AttemptRefused(_)
            | Event::Reconciled { .. } => false,
        }
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one arm for each event, read as a table"
    )]
    pub(in crate::state) fn apply(&mut self, record: &Record) {
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
                self.unanswered = false;
                self.offer = None;
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
            Event::Preflighted { trouble } => self.preflight.clone_from(trouble),
            Event::Escalated { step } => self.escalated = step.saturating_add(1),
            Event::Unanswered => self.unanswered = true,
            Event::GlassOffered { offer } => self.offer = Some((**offer).clone()),
            Event::Paged { pager, .. } => self.called(pager, record, None),
            Event::PageFailed { pager, why, .. } => self.called(pager, record, Some(why)),
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
            Event::RightLost => self.right_lost = true,
            Event::ProvisionFailed { why, tries, .. } => self.fail(why, *tries),
            Event::DeprovisionFailed { why, tries, .. } => self.fail(why, *tries),
            Event::EndingStarted { cause, reason, why } => {
                self.end(record, *cause, reason.clone(), why.clone());
            }
            Event::Stuck { .. } => {
                if let Phase::Ending(ending) = &mut self.phase {
                    if ending.stuck {
                        let times = ending.alarmed.map_or(0, |(times, _)| times);
                        ending.alarmed = Some((times + 1, record.at));
                    }
                    ending.stuck = true;
                }
            }
            Event::Attested { reason } => {
                if let Phase::Ending(ending) = &mut self.phase {
                    ending.attested = Some(Attested {
                        by: record.actor.clone(),
                        at: record.at,
                        reason: reason.clone(),
                    });
                }
            }
            Event::AttestationRefuted => {
                if let Phase::Ending(ending) = &mut self.phase {
                    ending.attested = None;
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
            Event::RemovedUnrecorded { removed_at, .. } => self.removed_at = Some(*removed_at),
            Event::UseDescribed { .. }
            | Event::Requested(_)
            | Event::DeniedByPolicy(_)
            | Event::LockdownStarted { .. }
            | Event::LockdownEnded { .. }
            | Event::LinkOffered { .. }
            | Event::Linked { .. }
            | Event::Unlinked { .. }
            | Event::PolicyLoaded { .. }
            | Event::Started { .. }
            | Event::AttemptRefused(_)
            | Event::Reconciled { .. } => {}
        }
    }

    fn called(&mut self, pager: &PagerId, record: &Record, trouble: Option<&String>) {
        self.pages.retain(|page| page.pager != *pager);
        self.pages.push(Called {
            pager: pager.clone(),
            at: record.at,
            trouble: trouble.cloned(),
        });
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
            alarmed: None,
            attested: None,
        });
    }

    fn fail(&mut self, why: &str, count: u32) {
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
