//! What must never happen, judged by what was before: each rule by itself, without the core's help.

use std::collections::{BTreeMap, BTreeSet};

use breakglass_core::command::Actor;
use breakglass_core::converge::CLOCKS_APART_MAX;
use breakglass_core::deadline::deadlines;
use breakglass_core::effect::{Effect, Topic};
use breakglass_core::event::{Approval, Approved, Cause, Event, Record, Seen};
use breakglass_core::fact::Facts;
use breakglass_core::id::{PersonId, RequestId, TargetId};
use breakglass_core::policy::Policy;
use breakglass_core::ruling::{Selector, Terms};
use breakglass_core::state::{Mode, Phase, Request, State};
use breakglass_core::time::{Length, Timestamp};

/// What was seen so far, and the first rule that was broken.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    pub(crate) broken: Option<String>,
    /// Who confirmed a path without approvals, and when.
    confirmed: BTreeMap<RequestId, Vec<(PersonId, Timestamp)>>,
    /// Since when a request's terms stand.
    stands_since: BTreeMap<RequestId, Timestamp>,
    approved: BTreeSet<RequestId>,
    leases: BTreeMap<RequestId, (Timestamp, Timestamp)>,
    /// What is over, and how.
    over: BTreeMap<RequestId, &'static str>,
}

impl Rules {
    pub(crate) fn break_if(&mut self, broken: bool, rule: impl FnOnce() -> String) {
        if broken && self.broken.is_none() {
            self.broken = Some(rule());
        }
    }

    /// Before it is applied.
    pub(crate) fn before(
        &mut self,
        state: &State,
        policy: &Policy,
        facts: &Facts,
        record: &Record,
    ) {
        let Some(request) = record.request.and_then(|id| state.requests.get(&id)) else {
            return;
        };
        let (id, now) = (request.id, record.at);
        let name = record.event.name();
        let fits = fits(&record.event, request);
        self.break_if(!fits, || {
            format!("I11 {id}: {name} while {}", request.phase_name())
        });
        if let Phase::Pending { lapses_at, .. } = request.phase {
            let decides = matches!(
                record.event,
                Event::Confirmed { .. }
                    | Event::ApprovalGiven { .. }
                    | Event::Approved(_)
                    | Event::Denied { .. }
                    | Event::TermsChanged(_)
            );
            self.break_if(decides && now >= lapses_at, || {
                format!("I15 {id}: {name} after its time")
            });
            let early = matches!(record.event, Event::Lapsed) && now < lapses_at;
            self.break_if(early, || format!("I15 {id}: lapsed before its time"));
        }
        match &record.event {
            Event::Confirmed { person } => self
                .confirmed
                .entry(id)
                .or_default()
                .push((person.clone(), now)),
            Event::TermsChanged(_) => {
                self.stands_since.insert(id, now);
                self.confirmed.remove(&id);
            }
            Event::ApprovalGiven { approval } => {
                self.approval((request, policy, facts), record, approval);
            }
            Event::Approved(approved) => {
                self.approved((state, request, policy, facts), now, approved);
            }
            Event::Activated {
                started_at,
                expires_at,
            } => {
                self.activated((state, request, facts), now, (*started_at, *expires_at));
            }
            Event::EndingStarted {
                cause: Cause::Expired,
                ..
            } => {
                let early =
                    matches!(request.phase, Phase::Active { expires_at } if now < expires_at);
                self.break_if(early, || format!("{id}: expired before its time"));
            }
            Event::Ended {
                seen: Seen::KeptBy(other),
                ..
            } => {
                let active = state
                    .requests
                    .get(other)
                    .is_some_and(|other| matches!(other.phase, Phase::Active { .. }));
                self.break_if(!active, || {
                    format!("I7 {id}: kept by {other}, which isn't active")
                });
            }
            _ => {}
        }
    }

    fn approval(
        &mut self,
        (request, policy, facts): (&Request, &Policy, &Facts),
        record: &Record,
        approval: &Approval,
    ) {
        let (id, person) = (request.id, &approval.person);
        self.break_if(request.concerns(person), || {
            format!("I9 {id}: {person} approves their own request")
        });
        let twice = request
            .approvals
            .iter()
            .any(|given| given.person == *person);
        self.break_if(twice, || format!("I10 {id}: {person} counts twice"));
        self.break_if(approval.digest != request.digest, || {
            format!("I12 {id}: something else was shown")
        });
        let theirs = match &record.actor {
            Actor::Person {
                person: actor,
                platform,
                account,
            } => {
                actor == person
                    && policy
                        .person_by(*platform, account)
                        .is_some_and(|listed| listed.id == *person)
            }
            _ => false,
        };
        self.break_if(!theirs, || format!("{id}: not by an account of {person}"));
        let may = request.terms.as_ref().is_some_and(|terms| {
            let slots = 0..terms.approvals.len();
            slots
                .into_iter()
                .any(|slot| may_fill((request, terms, slot), policy, facts, person))
        });
        self.break_if(!may, || format!("I13 {id}: {person} may not approve it"));
    }

