//! A town of five people, one target, one worker, and the clock.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::sync::LazyLock;

use breakglass_core::command::{Actor, Ask, Command, Report};
use breakglass_core::deadline::{Deadline, deadlines};
use breakglass_core::decide::{Situation, decide};
use breakglass_core::document::SourceFile;
use breakglass_core::effect::{Effect, react};
use breakglass_core::event::{Event, RECORD_VERSION, Record};
use breakglass_core::fact::Facts;
use breakglass_core::id::{HoldingId, PersonId, Platform, PolicyHash, RequestId};
use breakglass_core::policy::Policy;
use breakglass_core::ruling::Question;
use breakglass_core::state::{Holding, Phase, Request, State};
use breakglass_core::text::Text;
use breakglass_core::time::Timestamp;

use super::worker::{Call, Hand};

const START: Timestamp = Timestamp::from_millis(1_772_417_640_000);

const POLICY: &str = r#"
version = 1
person = [
  { id = "maya", slack = "UMAYA" }, { id = "bo", slack = "UBO" }, { id = "ines", slack = "UINES" }, { id = "lee", slack = "ULEE" },
]
group = [{ id = "dba", members = ["bo", "lee"] }, { id = "security", members = ["ines", "lee"] }]

[defaults]
duration = "3m"
justification = { min = 5, max = 500 }
review = "never"
reviewers = ["group:security"]

[powers]
deny = ["person:lee"]
revoke = ["person:lee"]

[[target]]
id = "orders-db"
sensitivity = "high"
provisioner = "orders"
roles = [{ id = "admin", grants = "orders_admin" }, { id = "read", grants = "orders_read" }]

[[rule]]
id = "two-people"
who = ["person:maya"]
roles = ["orders-db/admin"]
approvals = [{ from = ["group:dba"], count = 1 }, { from = ["group:security"], count = 1 }]

[[rule]]
id = "one-person"
who = ["person:maya"]
roles = ["orders-db/read"]
approvals = [{ from = ["group:dba"], count = 1 }]
"#;

static PARSED: LazyLock<Policy> = LazyLock::new(|| {
    let file = SourceFile {
        name: "policy.toml".to_owned(),
        text: POLICY.to_owned(),
    };
    Policy::parse(&[file]).unwrap_or_else(|faults| panic!("{faults:?}"))
});

/// What is gone through, and how many calls to the target fail at most: each is an event, so that without a bound there
/// is no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Story {
    pub(super) plot: Plot,
    pub(super) failures: u32,
    pub(super) fence: Fence,
}

/// Does the target refuse what was sent too long ago?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fence {
    Kept,
    /// A mistake, made to see that it is found.
    Missing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plot {
    /// Two approvers, somebody who denies, and the requester who takes it back.
    OneRequest,
    /// Two grants on the same holding, decided one after the other.
    TwoGrants,
    /// One grant, and a worker that falls asleep with a call on its way, so that another takes over.
    Sleeper,
}

/// What happens next. Everything may happen again and again, as chats and replicas deliver twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// The second request is asked and approved.
    Ask,
    Approve(&'static str, RequestId),
    Deny(RequestId),
    Withdraw(RequestId),
    GiveBack(RequestId),
    Revoke(RequestId),
    /// Time passes, until just before the next deadline or until it.
    Wait(Until),
    /// The ticker says so: too early, in time, too late, or twice.
    FallDue(RequestId, Deadline),
    /// A worker takes the errand up, and looks at what is wanted.
    Begin,
    /// It sends a call on its way.
    Send(Worker),
    /// The target is called, and answers.
    Call(Worker, Call),
    /// The worker tells what came of it.
    Report(Worker),
    /// What it told is delivered once more.
    ReportAgain,
    /// It settles the errand.
    Settle(Worker),
    /// It dies, and the errand is free again.
    Crash,
    /// It falls asleep for longer than the errand is its own.
    FallAsleep,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    JustBefore,
    Due,
}

/// Of whom a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worker {
    /// Whoever holds the errand.
    Awake,
    /// Who held it before, and slept.
    Sleeper,
}

/// A holding's row in the outbox: was it demanded again since it was taken up?
pub(super) type Errand = Option<Again>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Again {
    No,
    Demanded,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Town {
    pub(super) state: State,
    pub(super) now: Timestamp,
    /// Does the target show the access?
    pub(super) access: bool,
    pub(super) errand: Errand,
    pub(super) hand: Option<Hand>,
    pub(super) sleeper: Option<Hand>,
    /// Once is enough, and more would have no end.
    pub(super) slept: bool,
    /// Calls to the target that failed so far.
    pub(super) failures: u32,
    /// The last report, which may come again.
    pub(super) told: Option<Report>,
    /// What should never have happened.
    pub(super) broken: Option<&'static str>,
}

impl Hash for Town {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        for request in self.state.requests.values() {
            hash_request(request, hasher);
        }
        for holding in self.state.holdings.values() {
            format!("{:?}", (holding.version, &holding.grants)).hash(hasher);
        }
        (
            self.now,
            self.access,
            self.errand,
            self.failures,
            self.slept,
            self.broken,
        )
            .hash(hasher);
        format!("{:?} {:?} {:?}", self.hand, self.sleeper, self.told).hash(hasher);
    }
}

