//! The order in which effects are carried out: a pure machine that the shell only drives.
//!
//! Every target, every chat channel and every person is a lane of its own, so a dead one delays no other. Within a lane
//! the urgent goes first; effects with the same key run one at a time, in the order they were written. When too many
//! posts wait for a channel that a line each would do for, they go out as one.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use crate::id::{PagerId, PersonId, Platform, ProvisionerId};
use crate::time::Timestamp;

/// The longest pause between two tries, in milliseconds.
pub const BACKOFF_MILLIS_MAX: i64 = 60_000;

/// The first pause, in milliseconds.
pub const BACKOFF_MILLIS_MIN: i64 = 250;

/// More posts than this that wait for a channel become one digest.
pub const DIGEST_OVER: usize = 20;

/// Posts in one digest at most: what people read, and what fits into one message.
pub const DIGEST_MAX: usize = 50;

/// Direct messages that one chat is sent at the same time: when a thousand grants end together, telling their holders
/// leaves the machine to taking the access away.
pub const DIRECT_MAX: usize = 8;

/// So long at most, in milliseconds, does what people are only told wait for access that fell due as lately, anywhere. It
/// takes as much work again, and nobody loses anything by it.
pub const YIELD_MILLIS_MAX: i64 = 5_000;

/// It waits on for so long, in milliseconds, after the last of them is gone: where one ends after the other there is no time
/// between them.
pub const LINGER_MILLIS: i64 = 250;

/// The same as [`DIRECT_MAX`], while access falls due.
pub const DIRECT_MAX_MEANWHILE: usize = 2;

/// Where an effect goes; effects of different lanes never wait for each other, but for people of one chat.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// A target system.
    Target(ProvisionerId),
    /// A channel.
    Channel(Platform, String),
    /// Somebody's direct messages, at most [`DIRECT_MAX`] at a time over all people of a chat.
    Person(Platform, PersonId),
    /// A pager.
    Pager(PagerId),
}

/// What goes first within a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Access is to be taken away.
    Deprovision,
    /// People must know now.
    Alarm,
    /// Access is to be given, or people are asked to decide.
    Start,
    /// Everything else.
    Rest,
}

/// An effect that waits to be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its row in the outbox.
    pub id: i64,
    /// Where it goes.
    pub lane: Lane,
    /// How urgent it is.
    pub class: Class,
    /// One at a time and in order of `id` among the same key: a holding, a card, a thread.
    pub key: Arc<str>,
    /// Not before this instant.
    pub due_at: Timestamp,
    /// Is it a post for which a line in a digest will do? Never one that asks somebody to act.
    pub digestible: bool,
}

/// What is started at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// One effect.
    One(Job),
    /// So many posts for one channel that they become one, in the order they were written.
    Digest(Vec<Job>),
}

/// What is waiting and what is running. However much waits, each step looks only at what it may start.
#[derive(Debug, Default)]
pub struct Dispatch {
    waiting: BTreeMap<i64, Job>,
    running: BTreeMap<i64, Job>,
    keys: HashMap<Arc<str>, KeyState>,
    lanes: Lanes,
    /// What is the first of its key and wasn't seen to be due yet.
    later: BTreeSet<(Timestamp, i64)>,
    /// What would be ready, did it not let access go first that is to be taken away.
    yielding: BTreeSet<(Timestamp, i64)>,
    /// What is to be taken away, waiting or running, and since when it is due.
    ends: BTreeSet<(Timestamp, i64)>,
    /// Until when others let it go first, as far as it was seen.
    ends_until: Timestamp,
    paused: BTreeMap<Lane, Timestamp>,
    turn: u64,
}

/// The order within a lane; the last is the job's id.
type Rank = (Class, Timestamp, i64);

/// The first of what is ready in each lane, after the turn that the lane had last.
type Heads = BTreeSet<(u64, Rank)>;

#[derive(Debug, Default)]
struct Lanes {
    states: BTreeMap<Lane, LaneState>,
    heads: Heads,
    /// The same for people's lanes, which share their chat's room.
    people: BTreeMap<Platform, People>,
}

/// The people of a chat.
#[derive(Debug, Default)]
struct People {
    heads: Heads,
    running: usize,
}

