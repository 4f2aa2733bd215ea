//! Everything there is: the store, replicas, targets, chats, people, and time; and what each step does to it.

mod end;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use breakglass_core::command::Reach;
use breakglass_core::command::{Actor, Command};
use breakglass_core::deadline::{Deadline, deadlines};
use breakglass_core::decide::{Situation, decide};
use breakglass_core::effect::react;
use breakglass_core::event::{Event, RECORD_VERSION, Record, Seen};
use breakglass_core::fact::{Facts, Known};
use breakglass_core::id::{GroupId, HoldingId, PersonId, Platform, PolicyHash, RequestId};
use breakglass_core::state::{GrantPhase, Mode};
use breakglass_core::time::Timestamp;

use crate::cast::{CAST, PEOPLE, holding};
use crate::chat::Chat;
use crate::people::Act;
use crate::replica::{Replica, place};
use crate::rules::Rules;
use crate::step::{Fate, Schedule, Step};
use crate::store::Store;
use crate::target::Target;

/// 2026-03-02T02:14:00Z, a Monday.
const START: Timestamp = Timestamp::from_millis(1_772_417_640_000);

/// The store couldn't write it down, or couldn't say so.
#[derive(Debug)]
pub(crate) struct Trouble;

#[derive(Debug)]
pub(crate) struct Town {
    /// The true time.
    pub(crate) now: Timestamp,
    pub(crate) store: Store,
    pub(crate) replicas: Vec<Replica>,
    pub(crate) targets: [Target; 2],
    pub(crate) chat: Chat,
    pub(crate) chats: Vec<Platform>,
    pub(crate) rules: Rules,
    pub(crate) inbox: Vec<Act>,
    pub(crate) groups: BTreeMap<GroupId, BTreeSet<PersonId>>,
    pub(crate) unknown: BTreeSet<GroupId>,
    /// What is looked up now.
    pub(crate) facts: Rc<Facts>,
    /// A target that doesn't answer, whatever its fate.
    pub(crate) dead: Option<usize>,
    /// How so many calls turn out that come next, whatever their fate.
    pub(crate) next_calls: Option<(Fate, u8)>,
    /// How often there is nothing to do yet before a call that is late arrives, once everything comes to its end.
    pub(crate) late_by: u8,
    /// When access began, in true time.
    pub(crate) began: BTreeMap<RequestId, Timestamp>,
    /// Was the wall clock ever set?
    pub(crate) was_set: bool,
    next_worker: u64,
}

impl Town {
    pub(crate) fn new(schedule: &Schedule) -> Self {
        let mut chats = vec![Platform::Slack];
        chats.extend(schedule.two_chats.then_some(Platform::Discord));
        let mut town = Self {
            now: START,
            store: Store::new(),
            replicas: Vec::new(),
            targets: [Target::new(true), Target::new(false)],
            chat: Chat::default(),
            chats,
            rules: Rules::default(),
            inbox: Vec::new(),
            groups: CAST.groups(),
            unknown: BTreeSet::new(),
            facts: Rc::default(),
            dead: None,
            next_calls: None,
            late_by: 0,
            began: BTreeMap::new(),
            was_set: false,
            next_worker: 1,
        };
        for _ in 0..schedule.replicas.max(1) {
            let worker = town.new_worker();
            town.replicas.push(Replica::new(worker));
        }
        if let Some(hidden) = schedule.unreadable {
            town.targets[usize::from(hidden) % 2].hide();
        }
        town.look_up();
        town.load(0, 0, Fate::Good).ok();
        town
    }

    fn new_worker(&mut self) -> u64 {
        self.next_worker += 1;
        self.next_worker
    }

