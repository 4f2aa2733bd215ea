//! The order in which effects are carried out: a pure machine that the shell only drives.
//!
//! Every target and every chat channel is a lane of its own, so a dead one delays no other. Within a lane
//! the urgent goes first; effects with the same key run one at a time, in the order they were written. When too many
//! posts wait for a channel that a line each would do for, they go out as one.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::id::{Platform, ProvisionerId};
use crate::time::Timestamp;

/// The longest pause between two tries, in milliseconds.
pub const BACKOFF_MILLIS_MAX: i64 = 60_000;

/// The first pause, in milliseconds.
pub const BACKOFF_MILLIS_MIN: i64 = 250;

/// More posts than this that wait for a channel become one digest.
pub const DIGEST_OVER: usize = 20;

/// Posts in one digest at most: what people read, and what fits into one message.
pub const DIGEST_MAX: usize = 50;

/// Where an effect goes; effects of different lanes never wait for each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// A target system.
    Target(ProvisionerId),
    /// A channel, or somebody's direct messages.
    Channel(Platform, String),
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
    pub key: String,
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

/// What is waiting and what is running.
#[derive(Debug, Default)]
pub struct Dispatch {
    waiting: BTreeMap<i64, Job>,
    running: BTreeMap<i64, Job>,
    lanes: BTreeMap<Lane, LaneState>,
    turn: u64,
}

#[derive(Debug, Default)]
struct LaneState {
    running: u8,
    paused_until: Timestamp,
    last_turn: u64,
}

impl Dispatch {
    /// Takes in a job, or news of one that is waiting; one that runs stays as it is.
    pub fn offer(&mut self, job: Job) {
        if !self.running.contains_key(&job.id) {
            self.waiting.insert(job.id, job);
        }
    }

    /// Keeps only those waiting jobs that still wait in the outbox.
    pub fn retain(&mut self, keep: impl Fn(i64) -> bool) {
        self.waiting.retain(|id, _| keep(*id));
    }

    /// What to start next, if a lane has room; each of its jobs counts as running until [`Self::settle`].
    ///
    /// `room` says how many calls at a time a lane bears. Lanes take turns, the one served longest ago
    /// first.
    pub fn next(&mut self, now: Timestamp, room: impl Fn(&Lane) -> u8) -> Option<Start> {
        let job = self.first(now, room)?;
        self.turn += 1;
        let crowd = if job.digestible {
            self.crowd(&job.lane, now)
        } else {
            Vec::new()
        };
        if crowd.len() <= DIGEST_OVER {
            self.run(&job);
            return Some(Start::One(job));
        }
        for job in &crowd {
            self.run(job);
        }
        Some(Start::Digest(crowd))
    }

    fn first(&self, now: Timestamp, room: impl Fn(&Lane) -> u8) -> Option<Job> {
        // Keys that something runs of, or waits of before the one that is looked at.
        let mut held: HashSet<&str> = self.running.values().map(|job| job.key.as_str()).collect();
        let mut first: Option<(_, &Job)> = None;
        for job in self.waiting.values() {
            if !held.insert(&job.key) || job.due_at > now {
                continue;
            }
            let lane = self.lanes.get(&job.lane);
            let free =
                lane.is_none_or(|lane| lane.running < room(&job.lane) && lane.paused_until <= now);
            let last_turn = lane.map_or(0, |lane| lane.last_turn);
            let order = (last_turn, job.class, job.due_at, job.id);
            if free && first.as_ref().is_none_or(|(before, _)| order < *before) {
                first = Some((order, job));
            }
        }
        first.map(|(_, job)| job.clone())
    }

    /// The posts of a lane that could go into a digest now: none overtakes another effect of its key.
    fn crowd(&self, lane: &Lane, now: Timestamp) -> Vec<Job> {
        let mut held: BTreeSet<&str> = self.running.values().map(|job| job.key.as_str()).collect();
        let mut crowd = Vec::new();
        for job in self.waiting.values() {
            let goes = job.digestible && job.lane == *lane && job.due_at <= now;
            if !goes {
                held.insert(&job.key);
            } else if !held.contains(job.key.as_str()) && crowd.len() < DIGEST_MAX {
                crowd.push(job.clone());
            }
        }
        crowd
    }

    fn run(&mut self, job: &Job) {
        self.waiting.remove(&job.id);
        let lane = self.lanes.entry(job.lane.clone()).or_default();
        lane.running += 1;
        lane.last_turn = self.turn;
        self.running.insert(job.id, job.clone());
    }

    /// A started job is done or failed; if it is to be tried again it is offered again.
    pub fn settle(&mut self, id: i64) {
        let Some(job) = self.running.remove(&id) else {
            return;
        };
        let Some(lane) = self.lanes.get_mut(&job.lane) else {
            return;
        };
        lane.running = lane.running.saturating_sub(1);
        let idle = lane.running == 0 && !self.waiting.values().any(|other| other.lane == job.lane);
        if idle && lane.paused_until == Timestamp::default() {
            self.lanes.remove(&job.lane);
        }
    }

    /// Nothing is started in this lane before `until`: the other side asked us to wait.
    pub fn pause(&mut self, lane: Lane, until: Timestamp) {
        let state = self.lanes.entry(lane).or_default();
        state.paused_until = state.paused_until.max(until);
    }

    /// When something that waits for the clock may be started. What is due waits for others to be settled.
    pub fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        let due = |job: &Job| {
            let paused = self
                .lanes
                .get(&job.lane)
                .map_or(Timestamp::default(), |l| l.paused_until);
            job.due_at.max(paused)
        };
        let waiting = self.waiting.values().map(due);
        waiting.filter(|due| *due > now).min()
    }

    /// How many jobs run now.
    pub fn running(&self) -> usize {
        self.running.len()
    }
}

/// How long to wait after the `tries`-th failure: doubling from a quarter of a second to a minute, of which
/// `jitter` (any number) takes away up to a half, so that many don't come back in step.
pub fn backoff_millis(tries: u32, jitter: u32) -> i64 {
    let doubled = BACKOFF_MILLIS_MIN.saturating_mul(1_i64 << tries.saturating_sub(1).min(20));
    let most = doubled.min(BACKOFF_MILLIS_MAX);
    most - i64::from(jitter) % (most / 2 + 1)
}
