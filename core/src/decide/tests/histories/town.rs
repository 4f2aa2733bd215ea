//! A world with targets, and what no single step in it may do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use proptest::sample::Index;

use super::{PEOPLE, Step, TargetAnswer};
use crate::command::{Actor, Command, Fault, Outcome, Reach, Report, Sight, Sighting};
use crate::deadline::{Deadline, deadlines};
use crate::decide::tests::world::{Wish, World, by, failed, gone, parse, person, text, wish};
use crate::id::{HoldingId, RequestId};
use crate::state::{GrantPhase, Holding, Phase, Request, State, Wanted};
use crate::time::Timestamp;

/// A world with targets.
#[derive(Debug)]
pub(super) struct Town {
    pub(super) world: World,
    policies: Vec<crate::policy::Policy>,
    /// What is really there.
    there: BTreeSet<HoldingId>,
    /// What was begun, and is not reported yet: one at a time for a holding.
    in_hand: BTreeMap<HoldingId, Report>,
    reported: Vec<Report>,
}

static POLICIES: LazyLock<Vec<crate::policy::Policy>> = LazyLock::new(|| {
    use crate::decide::tests::world::POLICY;
    [
        POLICY.to_owned(),
        POLICY.replace("max_duration = \"30m\"", "max_duration = \"45m\""),
        POLICY.replace(
            "\"two-of-dba\"\nwho = [\"group:sre\"]",
            "\"two-of-dba\"\nwho = [\"group:leads\"]",
        ),
        POLICY.replace(
            "members = [\"dana\", \"bo\", \"cy\", \"gus\"]",
            "members = [\"dana\", \"cy\", \"gus\"]",
        ),
    ]
    .iter()
    .map(|text| parse(text))
    .collect()
});

impl Town {
    pub(super) fn new() -> Self {
        Self {
            world: World::new(),
            policies: POLICIES.clone(),
            there: BTreeSet::new(),
            in_hand: BTreeMap::new(),
            reported: Vec::new(),
        }
    }

    fn some(&self, at: Index) -> Option<RequestId> {
        let ids: Vec<_> = self.world.state.requests.keys().copied().collect();
        // Mostly the newer ones, where more can happen.
        let newer = &ids[ids.len().saturating_sub(4)..];
        (!ids.is_empty()).then(|| *at.get(newer))
    }

    pub(super) fn step(&mut self, step: &Step) {
        let before = self.world.state.clone();
        self.act(step);
        check_step(&before, &self.world.state);
    }

    fn act(&mut self, step: &Step) {
        match step {
            Step::Ask(who, beneficiary, role, severity) => {
                self.world.try_ask(&Wish {
                    beneficiary,
                    severity: *severity,
                    again: true,
                    ..wish(who, role)
                });
            }
            Step::Lock(on) => {
                let reason = text("token leak");
                let reach = Reach::StopGranting;
                let command = if *on {
                    Command::StartLockdown { reason, reach }
                } else {
                    Command::EndLockdown { reason }
                };
                self.world.give(&by("ines"), &command);
            }
            Step::Policy(place, again) => {
                self.world.policy = self.policies[*place].clone();
                let hash = self.world.policy.hash().clone();
                self.world
                    .give(&Actor::Server, &Command::LoadPolicy { hash });
                let waiting: Vec<_> = self.world.state.requests.keys().copied().collect();
                for id in waiting.into_iter().filter(|_| *again) {
                    self.world.rule_again(id);
                }
            }
            Step::Leave(who) => {
                let inactive = &mut self.world.facts.inactive;
                if !inactive.remove(&person(who)) {
                    inactive.insert(person(who));
                }
            }
            Step::Often(often) => {
                let count = if *often { 11 } else { 0 };
                self.world.facts.requests_24h = crate::fact::Known::Known(count);
            }
            Step::Pass(millis) => self.world.pass_millis(*millis),
            Step::Grant(role) => self.grant(role),
            Step::CloseReviews => {
                let all: Vec<_> = self.world.state.requests.keys().copied().collect();
                for (id, who) in all.iter().flat_map(|id| PEOPLE.map(|who| (*id, who))) {
                    self.world.close_review(who, id);
                }
            }
            Step::Tick => self.tick(),
            Step::Work(at, answer) => self.work(*at, *answer),
            Step::Meddle(at) => self.meddle(*at),
            Step::Deliver(which) => self.deliver(which.as_ref()),
            Step::Approve(_, at, _)
            | Step::ApproveAll(at)
            | Step::Deny(_, at)
            | Step::Confirm(_, at)
            | Step::ConfirmOwn(at)
            | Step::AskForApproval(at)
            | Step::TakeAfterSilence(at, _)
            | Step::Withdraw(at)
            | Step::GiveBack(at)
            | Step::Revoke(_, at)
            | Step::Due(at, _)
            | Step::Report(at, ..)
            | Step::RuleAgain(at) => {
                if let Some(id) = self.some(*at) {
                    self.act_on(id, step);
                }
            }
        }
    }

