//! The only place that reads clocks; everything else is told the time.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use breakglass_core::time::Timestamp;
use nix::time::{ClockId, clock_gettime};

/// Two clocks: the wall's, which people read, and the machine's, which nobody sets.
pub trait Clock: Send + Sync + Debug {
    /// The wall clock, truncated to milliseconds. May jump either way.
    fn now(&self) -> Timestamp;

    /// Time since the machine started, suspension included. Never goes back.
    fn since_boot(&self) -> Duration;
}

/// The clocks of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let now = read(ClockId::CLOCK_REALTIME);
        Timestamp::from_millis(i64::try_from(now.as_millis()).unwrap_or(i64::MAX))
    }

    fn since_boot(&self) -> Duration {
        read(ClockId::CLOCK_BOOTTIME)
    }
}

/// Linux has had both clocks since 2.6.39; a clock that couldn't be read is the epoch, at which nothing is granted.
fn read(clock: ClockId) -> Duration {
    clock_gettime(clock).map_or(Duration::ZERO, Duration::from)
}

/// The wall clock as far as it goes forward. Claims and pauses are told by it, so that a wall clock that is set back makes
/// nobody wait and no claim longer.
#[derive(Debug)]
pub struct Steady {
    clock: Arc<dyn Clock>,
    /// How far the wall clock was ahead of the machine's, at most.
    ahead_millis: AtomicI64,
}

impl Steady {
    /// As late as the wall clock is now.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            ahead_millis: AtomicI64::new(i64::MIN),
        }
    }

    /// Never earlier than before.
    pub fn now(&self) -> Timestamp {
        let boot = i64::try_from(self.clock.since_boot().as_millis()).unwrap_or(i64::MAX);
        let ahead = self.clock.now().millis().saturating_sub(boot);
        let before = self.ahead_millis.fetch_max(ahead, Ordering::Relaxed);
        Timestamp::from_millis(boot.saturating_add(ahead.max(before)))
    }
}

#[cfg(test)]
pub(crate) mod tests;
