//! Signatures that were taken already: a second request with the same one is a replay.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::signature::{AGE_SECS_MAX, Signed};

/// Signatures remembered at most; beyond, nothing is taken until some are too old to matter. Five minutes at 1,300/s.
const SEEN_MAX: usize = 400_000;

/// The signatures that could still be replayed.
#[derive(Debug, Default)]
pub(crate) struct Seen(Mutex<HashMap<[u8; 32], i64>>);

impl Seen {
    /// Remembers a signature. False: it was seen before, or nothing can be remembered now.
    pub(crate) fn first_time(&self, signed: Signed, now_secs: i64) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= SEEN_MAX {
            seen.retain(|_, at| now_secs.saturating_sub(*at) <= AGE_SECS_MAX);
        }
        seen.len() < SEEN_MAX && seen.insert(signed.mac, signed.at).is_none()
    }
}