    fn act_on(&mut self, id: RequestId, step: &Step) {
        let world = &mut self.world;
        let asked = world.request(id).asked.clone();
        match step {
            Step::Approve(who, _, cut) => drop(world.approve_for(who, id, *cut)),
            Step::ApproveAll(_) => {
                for who in PEOPLE {
                    world.approve(who, id);
                }
            }
            Step::Deny(who, _) => drop(world.deny(who, id)),
            Step::Confirm(who, _) => drop(world.confirm(who, id)),
            Step::ConfirmOwn(_) => {
                world.confirm(asked.requester.as_str(), id);
                world.confirm(asked.beneficiary.as_str(), id);
            }
            Step::AskForApproval(_) => {
                world.ask_for_approval(asked.requester.as_str(), id);
            }
            Step::TakeAfterSilence(_, late) => {
                let requester = asked.requester.as_str();
                world.ask_for_approval(requester, id);
                if let Some(at) = world.due_at(id, Deadline::Silence) {
                    world.now = world.now.max(at);
                    world.due(id, Deadline::Silence);
                }
                if let Some(offer) = world.request(id).offer.clone() {
                    world.pass_millis(*late);
                    let digest = offer.digest;
                    let request = id;
                    world.give(&by(requester), &Command::Confirm { request, digest });
                }
            }
            Step::Withdraw(_) => drop(world.withdraw(asked.requester.as_str(), id)),
            Step::GiveBack(_) => drop(world.give_back(asked.beneficiary.as_str(), id)),
            Step::Revoke(who, _) => drop(world.revoke(who, id)),
            Step::Due(_, deadline) => drop(world.due(id, *deadline)),
            Step::Report(_, outcome, ago) => {
                let started_at = Timestamp::from_millis(world.now.millis() - ago);
                let attempt = Report {
                    started_at,
                    ..world.attempt(id)
                };
                world.report_from(&attempt, outcome.clone());
            }
            Step::RuleAgain(_) => drop(world.rule_again(id)),
            Step::Ask(..)
            | Step::Grant(_)
            | Step::CloseReviews
            | Step::Lock(_)
            | Step::Policy(..)
            | Step::Leave(_)
            | Step::Often(_)
            | Step::Pass(_)
            | Step::Tick
            | Step::Work(..)
            | Step::Meddle(_)
            | Step::Deliver(_) => {}
        }
    }

    fn grant(&mut self, role: &str) {
        let wish = Wish {
            again: true,
            ..wish("maya", role)
        };
        if self.world.try_ask(&wish) == "requested" {
            let id = self.world.newest();
            self.world.confirm("maya", id);
            for who in PEOPLE {
                self.world.approve(who, id);
            }
        }
    }

    fn tick(&mut self) {
        let requests: Vec<_> = self.world.state.requests.values().cloned().collect();
        for request in requests {
            for (deadline, at) in deadlines(&request) {
                if at <= self.world.now {
                    self.world.due(request.id, deadline);
                }
            }
        }
    }

    fn work(&mut self, at: Index, answer: TargetAnswer) {
        let ids: Vec<_> = self.world.state.holdings.keys().cloned().collect();
        if !ids.is_empty() {
            self.work_on(at.get(&ids).clone(), answer);
        }
    }

    fn work_on(&mut self, holding: HoldingId, answer: TargetAnswer) {
        if self.in_hand.contains_key(&holding) {
            return;
        }
        let outcome = match (self.world.state.holdings[&holding].wanted(), answer) {
            (Wanted::Settled, _) => return,
            (Wanted::Present { .. }, TargetAnswer::Does) => {
                self.there.insert(holding.clone());
                Outcome::Given
            }
            (Wanted::Absent { .. }, TargetAnswer::Does) => {
                self.there.remove(&holding);
                gone()
            }
            (Wanted::Present { .. } | Wanted::Absent { .. }, TargetAnswer::Fails) => {
                failed(Fault::Passing, 1)
            }
        };
        let report = Report {
            holding: holding.clone(),
            version: self.world.state.holdings[&holding].version,
            started_at: self.world.now,
            outcome,
        };
        self.in_hand.insert(holding, report);
    }

