//! A small world to try the lifecycle in: one policy, one state, a clock moved by hand, the whole log.

mod check;

use std::sync::LazyLock;

use crate::command::{Actor, Ask, Command, Fault, Outcome, Report};
use crate::deadline::{Deadline, deadlines};
use crate::decide::{Situation, decide};
use crate::document::SourceFile;
use crate::effect::{Effect, react};
use crate::event::{Event, RECORD_VERSION, Record};
use crate::fact::Facts;
use crate::id::{Digest, HoldingId, PersonId, Platform, PolicyHash, RequestId};
use crate::policy::Policy;
use crate::port::provisioner::Presence;
use crate::refusal::Refusal;
use crate::ruling::{Question, Severity};
use crate::state::{Request, State};
use crate::text::Text;
use crate::time::Timestamp;

pub(crate) const POLICY: &str = include_str!("policy.toml");

static USUAL: LazyLock<Policy> = LazyLock::new(|| parse(POLICY));

/// When every test begins: 2026-03-02T02:14:00Z, a Monday.
const START: Timestamp = Timestamp::from_millis(1_772_417_640_000);

/// What somebody wants, with the usual filled in.
#[derive(Debug, Clone)]
pub(crate) struct Wish<'a> {
    pub(crate) by: &'a str,
    pub(crate) beneficiary: &'a str,
    pub(crate) role: &'a str,
    pub(crate) duration: Option<&'a str>,
    pub(crate) severity: Option<u8>,
    pub(crate) why: &'a str,
    pub(crate) again: bool,
}

/// `maya` wants `orders-db/admin` for herself.
pub(crate) fn wish<'a>(by: &'a str, role: &'a str) -> Wish<'a> {
    Wish {
        by,
        beneficiary: by,
        role,
        duration: None,
        severity: None,
        why: "replication slot stuck",
        again: false,
    }
}

/// The same as the most urgent there is, which opens the break-glass rule.
pub(crate) fn urgent<'a>(by: &'a str, role: &'a str) -> Wish<'a> {
    Wish {
        severity: Some(1),
        ..wish(by, role)
    }
}