    fn approved(
        &mut self,
        (state, request, policy, facts): (&State, &Request, &Policy, &Facts),
        now: Timestamp,
        approved: &Approved,
    ) {
        let id = request.id;
        let first = self.approved.insert(id);
        self.break_if(!first, || format!("I11 {id}: decided twice"));
        let open = matches!(state.house.mode, Mode::Open);
        self.break_if(!open, || {
            format!("{id}: approved while granting is stopped")
        });
        let Some(terms) = &request.terms else {
            self.break_if(true, || format!("I1 {id}: approved without terms"));
            return;
        };
        let gone = [&request.asked.requester, &request.asked.beneficiary];
        let gone = gone
            .into_iter()
            .any(|person| facts.inactive.contains(person));
        self.break_if(gone, || format!("I13 {id}: it is for somebody who left"));
        for (slot, quorum) in terms.approvals.iter().enumerate() {
            let fill = |(_, filled): &&(PersonId, u8)| usize::from(*filled) == slot;
            let people: BTreeSet<_> = approved
                .filled
                .iter()
                .filter(fill)
                .map(|(person, _)| person)
                .collect();
            self.break_if(people.len() < usize::from(quorum.count), || {
                format!("I10 {id}: too few people have agreed")
            });
            let able = people.iter().all(|person| {
                may_fill((request, terms, slot), policy, facts, person)
                    && request
                        .approvals
                        .iter()
                        .any(|given| given.person == **person && given.digest == request.digest)
            });
            self.break_if(!able, || {
                format!("I1 {id}: somebody counts who may not, or didn't agree to this")
            });
        }
        let people: BTreeSet<_> = approved.filled.iter().map(|(person, _)| person).collect();
        self.break_if(people.len() < approved.filled.len(), || {
            format!("I10 {id}: somebody fills two places")
        });
        if terms.approvals.is_empty() {
            let since = self
                .stands_since
                .get(&id)
                .copied()
                .unwrap_or(request.requested_at);
            let within = since.plus(Length::from_mins(5));
            let own = self.confirmed.get(&id).is_some_and(|given| {
                given
                    .iter()
                    .any(|(person, at)| *person == request.asked.requester && *at < within)
            });
            self.break_if(!own, || format!("I26 {id}: nobody broke the glass"));
        }
        let cuts = request.approvals.iter().filter_map(|approval| approval.cut);
        let most = cuts.fold(request.asked.duration.min(terms.max_duration), Length::min);
        let ends = approved.provision_by.plus(approved.lease);
        let long = approved.lease > most
            || approved.end_by > ends
            || approved.provision_by > now.plus(terms.provision_within);
        self.break_if(long, || format!("I14 {id}: for longer than was agreed to"));
    }

    fn activated(
        &mut self,
        (state, request, facts): (&State, &Request, &Facts),
        now: Timestamp,
        (started_at, expires_at): (Timestamp, Timestamp),
    ) {
        let id = request.id;
        let Phase::Approved {
            end_by,
            provision_by,
            ..
        } = request.phase
        else {
            return;
        };
        let lease = request.granted.unwrap_or_default();
        let long = expires_at > end_by || expires_at > started_at.plus(lease) || started_at > now;
        self.break_if(long, || format!("I14 {id}: it ends later than was decided"));
        self.break_if(now >= provision_by, || {
            format!("{id}: it began after it was given up")
        });
        let gone = [&request.asked.requester, &request.asked.beneficiary];
        let gone = gone
            .into_iter()
            .any(|person| facts.inactive.contains(person));
        self.break_if(gone, || format!("I13 {id}: it began for somebody who left"));
        let open = matches!(state.house.mode, Mode::Open);
        self.break_if(!open, || {
            format!("{id}: it began while granting is stopped")
        });
        let twice = self.leases.insert(id, (started_at, expires_at)).is_some();
        self.break_if(twice, || format!("I14 {id}: it began twice"));
    }