    fn deliver(&mut self, which: Option<&Index>) {
        let report = match which {
            Some(at) if !self.reported.is_empty() => at.get(&self.reported).clone(),
            Some(_) => return,
            None => {
                let Some((_, report)) = self.in_hand.pop_first() else {
                    return;
                };
                self.reported.push(report.clone());
                report
            }
        };
        self.world
            .give(&Actor::Worker, &Command::Report(Box::new(report)));
        self.check_truth();
    }

    /// Where nothing is on its way; there the next look sees it.
    fn meddle(&mut self, at: Index) {
        let now = self.world.now;
        let idle = |(id, holding): &(&HoldingId, &Holding)| {
            let mut grants = holding.grants.values();
            holding.wanted() == Wanted::Settled
                && grants.all(|grant| now < grant.not_after)
                && !self.in_hand.contains_key(*id)
        };
        let holdings = self.world.state.holdings.iter().filter(idle);
        let ids: Vec<_> = holdings.map(|(id, _)| id.clone()).collect();
        if ids.is_empty() {
            return;
        }
        let holding = at.get(&ids).clone();
        if !self.there.remove(&holding) {
            self.there.insert(holding.clone());
        }
        loop {
            let sighting = Sighting {
                version: self.world.state.holdings[&holding].version,
                holding: holding.clone(),
                sight: if self.there.contains(&holding) {
                    Sight::Ours
                } else {
                    Sight::Missing
                },
            };
            let command = Command::Reconcile(Box::new(sighting));
            if self.world.give(&Actor::Worker, &command) == "nothing" {
                break;
            }
        }
        self.check_truth();
    }

    /// What is said of a target is so.
    fn check_truth(&self) {
        for holding in self.world.state.holdings.values() {
            let active = |grant: &crate::state::Grant| grant.phase == GrantPhase::Active;
            if holding.grants.values().any(active) {
                assert!(self.there.contains(&holding.id), "{holding:?} isn't there");
            }
            let idle = !holding.is_ours() && !self.in_hand.contains_key(&holding.id);
            if idle {
                assert!(
                    !self.there.contains(&holding.id),
                    "{holding:?} is still there"
                );
            }
        }
    }

    /// Time goes on and targets answer: everything comes to an end.
    pub(super) fn end(&mut self) {
        for step in 0..70 {
            self.world.pass(if step < 10 { "3m" } else { "30m" });
            self.tick();
            let holdings: Vec<_> = self.world.state.holdings.keys().cloned().collect();
            for holding in holdings {
                self.work_on(holding, TargetAnswer::Does);
            }
            while !self.in_hand.is_empty() {
                self.deliver(None);
            }
        }
        for request in self.world.state.requests.values() {
            assert!(is_final(request), "{request:?}");
        }
        for holding in self.world.state.holdings.values() {
            assert_eq!(holding.wanted(), Wanted::Settled);
            assert!(!holding.is_ours());
        }
        assert!(self.there.is_empty(), "{:?}", self.there);
    }
}

fn is_final(request: &Request) -> bool {
    match request.phase {
        Phase::Ended { .. }
        | Phase::Denied { .. }
        | Phase::Withdrawn { .. }
        | Phase::Lapsed { .. } => true,
        Phase::Pending { .. }
        | Phase::Approved { .. }
        | Phase::Active { .. }
        | Phase::Ending(_) => false,
    }
}

/// What no single step may do.
fn check_step(before: &State, after: &State) {
    for (id, was) in &before.requests {
        let is = &after.requests[id];
        if is_final(was) {
            assert_eq!(was.phase, is.phase, "{id}: what was final changed");
        }
        if was.lease.is_some() {
            assert_eq!(was.lease, is.lease, "{id}: the lease was moved");
        }
        assert_eq!(was.asked, is.asked, "{id}: something else was asked");
    }
    for request in after.requests.values() {
        let waits = match &request.phase {
            Phase::Ending(ending) => ending.attested.is_none(),
            Phase::Pending { .. } | Phase::Approved { .. } | Phase::Active { .. } => true,
            Phase::Ended { .. }
            | Phase::Denied { .. }
            | Phase::Withdrawn { .. }
            | Phase::Lapsed { .. } => false,
        };
        assert!(!waits || !deadlines(request).is_empty(), "{request:?}");
    }
    for holding in after.holdings.values() {
        let live = |grant: &crate::state::Grant| grant.phase != GrantPhase::Ending;
        let kept = holding.grants.values().any(live);
        match holding.wanted() {
            Wanted::Present { .. } => assert!(kept, "{holding:?}"),
            Wanted::Absent { .. } => assert!(!kept, "{holding:?}"),
            Wanted::Settled => assert!(kept || holding.grants.is_empty(), "{holding:?}"),
        }
    }
}
