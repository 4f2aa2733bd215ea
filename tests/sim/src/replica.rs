//! A replica's workers: the real dispatch and convergence machines, one phase at a time, so that it can be killed or
//! overtaken between any two.

use std::collections::BTreeMap;
use std::rc::Rc;

use breakglass_core::command::{Actor, Command, Outcome, Report, Sighting};
use breakglass_core::converge::{CALL_MAX, CLAIM, Converge, Look, Next};
use breakglass_core::dispatch::{Dispatch, Job, Lane, Start, backoff_millis};
use breakglass_core::effect::Effect;
use breakglass_core::fact::Facts;
use breakglass_core::id::{Platform, PolicyHash, ProvisionerId, RequestId};
use breakglass_core::notice::CardKind;
use breakglass_core::port::provisioner::ProvisionError;
use breakglass_core::state::{Holding, Mode, Wanted};
use breakglass_core::time::Timestamp;

use crate::rules::BACKOFF_MAX;
use crate::step::Fate;
use crate::store::{Hold, Key, Row};
use crate::target::{Call, gone};
use crate::town::{Town, moved};

/// Errands that are begun until there is one at a target.
const BEGUN_MAX: usize = 20;

/// One process.
#[derive(Debug)]
pub(crate) struct Replica {
    /// Its name, another one after each start.
    pub(crate) worker: u64,
    /// How far its clock is off, in milliseconds.
    pub(crate) skew: i64,
    /// How far its wall clock is ahead of that, since somebody set it.
    pub(crate) wall_ahead: i64,
    /// When what it saw live is over by the clock that nobody sets, kept on its disk.
    pub(crate) over_at: BTreeMap<RequestId, Timestamp>,
    pub(crate) dispatch: Dispatch,
    pub(crate) tasks: Vec<Task>,
    /// What its commits claimed, and it didn't begin yet.
    pub(crate) handed: BTreeMap<i64, Ours>,
    /// How many of the store's changes it knows.
    pub(crate) known: usize,
    pub(crate) ruled_by: Option<PolicyHash>,
    /// What it saw of targets, and didn't tell yet.
    pub(crate) sightings: Vec<Sighting>,
}

/// An effect that is claimed, with its holding unless that may have changed.
pub(crate) type Ours = (Row, Hold, Option<Holding>);

/// An effect that is being carried out.
#[derive(Debug)]
pub(crate) struct Task {
    row: Row,
    hold: Hold,
    /// The holding as its commit left it, where that claimed it.
    known: Option<Holding>,
    id: i64,
    lane: Lane,
    phase: Phase,
    /// It waits for an answer, or for a target to settle, until then.
    pub(crate) until: Timestamp,
}

#[derive(Debug)]
enum Phase {
    Claimed,
    Converging(Box<(Converge, Rc<Facts>)>),
    /// Nobody answers.
    Calling(Box<(Converge, Rc<Facts>)>, Asked),
    /// As of which record, and where the card stands.
    Rendered(u64, Option<u64>),
    Done(Done),
}

#[derive(Debug, Clone, Copy)]
enum Asked {
    Provision,
    Deprovision,
    Inspect,
    Settle,
}

#[derive(Debug, Clone, Copy)]
enum Done {
    Yes,
    NotOurs,
    Later(Option<i64>),
}

impl Replica {
    pub(crate) fn new(worker: u64) -> Self {
        Self {
            worker,
            skew: 0,
            wall_ahead: 0,
            over_at: BTreeMap::new(),
            dispatch: Dispatch::default(),
            tasks: Vec::new(),
            handed: BTreeMap::new(),
            known: 0,
            ruled_by: None,
            sightings: Vec::new(),
        }
    }
}

impl Town {
    /// What dates go by at a replica: servers that share a store all go by its clock.
    pub(crate) fn clock(&self, replica: usize) -> Timestamp {
        let wall_ahead = self.replicas[replica].wall_ahead;
        Timestamp::from_millis(self.steady(replica).millis() + wall_ahead)
    }