/// What there is of a key: the first that waits may start if none runs.
#[derive(Debug, Default)]
struct KeyState {
    waiting: BTreeSet<i64>,
    running: usize,
}

#[derive(Debug, Default)]
struct LaneState {
    waiting: usize,
    running: u8,
    last_turn: u64,
    ready: BTreeSet<Rank>,
}

impl LaneState {
    fn head(&self) -> Option<(u64, Rank)> {
        self.ready.first().map(|rank| (self.last_turn, *rank))
    }
}

impl Lanes {
    /// Changes a lane, and keeps what is first in it among the heads.
    fn change(&mut self, lane: &Lane, change: impl FnOnce(&mut LaneState)) {
        let state = match self.states.get_mut(lane) {
            Some(state) => state,
            None => self.states.entry(lane.clone()).or_default(),
        };
        let before = state.head();
        change(state);
        let after = state.head();
        if before != after {
            let heads = match lane {
                Lane::Person(platform, _) => &mut self.people.entry(*platform).or_default().heads,
                Lane::Target(_) | Lane::Channel(..) | Lane::Pager(_) => &mut self.heads,
            };
            before.map(|head| heads.remove(&head));
            after.map(|head| heads.insert(head));
        }
    }

    fn running(&self, lane: &Lane) -> u8 {
        self.states.get(lane).map_or(0, |lane| lane.running)
    }

    /// The same for all people of a chat.
    fn count_people(&mut self, lane: &Lane, count: impl FnOnce(usize) -> usize) {
        if let Lane::Person(platform, _) = lane {
            let people = self.people.entry(*platform).or_default();
            people.running = count(people.running);
        }
    }
}

impl Dispatch {
    /// Takes in a job, or news of one that is waiting; one that runs stays as it is.
    pub fn offer(&mut self, job: Job) {
        if self.running.contains_key(&job.id) || self.waiting.get(&job.id) == Some(&job) {
            return;
        }
        let before = self.withdraw(job.id);
        let key = Arc::clone(&job.key);
        self.hold_back(&key);
        let state = self.keys.entry(Arc::clone(&key)).or_default();
        state.waiting.insert(job.id);
        self.lanes.change(&job.lane, |lane| lane.waiting += 1);
        if job.class == Class::Deprovision {
            self.ends.insert((job.due_at, job.id));
        }
        self.waiting.insert(job.id, job);
        self.put_forward(&key);
        if let Some(before) = before {
            self.tidy(&before);
        }
    }

    /// Keeps only those waiting jobs that still wait in the outbox.
    pub fn retain(&mut self, keep: impl Fn(i64) -> bool) {
        let gone: Vec<i64> = self
            .waiting
            .keys()
            .copied()
            .filter(|id| !keep(*id))
            .collect();
        for id in gone {
            self.forget(id);
        }
    }

    /// A job doesn't wait any more.
    pub fn forget(&mut self, id: i64) {
        if let Some(job) = self.withdraw(id) {
            self.tidy(&job);
        }
    }

    /// What to start next, if a lane has room; each of its jobs counts as running until [`Self::settle`].
    ///
    /// `room` says how many calls at a time a lane bears. Lanes take turns, the one served longest ago
    /// first.
    pub fn next(&mut self, now: Timestamp, room: impl Fn(&Lane) -> u8) -> Option<Start> {
        self.paused.retain(|_, until| *until > now);
        self.wake(now);
        let job = self.first(now, room)?;
        let (id, crowd) = if job.digestible {
            (job.id, self.crowd(&job.lane, now))
        } else {
            (job.id, Vec::new())
        };
        self.turn += 1;
        if crowd.len() <= DIGEST_OVER {
            return self.run(id).map(Start::One);
        }
        let crowd = crowd.into_iter().filter_map(|id| self.run(id));
        Some(Start::Digest(crowd.collect()))
    }