/// What can differ of a request once it is asked. The house, the terms and the facts are the same in all of the town.
fn hash_request(request: &Request, hasher: &mut impl Hasher) {
    let Request {
        id,
        version,
        newest_seq: _,
        requested_at,
        asked: _,
        terms: _,
        risk: _,
        digest: _,
        facts: _,
        approvals,
        approvers,
        waiting_since: _,
        escalated: _,
        unanswered,
        offer: _,
        pages: _,
        phase,
        lease,
        granted,
        reminded: _,
        right_lost: _,
        preflight: _,
        revoked_by,
        removed_at: _,
        review: _,
    } = request;
    (
        id,
        version,
        requested_at,
        approvers,
        unanswered,
        lease,
        revoked_by,
    )
        .hash(hasher);
    format!("{phase:?} {granted:?}").hash(hasher);
    for approval in approvals {
        (&approval.person, approval.at).hash(hasher);
    }
}

impl Town {
    pub(super) fn new(story: Story) -> Self {
        let mut town = Self {
            state: State {
                next_request: 1,
                ..State::default()
            },
            now: START,
            access: false,
            errand: None,
            hand: None,
            sleeper: None,
            slept: false,
            failures: 0,
            told: None,
            broken: None,
        };
        let hash = PARSED.hash().clone();
        town.give(&Actor::Server, &Command::LoadPolicy { hash });
        town.begin_story(story);
        assert_eq!(town.state.requests.len(), 1);
        town
    }

    pub(super) fn holding(&self) -> Option<&Holding> {
        self.state.holdings.values().next()
    }

    /// Are so many requests in this phase?
    pub(super) fn is(&self, phase: &str, many: usize) -> bool {
        let requests = self.state.requests.values();
        requests
            .filter(|request| request.phase_name() == phase)
            .count()
            == many
    }

    /// Whatever can happen.
    pub(super) fn steps(&self, story: Story, steps: &mut Vec<Step>) {
        for id in self.state.requests.keys().copied() {
            steps.push(Step::GiveBack(id));
            let due = |deadline| Step::FallDue(id, deadline);
            steps.extend([Deadline::GiveUp, Deadline::Expire].map(due));
            if story.plot == Plot::OneRequest {
                steps.extend(["bo", "ines", "maya"].map(|who| Step::Approve(who, id)));
                steps.extend([Step::Deny(id), Step::Withdraw(id), Step::Revoke(id)]);
                steps.extend([Deadline::Lapse, Deadline::Stick].map(due));
            }
        }
        if story.plot == Plot::TwoGrants && self.state.requests.len() < 2 {
            steps.push(Step::Ask);
        }
        if self.next_deadline().is_some() {
            steps.push(Step::Wait(Until::Due));
            if story.plot == Plot::OneRequest {
                steps.push(Step::Wait(Until::JustBefore));
            }
        }
        steps.extend(self.errands(story));
    }

    /// What there is after a step; the same, if it does nothing.
    pub(super) fn after(&self, story: Story, step: &Step) -> Self {
        let mut next = self.clone();
        next.take(story, step);
        next.check(self);
        next
    }

    fn take(&mut self, story: Story, step: &Step) {
        match step {
            Step::Ask => self.begin_story(story),
            Step::Approve(who, request) => {
                let digest = self.state.requests[request].digest.clone();
                let (request, cut) = (*request, None);
                self.give(
                    &by(who),
                    &Command::Approve {
                        request,
                        digest,
                        cut,
                    },
                );
            }
            Step::Deny(request) => {
                let digest = self.state.requests[request].digest.clone();
                let (request, reason) = (*request, text("use the replica"));
                self.give(
                    &by("lee"),
                    &Command::Deny {
                        request,
                        digest,
                        reason,
                    },
                );
            }
            Step::Withdraw(request) => {
                self.give(&by("maya"), &Command::Withdraw { request: *request });
            }
            Step::GiveBack(request) => {
                self.give(&by("maya"), &Command::GiveBack { request: *request });
            }
            Step::Revoke(request) => {
                let (request, reason) = (*request, text("not now"));
                self.give(&by("lee"), &Command::Revoke { request, reason });
            }
            Step::Wait(until) => {
                if let Some(due) = self.next_deadline() {
                    let before = Timestamp::from_millis(due.millis() - 1);
                    self.now = match until {
                        Until::JustBefore => self.now.max(before),
                        Until::Due => due,
                    };
                }
            }
            Step::FallDue(request, deadline) => {
                let (request, deadline) = (*request, *deadline);
                self.give(&Actor::Clock, &Command::FallDue { request, deadline });
            }
            Step::Begin => self.begin(),
            Step::Send(who) => self.send(*who),
            Step::Call(who, call) => self.call(*who, *call, story.fence),
            Step::Report(who) => self.report(*who),
            Step::ReportAgain => self.report_again(),
            Step::Settle(who) => self.settle(*who),
            Step::Crash => self.hand = None,
            Step::FallAsleep => self.fall_asleep(),
        }
    }

