//! Interactions that were taken already: a second request with the same one is a replay.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::AGE_SECS_MAX;

/// Interactions remembered at most; beyond, nothing is taken until some are too old to matter. Five minutes at 1,300/s.
const SEEN_MAX: usize = 400_000;

/// The interactions that could still be replayed, by their id.
#[derive(Debug, Default)]
pub(crate) struct Seen(Mutex<HashMap<u64, i64>>);

impl Seen {
    /// Remembers an interaction. False: it was seen before, or nothing can be remembered now.
    pub(crate) fn first_time(&self, id: u64, now_secs: i64) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= SEEN_MAX {
            // A signature may be from the future by as much as it may be old.
            seen.retain(|_, at| now_secs.saturating_sub(*at) <= 2 * AGE_SECS_MAX);
        }
        seen.len() < SEEN_MAX && seen.insert(id, now_secs).is_none()
    }
}