    /// What claims and pauses go by at a replica.
    pub(crate) fn steady(&self, replica: usize) -> Timestamp {
        Timestamp::from_millis(self.now.millis() + self.replicas[replica].skew)
    }

    /// Begins what is first, or goes on with one that is in hand. Says whether there was anything.
    pub(crate) fn work(&mut self, replica: usize, which: usize, fate: Fate) -> bool {
        let ready = self.ready(replica, |_| true);
        if !which.is_multiple_of(3) && !ready.is_empty() {
            self.go_on(replica, ready[which % ready.len()], fate);
            return true;
        }
        if self.begin(replica) {
            return true;
        }
        if let Some(place) = ready.get(which % ready.len().max(1)) {
            self.go_on(replica, *place, fate);
            return true;
        }
        false
    }

    /// The same for what is to be done at targets, of which there is far less than in chats.
    pub(crate) fn call(&mut self, replica: usize, which: usize, fate: Fate) {
        let is_at_target = |lane: &Lane| matches!(lane, Lane::Target(_));
        let mut ready = self.ready(replica, is_at_target);
        for _ in 0..BEGUN_MAX {
            if !ready.is_empty() || !self.begin(replica) {
                break;
            }
            ready = self.ready(replica, is_at_target);
        }
        if let Some(place) = ready.get(which % ready.len().max(1)) {
            self.go_on(replica, *place, fate);
        }
    }

    /// What is in hand in such a lane, and may go on.
    fn ready(&self, replica: usize, lane: impl Fn(&Lane) -> bool) -> Vec<usize> {
        let tasks = self.replicas[replica].tasks.iter().enumerate();
        let ready = tasks.filter(|(_, task)| task.until <= self.now && lane(&task.lane));
        ready.map(|(place, _)| place).collect()
    }

    fn begin(&mut self, replica: usize) -> bool {
        let now = self.steady(replica);
        let one = &mut self.replicas[replica];
        one.handed.retain(|_, (row, ..)| row.claimed_until > now);
        for id in &self.store.changes[one.known..] {
            if let Some(row) = self.store.rows.get(id) {
                let due_at = match one.handed.get_mut(id) {
                    Some((ours, _, known)) => {
                        known.take_if(|_| ours.wanted < row.wanted);
                        row.due_at(now)
                    }
                    None => row.due_at(now).max(row.claimed_until),
                };
                let job = row.job.clone();
                one.dispatch.offer(Job { due_at, ..job });
            } else {
                one.dispatch.forget(*id);
            }
        }
        one.known = self.store.changes.len();
        let room = |lane: &Lane| match lane {
            Lane::Channel(..) | Lane::Person(..) | Lane::Pager(_) => 1,
            Lane::Target(_) => 2,
        };
        let Some(start) = one.dispatch.next(now, room) else {
            return false;
        };
        match start {
            Start::One(job) => self.claim(replica, job, now),
            Start::Digest(jobs) => self.digest(replica, jobs, now),
        }
        true
    }

    /// Many posts go out as one.
    fn digest(&mut self, replica: usize, jobs: Vec<Job>, now: Timestamp) {
        let before = self.replicas[replica].tasks.len();
        for job in jobs {
            self.claim(replica, job, now);
        }
        let mut tasks = self.replicas[replica].tasks.split_off(before);
        for task in &mut tasks {
            task.phase = self.show(&task.row, (task.row.wanted, None), Fate::Good);
        }
        self.replicas[replica].tasks.extend(tasks);
    }

