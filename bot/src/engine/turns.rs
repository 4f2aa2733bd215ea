//! Calls to a target: as many at a time as it bears, while the next ones are made ready.

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use breakglass_core::port::provisioner::Provisioner;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout};

/// How many errands are made ready for a target that answers quickly, beside those that are carried out there: it needn't
/// wait for the store between two of them.
const AHEAD: u8 = 8;

/// So quickly must a target have answered last: what is made ready must still be true when its turn comes.
const QUICK: Duration = Duration::from_millis(100);

/// How long an errand waits for its turn, and keeps others from it. Much less than it is held.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// The turns at one target.
#[derive(Debug)]
pub(super) struct Turns {
    parallel_max: u8,
    free: Semaphore,
    ahead: AtomicU8,
}

/// The target's, until it is dropped: so long took what was done there.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    since: Instant,
    turns: &'a Turns,
    _permit: SemaphorePermit<'a>,
}

impl Turns {
    pub(super) fn new(provisioner: &dyn Provisioner) -> Self {
        let parallel_max = provisioner.capabilities().parallel_max.max(1);
        Self {
            parallel_max,
            free: Semaphore::new(parallel_max.into()),
            ahead: AtomicU8::default(),
        }
    }

    /// How many errands may be taken up at the same time.
    pub(super) fn room(&self) -> u8 {
        let ahead = self.ahead.load(Ordering::Relaxed);
        self.parallel_max.saturating_add(ahead)
    }

    /// Waits for a turn; not for long.
    pub(super) async fn next(&self) -> Option<Turn<'_>> {
        let permit = timeout(WAIT_MAX, self.free.acquire()).await;
        Some(Turn {
            _permit: permit.ok()?.ok()?,
            since: Instant::now(),
            turns: self,
        })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let is_quick = self.since.elapsed() <= QUICK;
        let ahead = if is_quick { AHEAD } else { 0 };
        self.turns.ahead.store(ahead, Ordering::Relaxed);
    }
}
