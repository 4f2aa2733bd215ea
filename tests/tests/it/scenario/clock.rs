//! The clock goes wrong.

use std::time::Duration;

use breakglass::clock::{Clock as _, SystemClock};
use breakglass_core::time::Length;

use super::ASK;
use crate::company::hands::{Place, Who};
use crate::scene::Scene;
use crate::server;

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
    scene.both_approve().await;
}

/// Several servers share the store: none of them judges by a clock of its own that is wrong.
pub(super) async fn a_server_whose_clock_is_wrong_goes_by_the_stores(scene: &mut Scene) {
    scene.stop().await;
    scene.clock.back(Duration::from_hours(1));
    let since = SystemClock.now();
    scene.start().await;
    let chat = scene.asked();
    chat.types(Who::Maya, &server::ASK).await;
    scene.both_approve().await;
    chat.finds(Place::Direct(Who::Maya), "Ended").await;
    let (records, now) = (scene.records().await, SystemClock.now());
    let of_maya = records.iter().filter(|record| record.request.is_some());
    let nearly = Length::from_secs(2);
    for record in of_maya {
        let at = record.at;
        let is_right = since.minus(nearly) <= at && at <= now.plus(nearly);
        assert!(is_right, "{record:?}");
    }
}
