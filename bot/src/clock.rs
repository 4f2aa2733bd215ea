//! The only place that reads clocks; everything else is told the time.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use breakglass_core::time::Timestamp;
use nix::time::{ClockId, clock_gettime};

use crate::config::StoreConfig;

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

/// How far we may be off the clock that we follow before we are set anew.
const OFF_MILLIS_MAX: i64 = 250;

/// A clock that nobody sets: it goes at the machine's pace from where the wall clock was at the start, or along with the
/// store's clock where several servers share one. Claims and pauses are told by it, so that a wall clock that is set makes
/// nobody wait and no claim longer.
#[derive(Debug)]
pub struct Steady {
    clock: Arc<dyn Clock>,
    /// How far it is ahead of the machine's.
    ahead_millis: AtomicI64,
}

impl Steady {
    /// From where the wall clock is now.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let ahead = clock.now().millis().saturating_sub(boot_millis(&*clock));
        Self {
            clock,
            ahead_millis: AtomicI64::new(ahead),
        }
    }

    /// Goes along with a clock that it is ahead of by so many milliseconds.
    pub fn follow(&self, ahead_of_it: i64) {
        if ahead_of_it.saturating_abs() > OFF_MILLIS_MAX {
            self.ahead_millis.fetch_sub(ahead_of_it, Ordering::Relaxed);
        }
    }

    /// What it says.
    pub fn now(&self) -> Timestamp {
        let ahead = self.ahead_millis.load(Ordering::Relaxed);
        Timestamp::from_millis(boot_millis(&*self.clock).saturating_add(ahead))
    }
}

impl Clock for Steady {
    fn now(&self) -> Timestamp {
        Self::now(self)
    }

    fn since_boot(&self) -> Duration {
        self.clock.since_boot()
    }
}

/// What a server goes by.
#[derive(Debug, Clone)]
pub struct Clocks {
    /// What dates go by: the wall clock, or the store's where several servers share one, so that none of them judges
    /// by a clock that is wrong.
    pub dates: Arc<dyn Clock>,
    /// What claims and pauses go by.
    pub steady: Arc<Steady>,
}

impl Clocks {
    /// Of a server with this wall clock and this store.
    pub fn new(wall: Arc<dyn Clock>, store: &StoreConfig) -> Self {
        let steady = Arc::new(Steady::new(wall.clone()));
        let dates = if store.is_sqlite() {
            wall
        } else {
            steady.clone()
        };
        Self { dates, steady }
    }
}

fn boot_millis(clock: &dyn Clock) -> i64 {
    i64::try_from(clock.since_boot().as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
pub(crate) mod tests;
