//! What must be so after any history.

use super::{World, genesis};
use crate::event::Event;
use crate::id::RequestId;
use crate::state::{GrantPhase, Phase, Request};
use crate::time::Length;

impl World {
    /// What must be so after any history.
    pub(crate) fn check(&self) {
        let mut replayed = genesis();
        for record in &self.log {
            replayed.apply(record);
        }
        assert_eq!(
            replayed, self.state,
            "replaying the log gives another state"
        );
        for request in self.state.requests.values() {
            check_request(self, request);
        }
        for holding in self.state.holdings.values() {
            let open = |id: &RequestId| self.request(*id).is_live();
            assert!(holding.grants.keys().all(open), "{holding:?}");
        }
        for request in self.state.requests.values().filter(|one| one.is_live()) {
            let grant = &self.state.holdings[&request.asked.holding].grants[&request.id];
            let phase = match request.phase {
                Phase::Approved { .. } => Some(GrantPhase::Approved),
                Phase::Active { .. } => Some(GrantPhase::Active),
                Phase::Ending(_) => Some(GrantPhase::Ending),
                Phase::Pending { .. }
                | Phase::Ended { .. }
                | Phase::Denied { .. }
                | Phase::Withdrawn { .. }
                | Phase::Lapsed { .. } => None,
            };
            assert_eq!(Some(grant.phase), phase, "{}", request.id);
        }
    }
}

fn check_request(world: &World, request: &Request) {
    let id = request.id;
    for approval in &request.approvals {
        assert!(
            !request.concerns(&approval.person),
            "{id}: approved for themselves"
        );
        assert_eq!(approval.digest, request.digest, "{id}: approved another");
    }
    let mut people: Vec<_> = request.approvals.iter().map(|one| &one.person).collect();
    people.sort();
    people.dedup();
    assert_eq!(
        people.len(),
        request.approvals.len(),
        "{id}: somebody twice"
    );
    let decisions: Vec<_> = world
        .events("approved")
        .into_iter()
        .filter(|record| record.request == Some(id))
        .collect();
    assert!(decisions.len() <= 1, "{id}: decided twice");
    let Some(Event::Approved(approved)) = decisions.first().map(|record| &record.event) else {
        assert!(request.lease.is_none(), "{id}: access without a decision");
        return;
    };
    let at = decisions[0].at;
    let terms = request.terms.as_ref().unwrap();
    let cuts = request.approvals.iter().filter_map(|approval| approval.cut);
    let least = cuts.fold(request.asked.duration.min(terms.max_duration), Length::min);
    assert!(approved.lease <= least, "{id}: too long a lease");
    assert_eq!(
        approved.end_by,
        at.plus(terms.provision_within).plus(approved.lease)
    );
    if terms.approvals.is_empty() {
        check_confirmed(world, request);
    }
    let mut filled: Vec<_> = approved.filled.iter().map(|(person, _)| person).collect();
    filled.sort();
    filled.dedup();
    let needed: usize = terms
        .approvals
        .iter()
        .map(|one| usize::from(one.count))
        .sum();
    assert_eq!(
        filled.len(),
        needed,
        "{id}: not all slots by distinct people"
    );
    let starts: Vec<_> = world
        .events("activated")
        .into_iter()
        .filter(|record| record.request == Some(id))
        .collect();
    assert!(starts.len() <= 1, "{id}: started twice");
    if let Some((started_at, expires_at)) = request.lease {
        assert!(expires_at <= approved.end_by, "{id}: ends too late");
        assert!(
            expires_at <= started_at.plus(approved.lease),
            "{id}: too long"
        );
    }
}

/// A path without approvals is taken by its requester's own click, less than five minutes after it was shown.
fn check_confirmed(world: &World, request: &Request) {
    let id = request.id;
    let of_it = |name| {
        let records = world.events(name).into_iter();
        records.filter(move |record| record.request == Some(id))
    };
    let by_requester = |event: &Event| matches!(event, Event::Confirmed { person } if *person == request.asked.requester);
    let confirmed = of_it("confirmed").filter(|record| by_requester(&record.event));
    let confirmed: Vec<_> = confirmed.collect();
    assert_eq!(confirmed.len(), 1, "{id}: not confirmed once");
    let offers = of_it("glass_offered").filter(|record| {
        matches!(&record.event, Event::GlassOffered { offer } if offer.digest == request.digest)
    });
    let asked = of_it("requested").chain(of_it("terms_changed"));
    let shown = offers.map(|record| record.at).max();
    let shown = shown
        .or_else(|| asked.map(|record| record.at).max())
        .unwrap();
    let late = confirmed[0].at.millis_since(shown);
    assert!(late < 300_000, "{id}: confirmed after {late} ms");
}
