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
fn the_steady_clock_goes_forward_with_the_wall_and_never_back() {
    let clocks = Arc::new(Clocks::default());
    let steady = Steady::new(clocks.clone());
    // The wall, the machine, and what follows.
    let table = [
        (5_000, 100, 5_000),
        (6_000, 1_100, 6_000),
        (1_000, 1_200, 6_100),
        (1_500, 1_700, 6_600),
        (9_000, 1_800, 9_000),
        (8_000, 1_900, 9_100),
    ];
    for (wall, boot, is) in table {
        clocks.wall.store(wall, Ordering::Relaxed);
        clocks.boot.store(boot, Ordering::Relaxed);
        assert_eq!(steady.now().millis(), is, "{wall} {boot}");
    }
}