    /// The one door, as the store's appender does it.
    pub(crate) fn submit(
        &mut self,
        (replica, fate): (usize, Fate),
        actor: &Actor,
        command: &Command,
        facts: &Facts,
    ) -> Result<Result<(), &'static str>, Trouble> {
        self.submit_at((replica, self.clock(replica), fate), actor, command, facts)
    }

    pub(crate) fn submit_at(
        &mut self,
        (replica, now, fate): (usize, Timestamp, Fate),
        actor: &Actor,
        command: &Command,
        facts: &Facts,
    ) -> Result<Result<(), &'static str>, Trouble> {
        if fate == Fate::Fails {
            return Err(Trouble);
        }
        let policy = CAST.policy(self.store.state.house.policy.as_ref());
        let situation = Situation {
            policy,
            state: &self.store.state,
            facts,
            now,
        };
        let decision = match decide(&situation, actor, command) {
            Ok(decision) => decision,
            Err(refusal) => return Ok(Err(refusal.code())),
        };
        let from = self.store.next_id;
        for event in decision.events {
            let record = Record {
                v: RECORD_VERSION,
                seq: self.store.log.len() as u64 + 1,
                at: now,
                actor: actor.clone(),
                request: decision.request,
                emergency: true,
                policy: self
                    .store
                    .state
                    .house
                    .policy
                    .clone()
                    .unwrap_or_else(PolicyHash::none),
                event,
            };
            self.record(facts, record);
        }
        self.hand_over((replica, fate), from);
        if let Some(id) = decision.request {
            self.note(replica, id);
        }
        if fate == Fate::Unheard {
            Err(Trouble)
        } else {
            Ok(Ok(()))
        }
    }

    fn record(&mut self, facts: &Facts, record: Record) {
        let policy = CAST.policy(self.store.state.house.policy.as_ref());
        self.rules.before(&self.store.state, policy, facts, &record);
        self.store.state.apply(&record);
        let effects = react(&self.store.state, &record);
        self.rules.after(&self.store.state, &record, &effects);
        self.check_target(&record);
        for (index, effect) in (0..).zip(&effects) {
            self.store.demand(&record, index, effect, &self.chats);
        }
        self.store.log.push(record);
        self.store.flush();
    }

    /// What is said of a target must be so when it is written down.
    fn check_target(&mut self, record: &Record) {
        let Some(request) = record
            .request
            .and_then(|id| self.store.state.requests.get(&id))
        else {
            return;
        };
        let (id, holding) = (request.id, &request.asked.holding);
        let target = &self.targets[place(&holding.provisioner)];
        let there = target.ours.contains_key(holding);
        if let Event::Ended {
            seen: Seen::Gone, ..
        } = &record.event
        {
            // A dead worker's call may come between the look and the word; or a living one's, where clocks are wrong.
            let excused = target.left_over.contains(holding);
            self.rules.break_if(there && !excused, || {
                format!("I6 {id}: said to be gone, and is there")
            });
        }
        if let Event::Activated { .. } = &record.event {
            self.began.insert(id, self.now);
            let excused = target.lost.contains(holding);
            self.rules.break_if(!there && !excused, || {
                format!("{id}: said to be there, and isn't")
            });
        }
    }

    /// Somebody came into a group or left it, or nobody can be asked.
    fn look_up(&mut self) {
        let members = self.groups.iter().map(|(id, people)| {
            let members = if self.unknown.contains(id) {
                Known::Unknown("chat doesn't say".to_owned())
            } else {
                Known::Known(people.clone())
            };
            (id.clone(), members)
        });
        Rc::make_mut(&mut self.facts).members = members.collect();
    }

    pub(crate) fn target_clock(&self, target: usize) -> Timestamp {
        let skew = if target == 0 { 400 } else { -600 };
        Timestamp::from_millis(self.now.millis() + skew)
    }

    /// Does a step, and looks at what is so afterwards.
    pub(crate) fn step(&mut self, step: Step) {
        self.act(step);
        self.check();
    }

    fn act(&mut self, step: Step) {
        let replicas = self.replicas.len();
        let one = |replica: u8| usize::from(replica) % replicas;
        let person = |who: u8| CAST.people[usize::from(who) % PEOPLE.len()].clone();
        match step {
            Step::Pass(millis) => self.pass_to(Timestamp::from_millis(self.now.millis() + millis)),
            Step::PassTo(millis) => {
                if let Some(due) = self.next_deadline() {
                    let to = Timestamp::from_millis(due.millis() + millis);
                    self.pass_to(to.max(self.now));
                }
            }
            Step::Act {
                who,
                what,
                on,
                twice,
            } => self.click(who, what, on, twice),
            Step::Handle(replica, which, fate) => self.handle(one(replica), which.into(), fate),
            Step::Grant(who, role) => self.grant(who, role),
            Step::Tick(replica, fate) => self.tick(one(replica), fate),
            Step::Sweep(replica) => self.sweep(one(replica)),
            Step::Work(replica, which, fate) => {
                self.work(one(replica), which.into(), fate);
            }
            Step::Call(replica, which, fate) => self.call(one(replica), which.into(), fate),
            Step::Run(replica) => {
                self.run(one(replica), 60);
            }
            Step::Reconcile(replica, target) => {
                self.reconcile(one(replica), usize::from(target) % 2);
            }
            Step::Tell(replica, fate) => self.tell(one(replica), fate),
            Step::Arrive(which) => self.arrive(which.into()),
            Step::Crash(replica) => self.crash(one(replica)),
            Step::PowerFails => {
                self.store.lose_power();
                for replica in 0..replicas {
                    self.crash(replica);
                }
            }
            Step::Forget(target) => self.targets[usize::from(target) % 2].forget(self.now),
            Step::Stand(who, role) => self.stand(&person(who), role),
            Step::Leave(who) => {
                toggle(&mut Rc::make_mut(&mut self.facts).inactive, person(who));
            }
            Step::Group(who, which) => {
                let group = if which % 2 == 0 {
                    &CAST.dba
                } else {
                    &CAST.security
                };
                if which % 5 == 0 {
                    toggle(&mut self.unknown, group.clone());
                } else if let Some(people) = self.groups.get_mut(group) {
                    if which % 5 == 1 {
                        people.clear();
                    }
                    toggle(people, person(who));
                }
                self.look_up();
            }
            Step::Rights(replica) => self.check_rights(one(replica)),
            Step::Clocks(replica) => self.look_at_clocks(one(replica)),
            Step::Skew(replica, millis) => {
                if !self.was_set {
                    self.replicas[one(replica)].skew = millis.into();
                }
            }
            Step::Set(off) => self.set_wall(off),
        }
    }

    /// Others give somebody standing access.
    fn stand(&mut self, person: &PersonId, role: u8) {
        let holding = holding(role.into(), person.as_str());
        let target = &mut self.targets[place(&holding.provisioner)];
        if !target.ours.contains_key(&holding) {
            target.standing.insert(holding);
        }
    }

    fn pass_to(&mut self, to: Timestamp) {
        self.now = to;
        for place in 0..self.targets.len() {
            let there = self.target_clock(place);
            self.targets[place].pass(there);
        }
    }

    /// How far what rows say of time is off, and what records say.
    fn off(&self) -> (i64, i64) {
        let [alone] = self.replicas.as_slice() else {
            return (0, 0);
        };
        (alone.skew, alone.skew + alone.wall_ahead)
    }

    fn arrive(&mut self, which: usize) {
        let at = which % 2;
        let waiting = self.targets[at].late.len();
        if waiting > 0 {
            let now = self.target_clock(at);
            // A fence is as good as the clocks on both of its sides.
            let alive = if self.was_set {
                Vec::new()
            } else {
                self.alive()
            };
            self.targets[at].arrive(which / 2 % waiting, &alive, now);
        }
    }

    fn alive(&self) -> Vec<u64> {
        self.replicas.iter().map(|replica| replica.worker).collect()
    }

    /// What it held is free as soon as it is back; calls of its that are on their way still arrive.
    fn crash(&mut self, replica: usize) {
        let worker = self.new_worker();
        // It begins where the wall clock is.
        let before = &mut self.replicas[replica];
        let skew = before.skew + before.wall_ahead;
        let over_at = std::mem::take(&mut before.over_at);
        self.replicas[replica] = Replica {
            skew,
            over_at,
            ..Replica::new(worker)
        };
        let alive = self.alive();
        self.store.free(&alive);
    }

    /// What is due by this replica's clock.
    fn tick(&mut self, replica: usize, fate: Fate) {
        let now = self.clock(replica);
        let mut due: Vec<(Timestamp, RequestId, Deadline)> = Vec::new();
        for request in self.store.state.requests.values() {
            let of_it = deadlines(request).into_iter();
            due.extend(
                of_it
                    .filter(|(_, at)| *at <= now)
                    .map(|(deadline, at)| (at, request.id, deadline)),
            );
        }
        due.sort_unstable_by_key(|(at, request, _)| (*at, *request));
        for (_, request, deadline) in due {
            let command = Command::FallDue { request, deadline };
            let done = self.submit((replica, fate), &Actor::Clock, &command, &Facts::default());
            if done.is_err() {
                return;
            }
        }
    }

    /// What follows from a change of the house for many requests.
    fn sweep(&mut self, replica: usize) {
        let house = self.store.state.house.clone();
        let again = self.replicas[replica].ruled_by != house.policy;
        let revoke = matches!(
            house.mode,
            Mode::Lockdown {
                reach: Reach::RevokeAll,
                ..
            }
        );
        for request in self.request_ids() {
            let is = &self.store.state.requests[&request];
            let command = if again && is.is_pending() {
                Command::RuleAgain { request }
            } else if revoke && is.is_live() {
                Command::Revoke {
                    request,
                    reason: CAST.reason.clone(),
                }
            } else {
                continue;
            };
            let facts = Rc::clone(&self.facts);
            drop(self.submit((replica, Fate::Good), &Actor::Server, &command, &facts));
        }
        self.replicas[replica].ruled_by = house.policy;
    }

    /// Everything that there is to do, at most so many phases. Says whether there was anything.
    fn run(&mut self, replica: usize, most: usize) -> bool {
        let mut any = false;
        for round in 0..most {
            let fate = Fate::Good;
            if !self.work(replica, round, fate) {
                break;
            }
            any = true;
        }
        any
    }

    /// All there are, as they are before what is done to them one by one.
    pub(crate) fn request_ids(&self) -> Vec<RequestId> {
        self.store.state.requests.keys().copied().collect()
    }

    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        let (_, off) = self.off();
        let by_us = self.deadlines().map(|at| moved(at, -off));
        by_us.filter(|at| *at > self.now).min()
    }

    fn deadlines(&self) -> impl Iterator<Item = Timestamp> {
        let requests = self.store.state.requests.values();
        requests.flat_map(deadlines).map(|(_, at)| at)
    }

    /// What must be so at any time.
    fn check(&mut self) {
        for target in &self.targets {
            for holding in target.ours.keys() {
                let covered = self.is_covered(holding) || target.left_over.contains(holding);
                self.rules
                    .break_if(!covered, || format!("I7 {holding}: access without a grant"));
            }
        }
        for holding in self.store.state.holdings.values() {
            let active = holding
                .grants
                .values()
                .any(|grant| grant.phase == GrantPhase::Active);
            let target = &self.targets[place(&holding.id.provisioner)];
            let there = target.ours.contains_key(&holding.id) || target.lost.contains(&holding.id);
            self.rules.break_if(active && !there, || {
                format!("I7 {}: a grant without its access", holding.id)
            });
        }
    }

    /// Is there a decision that isn't over?
    fn is_covered(&self, id: &HoldingId) -> bool {
        let holding = self.store.state.holdings.get(id);
        holding.is_some_and(|holding| !holding.grants.is_empty())
    }
}

pub(crate) fn moved(at: Timestamp, millis: i64) -> Timestamp {
    Timestamp::from_millis(at.millis() + millis)
}

fn toggle<T: Ord>(set: &mut BTreeSet<T>, one: T) {
    if !set.remove(&one) {
        set.insert(one);
    }
}