    /// What is to be taken away is claimed by the commit that says so, if nobody has it: rows from this one on are new.
    pub(crate) fn hand_over(&mut self, (replica, fate): (usize, Fate), from: i64) {
        let (now, worker) = (self.steady(replica), self.replicas[replica].worker);
        let ends: Vec<(i64, Holding)> = self
            .store
            .rows
            .range(from..)
            .filter_map(|(id, row)| {
                let Effect::Converge { holding, .. } = &*row.effect else {
                    return None;
                };
                let holding = self.store.state.holdings.get(holding)?;
                let ends = matches!(holding.wanted(), Wanted::Absent { .. });
                ends.then(|| (*id, holding.clone()))
            })
            .collect();
        for (id, holding) in ends {
            let until = self.held_until(now, Some(&holding.id.provisioner));
            let claimed = self.store.claim(id, now, until, worker);
            self.store.flush();
            // Whoever doesn't hear that it was committed has it in hand without knowing.
            if let Some((row, hold)) = claimed.filter(|_| fate != Fate::Unheard) {
                let one = &mut self.replicas[replica];
                one.handed.insert(id, (row, hold, Some(holding)));
            }
        }
    }

    fn held_until(&self, now: Timestamp, target: Option<&ProvisionerId>) -> Timestamp {
        let settle = target.map(|id| self.targets[place(id)].can.settle);
        now.plus(CLAIM).plus(settle.unwrap_or_default())
    }

    fn claim(&mut self, replica: usize, job: Job, now: Timestamp) {
        let target = match &job.lane {
            Lane::Channel(..) | Lane::Person(..) | Lane::Pager(_) => None,
            Lane::Target(id) => Some(id),
        };
        let until = self.held_until(now, target);
        let one = &mut self.replicas[replica];
        let ours = one.handed.remove(&job.id).or_else(|| {
            let (row, hold) = self.store.claim(job.id, now, until, one.worker)?;
            Some((row, hold, None))
        });
        let Some((row, hold, known)) = ours else {
            one.dispatch.settle(job.id);
            self.store.changes.push(job.id);
            return;
        };
        one.tasks.push(Task {
            row,
            hold,
            known,
            id: job.id,
            lane: job.lane,
            phase: Phase::Claimed,
            until: Timestamp::default(),
        });
    }

    fn go_on(&mut self, replica: usize, which: usize, fate: Fate) {
        let mut task = self.replicas[replica].tasks.swap_remove(which);
        let phase = std::mem::replace(&mut task.phase, Phase::Claimed);
        task.phase = match phase {
            Phase::Claimed => self.look(replica, &task, fate),
            Phase::Converging(going) => self.converge(replica, &mut task, *going, fate),
            Phase::Calling(going, asked) => self.unanswered(replica, *going, asked),
            Phase::Rendered(as_of, message) => {
                self.show_in_time(replica, &task.row, (as_of, message), fate)
            }
            Phase::Done(done) => {
                self.settle(replica, &task, done, fate);
                return;
            }
        };
        self.replicas[replica].tasks.push(task);
    }

    /// Looks at what is wanted, when it is carried out.
    fn look(&mut self, replica: usize, Task { row, known, .. }: &Task, fate: Fate) -> Phase {
        if let Some(holding) = known {
            return self.look_at(replica, holding, row);
        }
        if fate == Fate::Fails {
            return Phase::Done(Done::Later(None));
        }
        match (&*row.effect, &row.key) {
            (Effect::Converge { holding, .. }, _) => match self.store.state.holdings.get(holding) {
                Some(holding) => self.look_at(replica, holding, row),
                None => Phase::Done(Done::Yes),
            },
            (_, Key::Draw(platform, kind, request)) => self.render(*platform, *kind, *request),
            (_, Key::Post(..) | Key::Converge(_)) => Phase::Rendered(row.wanted, None),
        }
    }