    /// When it matters next what time it is. That people were told of a slow end changes nothing.
    fn next_deadline(&self) -> Option<Timestamp> {
        let requests = self.state.requests.values();
        let due = requests.flat_map(deadlines);
        let due =
            due.filter(|(deadline, _)| !matches!(deadline, Deadline::Stick | Deadline::Silence));
        let due = due.map(|(_, at)| at);
        due.filter(|at| *at > self.now).min()
    }

    fn begin_story(&mut self, story: Story) {
        self.ask(story);
        let approved = story.plot != Plot::OneRequest;
        if let (true, Some(id)) = (approved, self.state.requests.keys().next_back()) {
            let approve = Step::Approve("bo", *id);
            self.take(story, &approve);
        }
    }

    fn ask(&mut self, story: Story) {
        let role = match story.plot {
            Plot::OneRequest => "admin",
            Plot::TwoGrants | Plot::Sleeper => "read",
        };
        let question = Question {
            requester: person("maya"),
            beneficiary: person("maya"),
            target: "orders-db".parse().unwrap(),
            role: role.parse().unwrap(),
            duration: None,
            severity: None,
            incident: None,
            platform: Platform::Slack,
        };
        let holding = HoldingId {
            provisioner: "orders".parse().unwrap(),
            account: "maya".to_owned(),
            entitlement: format!("orders_{role}"),
        };
        let ask = Ask {
            question,
            holding,
            justification: text("replication slot stuck"),
            source: None,
            again: true,
        };
        self.give(&by("maya"), &Command::Ask(Box::new(ask)));
    }

    /// Decides, records, applies, and keeps what is to be done at the target.
    pub(super) fn give(&mut self, actor: &Actor, command: &Command) {
        let situation = Situation {
            policy: &PARSED,
            state: &self.state,
            facts: &Facts::default(),
            now: self.now,
        };
        let Ok(decision) = decide(&situation, actor, command) else {
            return;
        };
        for event in decision.events {
            self.look_at(&event, decision.request);
            let record = Record {
                v: RECORD_VERSION,
                // Nothing decides by it, and orders that differ in nothing else are the same.
                seq: 1,
                at: self.now,
                actor: actor.clone(),
                request: decision.request,
                emergency: true,
                policy: self
                    .state
                    .house
                    .policy
                    .clone()
                    .unwrap_or_else(PolicyHash::none),
                event,
            };
            self.state.apply(&record);
            let effects = react(&self.state, &record);
            if effects
                .iter()
                .any(|effect| matches!(effect, Effect::Converge { .. }))
            {
                self.errand = Some(Again::Demanded);
            }
        }
    }

    /// Rules for what happens, by what was before.
    fn look_at(&mut self, event: &Event, request: Option<RequestId>) {
        let Some(request) = request.and_then(|id| self.state.requests.get(&id)) else {
            return;
        };
        let lapsed =
            matches!(request.phase, Phase::Pending { lapses_at, .. } if self.now >= lapses_at);
        let decides = matches!(
            event,
            Event::ApprovalGiven { .. } | Event::Approved(_) | Event::Denied { .. }
        );
        let broken = if decides && lapsed {
            Some("it is decided after its time")
        } else if let Event::ApprovalGiven { approval } = event {
            let own = approval.person == request.asked.requester;
            own.then_some("somebody approves their own request")
        } else if let Event::Approved(approved) = event {
            let people: BTreeSet<_> = approved.filled.iter().map(|(person, _)| person).collect();
            let needed = request.terms.iter().flat_map(|terms| &terms.approvals);
            let needed: usize = needed.map(|quorum| usize::from(quorum.count)).sum();
            (people.len() < needed).then_some("too few people have agreed")
        } else if let Event::Activated { expires_at, .. } = event {
            let in_time =
                matches!(request.phase, Phase::Approved { end_by, .. } if *expires_at <= end_by);
            (!in_time).then_some("it ends later than was decided")
        } else {
            None
        };
        self.broken = self.broken.or(broken);
    }

    /// Rules for what changed.
    fn check(&mut self, before: &Self) {
        let ends: BTreeMap<_, _> = before
            .state
            .requests
            .iter()
            .filter(|(_, request)| is_over(request))
            .collect();
        for (id, request) in ends {
            if self.state.requests.get(id).map(Request::phase_name) != Some(request.phase_name()) {
                self.broken = self.broken.or(Some("what was over goes on"));
            }
        }
        for (id, request) in &self.state.requests {
            let earlier = before
                .state
                .requests
                .get(id)
                .and_then(|request| request.lease);
            if earlier.is_some() && earlier != request.lease {
                self.broken = self.broken.or(Some("the end was moved"));
            }
        }
    }
}

fn is_over(request: &Request) -> bool {
    !request.is_pending() && !request.is_live()
}

fn by(who: &str) -> Actor {
    Actor::Person {
        person: person(who),
        platform: Platform::Slack,
        account: format!("U{}", who.to_uppercase()),
    }
}

fn person(id: &str) -> PersonId {
    id.parse().unwrap()
}

fn text(typed: &str) -> Text {
    Text::new(typed, "00").unwrap()
}
