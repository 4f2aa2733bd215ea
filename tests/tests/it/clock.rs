//! The machine's clock, some time ahead or behind.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use breakglass::clock::{Clock, SystemClock};
use breakglass_core::time::Timestamp;

/// The machine's clock, some time ahead or behind.
#[derive(Debug, Default)]
pub(crate) struct MovedClock(AtomicI64);

impl MovedClock {
    pub(crate) fn forward(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    pub(crate) fn back(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap();
        self.0.fetch_sub(millis, Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        let moved = self.0.load(Ordering::SeqCst);
        Timestamp::from_millis(SystemClock.now().millis() + moved)
    }

    fn since_boot(&self) -> Duration {
        SystemClock.since_boot()
    }
}