    fn look_at(&self, replica: usize, holding: &Holding, row: &Row) -> Phase {
        let now = self.steady(replica);
        let facts = Rc::clone(&self.facts);
        let request = match holding.wanted() {
            Wanted::Present { request, .. } => self.store.state.requests.get(&request),
            Wanted::Absent { .. } | Wanted::Settled => None,
        };
        let open = Mode::Open;
        let look = Look {
            holding,
            mode: if request.is_some() {
                &self.store.state.house.mode
            } else {
                &open
            },
            request,
            facts: &facts,
            capabilities: Some(&self.targets[place(&holding.id.provisioner)].can),
            tries: row.attempts,
            claimed_until: row.claimed_until,
            wall_ahead: self.replicas[replica].wall_ahead,
        };
        let machine = Converge::begin(&look, now);
        Phase::Converging(Box::new((machine, facts)))
    }

    fn converge(
        &mut self,
        replica: usize,
        task: &mut Task,
        (mut machine, facts): (Converge, Rc<Facts>),
        fate: Fate,
    ) -> Phase {
        let now = self.steady(replica);
        let Effect::Converge { holding, .. } = &*task.row.effect else {
            return Phase::Done(Done::Yes);
        };
        let at = place(&holding.provisioner);
        let there = self.target_clock(at);
        let worker = self.replicas[replica].worker;
        let wait = self.now.plus(CALL_MAX);
        let next = machine.next(now);
        let calls = matches!(next, Next::Provision(_) | Next::Deprovision | Next::Inspect);
        let fate = if calls { self.fate_at(at, fate) } else { fate };
        let asked = match next {
            Next::Provision(call) => {
                match self.targets[at].call(Call::Provision(call), (worker, fate), there) {
                    Some(answer) => {
                        machine.provisioned(answer, now);
                        None
                    }
                    None => Some((Asked::Provision, wait)),
                }
            }
            Next::Deprovision => match self.targets[at].call(
                Call::Deprovision(holding.clone()),
                (worker, fate),
                there,
            ) {
                Some(answer) => {
                    machine.deprovisioned(gone(answer));
                    None
                }
                None => Some((Asked::Deprovision, wait)),
            },
            Next::Inspect => match self.targets[at].look(holding, fate, there) {
                Some(answer) => {
                    machine.inspected(answer, now);
                    None
                }
                None => Some((Asked::Inspect, wait)),
            },
            Next::Wait(settle) => Some((Asked::Settle, self.now.plus(settle))),
            Next::Report(report) => {
                return Phase::Done(self.report(replica, *report, &facts, fate));
            }
            Next::Nothing => return Phase::Done(Done::Yes),
            Next::Stale => return Phase::Done(Done::NotOurs),
        };
        let going = Box::new((machine, facts));
        match asked {
            Some((asked, until)) => {
                task.until = until;
                Phase::Calling(going, asked)
            }
            None => Phase::Converging(going),
        }
    }

    /// How a call to a target turns out.
    fn fate_at(&mut self, target: usize, fate: Fate) -> Fate {
        if self.dead == Some(target) {
            return Fate::Hangs;
        }
        match &mut self.next_calls {
            Some((next, left)) if *left > 0 => {
                *left -= 1;
                *next
            }
            Some(_) | None => fate,
        }
    }

    fn unanswered(
        &self,
        replica: usize,
        (mut machine, facts): (Converge, Rc<Facts>),
        asked: Asked,
    ) -> Phase {
        let now = self.steady(replica);
        let silence = || ProvisionError::Unknown("the target doesn't answer".to_owned());
        match asked {
            Asked::Provision => machine.provisioned(Err(silence()), now),
            Asked::Deprovision => machine.deprovisioned(Err(silence())),
            Asked::Inspect => machine.inspected(Err(silence()), now),
            Asked::Settle => machine.waited(),
        }
        Phase::Converging(Box::new((machine, facts)))
    }

    fn report(&mut self, replica: usize, report: Report, facts: &Facts, fate: Fate) -> Done {
        let again = matches!(report.outcome, Outcome::Failed { .. });
        let command = Command::Report(Box::new(report));
        match self.submit((replica, fate), &Actor::Worker, &command, facts) {
            Err(_) => Done::Later(None),
            Ok(Err(_)) => Done::NotOurs,
            Ok(Ok(())) if again => Done::Later(None),
            Ok(Ok(())) => Done::Yes,
        }
    }

