//! The steady clock beside one that is set by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use breakglass_core::time::Timestamp;

use super::{Clock, Steady};

/// Two clocks that are set by hand, in milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Clocks {
    pub(crate) wall: AtomicI64,
    pub(crate) boot: AtomicU64,
}

impl Clock for Clocks {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.wall.load(Ordering::Relaxed))
    }

    fn since_boot(&self) -> Duration {
        Duration::from_millis(self.boot.load(Ordering::Relaxed))
    }
}

#[test]
fn the_steady_clock_is_set_by_nobody_but_the_clock_it_follows() {
    let clocks = Arc::new(Clocks::default());
    clocks.wall.store(5_000, Ordering::Relaxed);
    let steady = Steady::new(clocks.clone());
    // The wall, the machine, and what it says.
    let table = [
        (5_000, 0, 5_000),
        (6_000, 1_000, 6_000),
        (1_000, 1_200, 6_200),
        (90_000, 1_800, 6_800),
    ];
    for (wall, boot, is) in table {
        clocks.wall.store(wall, Ordering::Relaxed);
        clocks.boot.store(boot, Ordering::Relaxed);
        assert_eq!(steady.now().millis(), is, "{wall} {boot}");
    }
    // How far it is ahead, and what it says then.
    for (ahead, is) in [(250, 6_800), (1_000, 5_800), (-251, 6_051)] {
        steady.follow(ahead);
        assert_eq!(steady.now().millis(), is, "{ahead}");
    }
}