/// Everything a decision needs, and everything that came of them. On drop the log is replayed.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) policy: Policy,
    pub(crate) state: State,
    pub(crate) facts: Facts,
    pub(crate) now: Timestamp,
    pub(crate) log: Vec<Record>,
    /// Effects of the newest command.
    pub(crate) effects: Vec<Effect>,
    /// Why the newest command was refused.
    pub(crate) refusal: Option<Refusal>,
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.check();
        }
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            policy: USUAL.clone(),
            state: genesis(),
            facts: Facts::default(),
            now: START,
            log: Vec::new(),
            effects: Vec::new(),
            refusal: None,
        }
    }

    /// Another policy comes into force; nothing is ruled again by that alone.
    pub(crate) fn load(&mut self, text: &str) {
        self.policy = parse(text);
        let hash = self.policy.hash().clone();
        assert_eq!(
            self.give(&Actor::Server, &Command::LoadPolicy { hash }),
            "policy_loaded"
        );
    }

    /// The policy with every `from` replaced by `to`, which must be there.
    pub(crate) fn amend(&mut self, from: &str, to: &str) {
        assert!(POLICY.contains(from), "{from}");
        self.load(&POLICY.replace(from, to));
    }

    /// Decides, records, applies. Gives the names of the events, or the code of the refusal.
    pub(crate) fn give(&mut self, actor: &Actor, command: &Command) -> String {
        self.effects.clear();
        self.refusal = None;
        let situation = Situation {
            policy: &self.policy,
            state: &self.state,
            facts: &self.facts,
            now: self.now,
        };
        let decision = match decide(&situation, actor, command) {
            Ok(decision) => decision,
            Err(refusal) => {
                let code = format!("refused: {}", refusal.code());
                self.refusal = Some(refusal);
                return code;
            }
        };
        let mut names = Vec::new();
        for event in decision.events {
            names.push(event.name());
            self.record(actor, decision.request, event);
        }
        if names.is_empty() {
            return "nothing".to_owned();
        }
        names.join(" ")
    }

    fn record(&mut self, actor: &Actor, request: Option<RequestId>, event: Event) {
        let hash = self.state.house.policy.clone();
        let record = Record {
            v: RECORD_VERSION,
            seq: self.log.len() as u64 + 1,
            at: self.now,
            actor: actor.clone(),
            request,
            emergency: true,
            policy: hash.unwrap_or_else(PolicyHash::none),
            event,
        };
        self.state.apply(&record);
        self.effects.extend(react(&self.state, &record));
        self.log.push(record);
    }

    // --- people -------------------------------------------------------------------------------

    pub(crate) fn ask_command(&self, wish: &Wish<'_>) -> Command {
        let (target, role) = wish.role.split_once('/').unwrap();
        let (target, role) = (target.parse().unwrap(), role.parse().unwrap());
        let question = Question {
            requester: person(wish.by),
            beneficiary: person(wish.beneficiary),
            duration: wish.duration.map(|text| text.parse().unwrap()),
            severity: wish.severity.map(|level| Severity::new(level).unwrap()),
            incident: None,
            platform: Platform::Slack,
            target,
            role,
        };
        let holding = HoldingId {
            provisioner: self
                .policy
                .target(&question.target)
                .unwrap()
                .provisioner
                .clone(),
            account: wish.beneficiary.to_owned(),
            entitlement: self
                .policy
                .role(&question.target, &question.role)
                .unwrap()
                .grants
                .clone(),
        };
        Command::Ask(Box::new(Ask {
            question,
            holding,
            justification: text(wish.why),
            source: None,
            again: wish.again,
        }))
    }

    /// Asks, and says what came of it.
    pub(crate) fn try_ask(&mut self, wish: &Wish<'_>) -> String {
        let command = self.ask_command(wish);
        self.give(&by(wish.by), &command)
    }

    /// Asks, and it is taken in.
    pub(crate) fn ask(&mut self, wish: &Wish<'_>) -> RequestId {
        assert_eq!(self.try_ask(wish), "requested", "{:?}", self.refusal);
        self.newest()
    }

    /// The request asked last.
    pub(crate) fn newest(&self) -> RequestId {
        *self.state.requests.keys().next_back().unwrap()
    }

    pub(crate) fn approve(&mut self, who: &str, request: RequestId) -> String {
        self.approve_for(who, request, None)
    }

    pub(crate) fn approve_for(
        &mut self,
        who: &str,
        request: RequestId,
        cut: Option<&str>,
    ) -> String {
        let command = Command::Approve {
            request,
            digest: self.digest(request),
            cut: cut.map(|text| text.parse().unwrap()),
        };
        self.give(&by(who), &command)
    }

    pub(crate) fn deny(&mut self, who: &str, request: RequestId) -> String {
        let command = Command::Deny {
            request,
            digest: self.digest(request),
            reason: text("use the read replica"),
        };
        self.give(&by(who), &command)
    }

    pub(crate) fn confirm(&mut self, who: &str, request: RequestId) -> String {
        let digest = self.digest(request);
        self.give(&by(who), &Command::Confirm { request, digest })
    }

    pub(crate) fn ask_for_approval(&mut self, who: &str, request: RequestId) -> String {
        self.give(&by(who), &Command::AskForApproval { request })
    }

    pub(crate) fn withdraw(&mut self, who: &str, request: RequestId) -> String {
        self.give(&by(who), &Command::Withdraw { request })
    }

    pub(crate) fn give_back(&mut self, who: &str, request: RequestId) -> String {
        self.give(&by(who), &Command::GiveBack { request })
    }

    pub(crate) fn revoke(&mut self, who: &str, request: RequestId) -> String {
        let reason = text("not now");
        self.give(&by(who), &Command::Revoke { request, reason })
    }

    pub(crate) fn close_review(&mut self, who: &str, request: RequestId) -> String {
        let finding = crate::command::Finding::Justified;
        let note = text("as said");
        self.give(
            &by(who),
            &Command::CloseReview {
                request,
                finding,
                note,
            },
        )
    }

    // --- worker and clock -----------------------------------------------------------------------

    /// The target answers to an attempt that began now.
    pub(crate) fn report(&mut self, request: RequestId, outcome: Outcome) -> String {
        let attempt = self.attempt(request);
        self.report_from(&attempt, outcome)
    }

    /// A worker looks at what is wanted.
    pub(crate) fn attempt(&self, request: RequestId) -> Report {
        let holding = self.request(request).asked.holding.clone();
        Report {
            version: self
                .state
                .holdings
                .get(&holding)
                .map_or(0, |one| one.version),
            holding,
            started_at: self.now,
            outcome: Outcome::Given,
        }
    }

    /// The target answers to an earlier attempt.
    pub(crate) fn report_from(&mut self, attempt: &Report, outcome: Outcome) -> String {
        let report = Report {
            outcome,
            ..attempt.clone()
        };
        self.give(&Actor::Worker, &Command::Report(Box::new(report)))
    }

    pub(crate) fn due(&mut self, request: RequestId, deadline: Deadline) -> String {
        self.give(&Actor::Clock, &Command::FallDue { request, deadline })
    }

    pub(crate) fn rule_again(&mut self, request: RequestId) -> String {
        self.give(&Actor::Server, &Command::RuleAgain { request })
    }

    /// The clock moves; nothing happens by itself.
    pub(crate) fn pass(&mut self, length: &str) {
        self.now = self.now.plus(length.parse().unwrap());
    }

    /// The clock moves by milliseconds, also backwards.
    pub(crate) fn pass_millis(&mut self, millis: i64) {
        self.now = Timestamp::from_millis(self.now.millis() + millis);
    }

    // --- whole stretches --------------------------------------------------------------------------

    /// `maya` has `orders-db/read` approved by `dana` and `cy`, and nobody else was involved.
    pub(crate) fn approved(&mut self) -> RequestId {
        let id = self.ask(&wish("maya", "orders-db/read"));
        assert_eq!(self.approve("dana", id), "approval_given");
        assert_eq!(self.approve("cy", id), "approval_given approved");
        id
    }

    /// The same, and it is on the target.
    pub(crate) fn active(&mut self) -> RequestId {
        let id = self.approved();
        assert_eq!(self.report(id, Outcome::Given), "activated");
        id
    }

    /// The same, and it is being taken away.
    pub(crate) fn ending(&mut self) -> RequestId {
        let id = self.active();
        assert_eq!(self.give_back("maya", id), "ending_started");
        id
    }

    /// The same, and it is gone.
    pub(crate) fn ended(&mut self) -> RequestId {
        let id = self.ending();
        assert_eq!(self.report(id, gone()), "ended review_opened");
        id
    }

    // --- looking ------------------------------------------------------------------------------

    pub(crate) fn request(&self, id: RequestId) -> &Request {
        &self.state.requests[&id]
    }

    pub(crate) fn phase(&self, id: RequestId) -> &'static str {
        self.request(id).phase_name()
    }

    pub(crate) fn digest(&self, id: RequestId) -> Digest {
        self.state
            .requests
            .get(&id)
            .map_or_else(|| Digest::claimed(""), |request| request.digest.clone())
    }

    pub(crate) fn events(&self, name: &str) -> Vec<&Record> {
        self.log
            .iter()
            .filter(|record| record.event.name() == name)
            .collect()
    }

    /// When this falls due, if it does.
    pub(crate) fn due_at(&self, id: RequestId, deadline: Deadline) -> Option<Timestamp> {
        deadlines(self.request(id))
            .into_iter()
            .find(|(kind, _)| *kind == deadline)
            .map(|(_, at)| at)
    }
}