    /// What a card is to show is read when it is drawn.
    fn render(&self, platform: Platform, kind: CardKind, request: RequestId) -> Phase {
        let stands = self.store.cards.get(&(platform, kind, request));
        match self.store.state.requests.get(&request) {
            Some(known) => Phase::Rendered(known.newest_seq, stands.map(|(message, _)| *message)),
            None => Phase::Done(Done::Yes),
        }
    }

    /// Whoever slept draws nothing, and draws again what they drew over.
    fn show_in_time(
        &mut self,
        replica: usize,
        row: &Row,
        (as_of, message): (u64, Option<u64>),
        fate: Fate,
    ) -> Phase {
        let Key::Draw(platform, kind, request) = row.key else {
            return self.show(row, (as_of, message), fate);
        };
        if self.steady(replica) >= row.claimed_until {
            return Phase::Done(Done::Later(None));
        }
        let shown = self.show(row, (as_of, message), fate);
        let stands = self.store.cards.get(&(platform, kind, request));
        if stands.is_some_and(|(_, drawn)| *drawn > as_of) {
            return self.render(platform, kind, request);
        }
        shown
    }

    fn show(&mut self, row: &Row, (as_of, message): (u64, Option<u64>), fate: Fate) -> Phase {
        let done = match fate {
            Fate::Fails | Fate::Hangs => return Phase::Done(Done::Later(None)),
            Fate::Refused => return Phase::Done(Done::Later(Some(5_000))),
            Fate::Unheard | Fate::Late => Done::Later(None),
            Fate::Good | Fate::Lies => Done::Yes,
        };
        match &row.key {
            Key::Draw(platform, kind, request) => {
                let digest = self.store.state.requests[request].digest.clone();
                let message = self.chat.draw(message, (*request, digest), as_of);
                if matches!(done, Done::Yes) {
                    self.store
                        .keep_card((*platform, *kind, *request), (message, as_of));
                }
            }
            Key::Post(..) | Key::Converge(_) => {
                let early = self.chat.post(&row.key, &row.job);
                self.rules.break_if(early, || {
                    format!("posts are out of order: {:?}", row.effect)
                });
            }
        }
        Phase::Done(done)
    }

    fn settle(&mut self, replica: usize, task: &Task, done: Done, fate: Fate) {
        let now = self.steady(replica);
        let mut pause = None;
        if fate != Fate::Fails {
            match done {
                Done::Yes => self.store.finish(task.hold),
                Done::NotOurs => self.store.release(task.hold),
                Done::Later(wait) => {
                    let millis = wait.unwrap_or_else(|| backoff_millis(task.row.attempts + 1, 7));
                    self.rules.break_if(millis > BACKOFF_MAX, || {
                        "I5: it waits for too long".to_owned()
                    });
                    let at = Timestamp::from_millis(now.millis() + millis);
                    self.store.retry(task.hold, at);
                    pause = wait.map(|_| at);
                }
            }
        }
        let dispatch = &mut self.replicas[replica].dispatch;
        dispatch.settle(task.id);
        self.store.changes.push(task.id);
        if let Some(until) = pause {
            dispatch.pause(task.lane.clone(), until);
        }
    }

    /// When something that a replica waits for may go on.
    pub(crate) fn tasks_until(&self) -> impl Iterator<Item = Timestamp> {
        let paused = |replica: &Replica| {
            let due = replica.dispatch.next_due(moved(self.now, replica.skew))?;
            Some(moved(due, -replica.skew))
        };
        let tasks = self.replicas.iter().flat_map(|replica| &replica.tasks);
        tasks
            .map(|task| task.until)
            .chain(self.replicas.iter().filter_map(paused))
    }
}

/// Which target a provisioner is.
pub(crate) fn place(id: &ProvisionerId) -> usize {
    usize::from(id.as_str() != "orders")
}
