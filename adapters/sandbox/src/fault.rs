//! Misbehaviour on request: the ways in which the real service lets an app down.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// What happens to a call of the Web API instead of a proper answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not carried out: 429 with `Retry-After`.
    RateLimited {
        /// The value of `Retry-After`.
        retry_after_secs: u64,
    },
    /// Not carried out: 500 with a page in it.
    ServerError,
    /// Not carried out, and no answer ever comes.
    Hang,
    /// Carried out, but no answer ever comes.
    LostAnswer,
}

/// The faults of calls that are still to come, by the name of the method.
#[derive(Debug)]
pub(crate) struct Faults<F>(HashMap<String, VecDeque<F>>);

impl<F> Default for Faults<F> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<F: Copy> Faults<F> {
    /// The next `times` calls of `method` (`*` for any) end in `fault`.
    pub(crate) fn add(&mut self, method: &str, times: usize, fault: F) {
        let queue = self.0.entry(method.to_owned()).or_default();
        queue.extend(std::iter::repeat_n(fault, times));
    }

    /// What happens to this call of `method`.
    pub(crate) fn take(&mut self, method: &str) -> Option<F> {
        let named = self.0.get_mut(method).and_then(VecDeque::pop_front);
        named.or_else(|| self.0.get_mut("*").and_then(VecDeque::pop_front))
    }
}

/// The misbehaviour that is still to come.
#[derive(Debug, Default)]
pub(crate) struct Mischief {
    /// Of calls of the Web API.
    pub(crate) calls: Faults<Fault>,
    /// How many of the next deliveries are made twice.
    pub(crate) doubled: u32,
    /// How many of the next deliveries never leave.
    pub(crate) lost: u32,
    /// How much later than it came in an acknowledgement counts.
    pub(crate) ack_delay: Duration,
}

impl Mischief {
    /// Counts one delivery; whether it is lost.
    pub(crate) fn take_lost(&mut self) -> bool {
        take_one(&mut self.lost)
    }

    /// Counts one delivery; whether it is made twice.
    pub(crate) fn take_doubled(&mut self) -> bool {
        take_one(&mut self.doubled)
    }
}

/// Counts one down; whether there was one.
pub(crate) fn take_one(count: &mut u32) -> bool {
    let is_left = *count > 0;
    *count = count.saturating_sub(1);
    is_left
}