pub(crate) fn genesis() -> State {
    State {
        next_request: 1,
        ..State::default()
    }
}

pub(crate) fn parse(text: &str) -> Policy {
    let file = SourceFile {
        name: "policy.toml".to_owned(),
        text: text.to_owned(),
    };
    Policy::parse(&[file]).unwrap_or_else(|faults| panic!("{faults}"))
}

pub(crate) fn person(id: &str) -> PersonId {
    id.parse().unwrap()
}

pub(crate) fn by(id: &str) -> Actor {
    Actor::Person {
        person: person(id),
        platform: Platform::Slack,
        account: format!("U0{}", id.to_ascii_uppercase()),
    }
}

pub(crate) fn operator() -> Actor {
    Actor::Operator {
        login: "root".to_owned(),
        host: "host".to_owned(),
    }
}

pub(crate) fn stranger() -> Actor {
    Actor::Stranger {
        platform: Platform::Slack,
        account: "U0WHO".to_owned(),
    }
}

pub(crate) fn text(body: &str) -> Text {
    Text::new(body, "00").unwrap()
}

pub(crate) fn gone() -> Outcome {
    Outcome::Taken {
        read_back: Presence::Absent,
        sessions_ended: 1,
        remains: Vec::new(),
    }
}

pub(crate) fn failed(fault: Fault, tries: u32) -> Outcome {
    Outcome::Failed {
        fault,
        why: "no answer".to_owned(),
        tries,
    }
}

pub(crate) fn held() -> Outcome {
    Outcome::AlreadyHeld {
        how: "granted by postgres".to_owned(),
    }
}