    fn first(&self, now: Timestamp, room: impl Fn(&Lane) -> u8) -> Option<&Job> {
        let is_free = |(_, (_, _, id)): &&(u64, Rank)| {
            let Some(job) = self.waiting.get(id) else {
                return false;
            };
            !self.paused.contains_key(&job.lane) && self.lanes.running(&job.lane) < room(&job.lane)
        };
        let direct_max = if now < self.ends_until {
            DIRECT_MAX_MEANWHILE
        } else {
            DIRECT_MAX
        };
        let people = self.lanes.people.values();
        let people = people.filter(|people| people.running < direct_max);
        let groups = people
            .map(|people| &people.heads)
            .chain([&self.lanes.heads]);
        let firsts = groups.filter_map(|heads| heads.iter().find(is_free));
        let (_, (_, _, id)) = firsts.min()?;
        self.waiting.get(id)
    }

    /// The posts of a lane that could go into a digest now: none overtakes another effect of its key.
    fn crowd(&self, lane: &Lane, now: Timestamp) -> Vec<i64> {
        let mut crowd = BTreeSet::new();
        let ready = self
            .lanes
            .states
            .get(lane)
            .into_iter()
            .flat_map(|lane| &lane.ready);
        let keys = ready.filter_map(|(_, _, id)| self.keys.get(&self.waiting.get(id)?.key));
        for key in keys {
            let jobs = key.waiting.iter().filter_map(|id| self.waiting.get(id));
            let goes = |job: &&Job| job.digestible && job.lane == *lane && job.due_at <= now;
            crowd.extend(jobs.take_while(goes).map(|job| job.id));
        }
        crowd.into_iter().take(DIGEST_MAX).collect()
    }

    fn run(&mut self, id: i64) -> Option<Job> {
        let key = Arc::clone(&self.waiting.get(&id)?.key);
        self.hold_back(&key);
        let job = self.take_out(id)?;
        let turn = self.turn;
        self.lanes.change(&job.lane, |lane| {
            lane.running += 1;
            lane.last_turn = turn;
        });
        self.lanes.count_people(&job.lane, |running| running + 1);
        self.keys.entry(key).or_default().running += 1;
        self.running.insert(id, job.clone());
        Some(job)
    }

    /// A started job is done or failed; if it is to be tried again it is offered again.
    pub fn settle(&mut self, id: i64) {
        let Some(job) = self.running.remove(&id) else {
            return;
        };
        self.ends.remove(&(job.due_at, id));
        if let Some(key) = self.keys.get_mut(&job.key) {
            key.running = key.running.saturating_sub(1);
        }
        self.lanes.change(&job.lane, |lane| {
            lane.running = lane.running.saturating_sub(1);
        });
        self.lanes
            .count_people(&job.lane, |running| running.saturating_sub(1));
        self.put_forward(&job.key);
        self.tidy(&job);
    }

    /// Nothing is started in this lane before `until`: the other side asked us to wait.
    pub fn pause(&mut self, lane: Lane, until: Timestamp) {
        let paused = self.paused.entry(lane).or_default();
        *paused = (*paused).max(until);
    }

