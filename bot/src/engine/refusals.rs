//! Repeated refusals, counted instead of written again, so that nobody floods the log.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use breakglass_core::command::Actor;
use breakglass_core::id::RequestId;
use breakglass_core::time::Timestamp;

/// The same refusal within this many milliseconds is counted only.
const WINDOW_MILLIS: i64 = 60_000;

/// Different refusals that are remembered at most.
const REMEMBERED_MAX: usize = 10_000;

type Key = (Actor, &'static str, Option<RequestId>, &'static str);

/// What was refused lately.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<BTreeMap<Key, (Timestamp, u32)>>);

impl Refusals {
    /// How many to write down now, this one included; `None` while the last is fresh.
    pub(super) fn count(
        &self,
        (actor, command, on, code): (&Actor, &'static str, Option<RequestId>, &'static str),
        now: Timestamp,
    ) -> Option<u32> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= REMEMBERED_MAX {
            seen.retain(|_, (at, _)| now.millis_since(*at) < WINDOW_MILLIS);
        }
        let (at, unwritten) = seen
            .entry((actor.clone(), command, on, code))
            .or_insert((Timestamp::default(), 0));
        *unwritten += 1;
        let fresh =
            *at != Timestamp::default() && (0..WINDOW_MILLIS).contains(&now.millis_since(*at));
        if fresh {
            return None;
        }
        let count = std::mem::take(unwritten);
        *at = now;
        Some(count)
    }
}
