//! The machine's clock, some time ahead or behind.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use breakglass::clock::{Clock, SystemClock};
use breakglass_core::time::Timestamp;

use super::ASK;
use super::hands::{Place, Who};
use super::scene::Scene;

/// The machine's clock, some time ahead or behind.
#[derive(Debug, Default)]
pub(crate) struct MovedClock(AtomicI64);

impl MovedClock {
    pub(crate) fn forward(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    fn back(&self, by: Duration) {
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

pub(super) async fn what_is_live_ends_while_the_clock_is_behind_the_log(scene: &mut Scene) {
    let chat = scene.asked();
    chat.types(Who::Maya, &ASK).await;
    for (who, state) in [(Who::Bo, "Waiting"), (Who::Ines, "1 of 2")] {
        chat.presses(who, Place::Approvers, state, "Approve").await;
    }
    chat.finds(Place::Approvers, "Active").await;
    scene.clock.back(Duration::from_mins(10));
    let alarm = chat
        .finds(Place::Security, "The clock is behind the log")
        .await;
    assert!(alarm.contains("being taken away"), "{alarm}");
    let card = chat.finds(Place::Approvers, "Ended").await;
    assert!(card.contains("clock is behind"), "{card}");
    chat.types(Who::Tom, &ASK).await;
    chat.reads(Who::Tom, "clock is behind its own log").await;
    scene.clock.forward(Duration::from_mins(10));
    chat.types(Who::Tom, &ASK).await;
    chat.reads(Who::Tom, "waits for").await;
}
