//! The clock goes wrong.

use std::time::Duration;

use super::ASK;
use crate::company::hands::{Place, Who};
use crate::scene::Scene;

pub(super) async fn what_is_live_ends_while_the_clock_is_behind_the_log(scene: &mut Scene) {
    let chat = scene.asked();
    chat.types(Who::Maya, &ASK).await;
    scene.both_approve().await;
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
