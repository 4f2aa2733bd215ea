//! What is, as a fold of what happened: requests, holdings, and the house. A command sees only the part it touches.

mod holding;
mod house;
mod request;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use holding::{Grant, GrantPhase, Holding, Leftover, Wanted};
pub use house::{House, Mode};
pub use request::{Attested, Called, Ending, Phase, Request, Review};

use crate::event::{Event, Record};
use crate::id::{HoldingId, RequestId};
use crate::time::Timestamp;

/// The part of the state that a command touches, or all of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    /// The house.
    pub house: House,
    /// Requests by id.
    pub requests: BTreeMap<RequestId, Request>,
    /// Holdings that a grant was ever decided on.
    pub holdings: BTreeMap<HoldingId, Holding>,
    /// The number the next request gets.
    pub next_request: u64,
    /// When the newest event happened.
    pub newest_at: Timestamp,
}

impl State {
    /// Takes in what happened. Events come in log order; one that doesn't fit the state is a broken log
    /// and changes nothing but the clock.
    pub fn apply(&mut self, record: &Record) {
        self.newest_at = self.newest_at.max(record.at);
        self.house.apply(record);
        if let Event::Reconciled {
            holding,
            difference,
        } = &record.event
        {
            let key = holding.clone();
            let found = self.holdings.entry(key.clone());
            let holding = found.or_insert_with(|| Holding::new(key));
            holding.reconcile(record.seq, difference);
        }
        let Some(id) = record.request else { return };
        self.next_request = self.next_request.max(id.number() + 1);
        match &record.event {
            Event::Requested(requested) => {
                let begun = Request::requested(record, requested);
                self.requests.entry(id).or_insert(begun);
            }
            Event::DeniedByPolicy(denied) => {
                let begun = Request::denied(record, denied);
                self.requests.entry(id).or_insert(begun);
            }
            Event::Confirmed { .. }
            | Event::TermsChanged(_)
            | Event::ApprovalGiven { .. }
            | Event::ApprovalsVoided { .. }
            | Event::Approved(_)
            | Event::Denied { .. }
            | Event::Withdrawn
            | Event::Lapsed
            | Event::Escalated { .. }
            | Event::Unanswered
            | Event::GlassOffered { .. }
            | Event::Paged { .. }
            | Event::PageFailed { .. }
            | Event::Activated { .. }
            | Event::Reminded
            | Event::RightLost
            | Event::Preflighted { .. }
            | Event::ProvisionFailed { .. }
            | Event::EndingStarted { .. }
            | Event::DeprovisionFailed { .. }
            | Event::Stuck { .. }
            | Event::Attested { .. }
            | Event::AttestationRefuted
            | Event::RemovedUnrecorded { .. }
            | Event::Ended { .. }
            | Event::ReviewOpened { .. }
            | Event::ReviewOverdue
            | Event::ReviewClosed { .. }
            | Event::UseDescribed { .. } => self.change(id, record),
            Event::LockdownStarted { .. }
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

    fn change(&mut self, id: RequestId, record: &Record) {
        let Some(request) = self.requests.get_mut(&id) else {
            return;
        };
        if !request.takes(&record.event) {
            return;
        }
        request.apply(record);
        let key = request.asked.holding.clone();
        if matches!(record.event, Event::Approved(_)) {
            self.holdings
                .entry(key.clone())
                .or_insert_with(|| Holding::new(key.clone()));
        }
        if let Some(holding) = self.holdings.get_mut(&key) {
            holding.apply(id, record);
        }
    }
}