    /// After it is applied, with what it demands.
    pub(crate) fn after(&mut self, state: &State, record: &Record, effects: &[Effect]) {
        let Some(request) = record.request.and_then(|id| state.requests.get(&id)) else {
            return;
        };
        let id = request.id;
        let phase = request.phase_name();
        if let Some(over) = self.over.get(&id) {
            let over = *over;
            self.break_if(over != phase, || {
                format!("I11 {id}: it was {over} and is {phase}")
            });
        }
        let live = request.is_live() || request.is_pending();
        if !live {
            self.over.insert(id, phase);
        }
        let lease = self.leases.get(&id).copied();
        self.break_if(lease.is_some() && lease != request.lease, || {
            format!("I14 {id}: its end was moved")
        });
        let waits = match &request.phase {
            Phase::Ending(ending) => !ending.stuck,
            _ => live,
        };
        self.break_if(waits && deadlines(request).is_empty(), || {
            format!("I3 {id}: {phase}, and nothing will end it")
        });
        let said = effects.iter().any(|effect| {
            matches!(
                effect,
                Effect::Post {
                    topic: Topic::Decided,
                    ..
                }
            )
        });
        let is = matches!(
            record.event,
            Event::Activated { .. } | Event::Denied { .. } | Event::Lapsed | Event::Ended { .. }
        );
        self.break_if(said && !is, || {
            format!("{id}: \"you have it\" is said at {}", record.event.name())
        });
    }
}

/// Can it happen to a request as it is?
fn fits(event: &Event, request: &Request) -> bool {
    match event {
        Event::Confirmed { .. }
        | Event::TermsChanged(_)
        | Event::ApprovalGiven { .. }
        | Event::ApprovalsVoided { .. }
        | Event::Approved(_)
        | Event::Denied { .. }
        | Event::Withdrawn
        | Event::Lapsed
        | Event::Escalated { .. } => request.is_pending(),
        Event::Activated { .. } | Event::ProvisionFailed { .. } => {
            matches!(request.phase, Phase::Approved { .. })
        }
        Event::Reminded => matches!(request.phase, Phase::Active { .. }),
        Event::EndingStarted { .. } => {
            matches!(request.phase, Phase::Approved { .. } | Phase::Active { .. })
        }
        Event::DeprovisionFailed { .. } | Event::Stuck { .. } | Event::Ended { .. } => {
            matches!(request.phase, Phase::Ending(_))
        }
        Event::ReviewOpened { .. }
        | Event::ReviewOverdue
        | Event::ReviewClosed { .. }
        | Event::UseDescribed { .. } => {
            matches!(request.phase, Phase::Ended { .. })
        }
        Event::Requested(_) | Event::DeniedByPolicy(_) => false,
        _ => true,
    }
}

/// May this person fill a place of the quorum, by what was looked up?
fn may_fill(
    (request, terms, slot): (&Request, &Terms, usize),
    policy: &Policy,
    facts: &Facts,
    person: &PersonId,
) -> bool {
    let listed = policy.person(person).is_some_and(|listed| !listed.guest);
    let reached = terms.escalate.iter().take(usize::from(request.escalated));
    let mut from = terms.approvals[slot]
        .from
        .iter()
        .chain(reached.flat_map(|step| &step.to));
    listed
        && !facts.inactive.contains(person)
        && !request.concerns(person)
        && from.any(|selector| means(selector, policy, facts, person, &request.asked.target))
}

fn means(
    selector: &Selector,
    policy: &Policy,
    facts: &Facts,
    person: &PersonId,
    target: &TargetId,
) -> bool {
    match selector {
        Selector::Person(id) => id == person,
        Selector::Everyone => true,
        Selector::Employment(_) => false,
        Selector::OwnersOfTarget => {
            let owners = policy.target(target).map(|target| &target.owners);
            owners.is_some_and(|owners| {
                owners
                    .iter()
                    .any(|owner| means(owner, policy, facts, person, target))
            })
        }
        Selector::Group(id) => {
            let written = policy
                .group(id)
                .is_some_and(|group| group.members.contains(person));
            let told = facts.members.get(id).and_then(|members| members.value());
            written || told.is_some_and(|members| members.contains(person))
        }
    }
}

/// How late a pause may be: what a clock may be off.
pub(crate) const BACKOFF_MAX: i64 = 60_000 + CLOCKS_APART_MAX.millis();
