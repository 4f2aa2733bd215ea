//! Signs of life that workers leave and `/readyz` reads.

use std::sync::atomic::{AtomicI64, Ordering};

use breakglass_core::time::Timestamp;

/// The oldest a sign of life may be, in milliseconds, as the interface promises.
const AGE_MILLIS_MAX: i64 = 5_000;

/// The same where something is over that must be gone within five seconds, and waits for the store alone.
const AGE_MILLIS_MAX_WHEN_DUE: i64 = 3_500;

/// The furthest the clock may be from the database's, in milliseconds: replicas judge deadlines by it.
const CLOCK_OFFSET_MILLIS_MAX: i64 = 1_000;

/// When each vital part was last seen working.
#[derive(Debug)]
pub struct Vitals {
    store_written_at: AtomicI64,
    log_written_at: AtomicI64,
    revoker_seen_at: AtomicI64,
    clock_offset_millis: AtomicI64,
}

/// Is the server fit to serve?
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// Yes.
    Ready,
    /// No; why, in words, one for each part that fails.
    Unready(Vec<String>),
}

impl Default for Vitals {
    fn default() -> Self {
        let never = || AtomicI64::new(i64::MIN);
        Self {
            store_written_at: never(),
            log_written_at: never(),
            revoker_seen_at: never(),
            clock_offset_millis: AtomicI64::new(0),
        }
    }
}

impl Vitals {
    /// A transaction on the store has just been committed.
    pub fn store_written(&self, now: Timestamp) {
        self.store_written_at.store(now.millis(), Ordering::Relaxed);
    }

    /// The log could be appended to: its head is ours, signed, and the store takes writes.
    pub fn log_written(&self, now: Timestamp) {
        self.log_written_at.store(now.millis(), Ordering::Relaxed);
    }

    /// The revocation worker went round its loop.
    pub fn revoker_seen(&self, now: Timestamp) {
        self.revoker_seen_at.store(now.millis(), Ordering::Relaxed);
    }

    /// How far our clock is ahead of the database's, in milliseconds; negative when it is behind.
    pub fn clock_compared(&self, offset_millis: i64) {
        self.clock_offset_millis
            .store(offset_millis, Ordering::Relaxed);
    }

    /// Has the store taken no write for too long? Sooner if something is over by now. Also when the clock was set back
    /// meanwhile, until the next write.
    pub fn is_store_silent(&self, now: Timestamp, is_over: impl FnOnce() -> bool) -> bool {
        let age = age_millis(&self.store_written_at, now);
        age > AGE_MILLIS_MAX || age > AGE_MILLIS_MAX_WHEN_DUE && is_over()
    }

    /// Judges all of them. Chat has no part in it: its absence delays no revocation.
    pub fn readiness(&self, now: Timestamp) -> Readiness {
        let stale = |at| is_stale(at, now);
        let offset = self.clock_offset_millis.load(Ordering::Relaxed);
        let checks = [
            (
                stale(&self.store_written_at),
                "the store can't be written".to_owned(),
            ),
            (
                stale(&self.log_written_at),
                "the log can't be written".to_owned(),
            ),
            (
                stale(&self.revoker_seen_at),
                "the revocation worker is silent".to_owned(),
            ),
            (
                offset.saturating_abs() > CLOCK_OFFSET_MILLIS_MAX,
                format!("the clock is {offset} ms off the database's"),
            ),
        ];
        let faults: Vec<_> = checks
            .into_iter()
            .filter(|(bad, _)| *bad)
            .map(|(_, why)| why)
            .collect();
        if faults.is_empty() {
            Readiness::Ready
        } else {
            Readiness::Unready(faults)
        }
    }
}

fn is_stale(at: &AtomicI64, now: Timestamp) -> bool {
    age_millis(at, now) > AGE_MILLIS_MAX
}

fn age_millis(at: &AtomicI64, now: Timestamp) -> i64 {
    let age = now.millis().saturating_sub(at.load(Ordering::Relaxed));
    age.saturating_abs()
}

#[cfg(test)]
mod tests;
