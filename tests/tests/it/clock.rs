//! The machine's clock, some time ahead or behind.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use breakglass::clock::{Clock, SystemClock};
use breakglass_core::time::Timestamp;

/// The machine's clock, some time ahead or behind.
#[derive(Debug, Default)]
pub(crate) struct MovedClock {
    wall: AtomicI64,
    boot: AtomicU64,
}

impl MovedClock {
    /// Time passes.
    pub(crate) fn forward(&self, by: Duration) {
        let millis = u64::try_from(by.as_millis()).unwrap();
        self.boot.fetch_add(millis, Ordering::SeqCst);
        self.wall
            .fetch_add(i64::try_from(millis).unwrap(), Ordering::SeqCst);
    }

    /// Somebody sets the wall clock back.
    pub(crate) fn back(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap();
        self.wall.fetch_sub(millis, Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        let moved = self.wall.load(Ordering::SeqCst);
        Timestamp::from_millis(SystemClock.now().millis() + moved)
    }

    fn since_boot(&self) -> Duration {
        let moved = Duration::from_millis(self.boot.load(Ordering::SeqCst));
        SystemClock.since_boot() + moved
    }
}