    /// When something that waits for the clock may be started. What is due waits for others to be settled.
    pub fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        let lanes = &self.lanes.states;
        let has_some = |lane: &Lane| lanes.get(lane).is_some_and(|lane| lane.waiting > 0);
        let paused = self
            .paused
            .iter()
            .filter(|(lane, until)| **until > now && has_some(lane));
        let after_now = (Bound::Excluded((now, i64::MAX)), Bound::Unbounded);
        let later = self.later.range(after_now).next();
        let yielding = self.yielding.first();
        paused
            .map(|(_, until)| *until)
            .chain(later.map(|(due_at, _)| *due_at))
            .chain(yielding.map(|(due_at, _)| yields_until(*due_at).min(self.ends_until.max(now))))
            .min()
    }

    /// How many jobs run now.
    pub fn running(&self) -> usize {
        self.running.len()
    }

    /// The first of a key may start once it is due, if none of it runs.
    fn put_forward(&mut self, key: &str) {
        if let Some(job) = front(&self.keys, &self.waiting, key) {
            self.later.insert((job.due_at, job.id));
        }
    }

    /// None of a key may start until it is [put forward](Self::put_forward).
    fn hold_back(&mut self, key: &str) {
        let Some(job) = front(&self.keys, &self.waiting, key) else {
            return;
        };
        let entry = (job.due_at, job.id);
        if !self.later.remove(&entry) && !self.yielding.remove(&entry) {
            self.lanes.change(&job.lane, |lane| {
                lane.ready.remove(&(job.class, job.due_at, job.id));
            });
        }
    }

    /// What fell due is ready, or lets others go first.
    fn wake(&mut self, now: Timestamp) {
        let lately = Timestamp::from_millis(now.millis().saturating_sub(YIELD_MILLIS_MAX));
        let lately = (
            Bound::Excluded((lately, i64::MAX)),
            Bound::Included((now, i64::MAX)),
        );
        if let Some((due_at, _)) = self.ends.range(lately).next_back() {
            let lingers = Timestamp::from_millis(now.millis().saturating_add(LINGER_MILLIS));
            self.ends_until = lingers.min(yields_until(*due_at));
        }
        let ends = now < self.ends_until;
        while let Some(&entry) = self.later.first().filter(|(due_at, _)| *due_at <= now) {
            self.later.pop_first();
            let class = self.waiting.get(&entry.1).map(|job| job.class);
            if ends && class == Some(Class::Rest) {
                self.yielding.insert(entry);
            } else {
                self.make_ready(entry);
            }
        }
        let is_over = |(due_at, _): &&(Timestamp, i64)| !ends || yields_until(*due_at) <= now;
        while let Some(&entry) = self.yielding.first().filter(is_over) {
            self.yielding.pop_first();
            self.make_ready(entry);
        }
    }

    fn make_ready(&mut self, (due_at, id): (Timestamp, i64)) {
        let Some(job) = self.waiting.get(&id) else {
            return;
        };
        self.lanes.change(&job.lane, |lane| {
            lane.ready.insert((job.class, due_at, id));
        });
    }

    /// Takes a job out, and lets the next of its key come forward.
    fn withdraw(&mut self, id: i64) -> Option<Job> {
        let key = Arc::clone(&self.waiting.get(&id)?.key);
        self.hold_back(&key);
        let job = self.take_out(id)?;
        self.ends.remove(&(job.due_at, id));
        self.put_forward(&key);
        Some(job)
    }

    fn take_out(&mut self, id: i64) -> Option<Job> {
        let job = self.waiting.remove(&id)?;
        if let Some(key) = self.keys.get_mut(&job.key) {
            key.waiting.remove(&id);
        }
        self.lanes.change(&job.lane, |lane| {
            lane.waiting = lane.waiting.saturating_sub(1);
        });
        Some(job)
    }

    /// Forgets the key and the lane of a job, if nothing is left of them.
    fn tidy(&mut self, job: &Job) {
        let is_idle = |key: &KeyState| key.running == 0 && key.waiting.is_empty();
        if self.keys.get(&job.key).is_some_and(is_idle) {
            self.keys.remove(&job.key);
        }
        let is_idle = |lane: &LaneState| lane.running == 0 && lane.waiting == 0;
        let lanes = &mut self.lanes.states;
        if lanes.get(&job.lane).is_some_and(is_idle) {
            lanes.remove(&job.lane);
        }
    }
}

/// What may start of a key, if none of it runs.
fn front<'a>(
    keys: &HashMap<Arc<str>, KeyState>,
    waiting: &'a BTreeMap<i64, Job>,
    key: &str,
) -> Option<&'a Job> {
    let key = keys.get(key).filter(|key| key.running == 0)?;
    waiting.get(key.waiting.first()?)
}

fn yields_until(due_at: Timestamp) -> Timestamp {
    Timestamp::from_millis(due_at.millis().saturating_add(YIELD_MILLIS_MAX))
}

/// How long to wait after the `tries`-th failure: doubling from a quarter of a second to a minute, of which
/// `jitter` (any number) takes away up to a half, so that many don't come back in step.
pub fn backoff_millis(tries: u32, jitter: u32) -> i64 {
    let doubled = BACKOFF_MILLIS_MIN.saturating_mul(1_i64 << tries.saturating_sub(1).min(20));
    let most = doubled.min(BACKOFF_MILLIS_MAX);
    most - i64::from(jitter) % (most / 2 + 1)
}
