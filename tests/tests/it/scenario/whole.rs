//! The whole main job on real parts: asked in a chat, approved by buttons, held on a real PostgreSQL, taken away by the clock
//! or given back, read back, and in the log.

use super::ASK;
use crate::company::hands::{Line, Place, Who};
use crate::scene::Scene;

const BRIEF: Line<'_> = Line::Ask {
    target: "orders-db",
    role: "admin",
    duration: "3s",
    severity: 1,
    incident: Some("INC-2231"),
    why: "replication slot stuck, orders are failing",
};

pub(super) async fn a_role_comes_by_two_buttons_and_goes_by_the_clock(scene: &mut Scene) {
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Maya, &BRIEF).await;
    decided.finds(Place::Approvers, "Waiting").await;
    assert!(!scene.orders.is_held().await, "nobody has agreed yet");
    decided
        .presses(Who::Bo, Place::Approvers, "Waiting", "Approve")
        .await;
    decided.finds(Place::Approvers, "1 of 2").await;
    assert!(!scene.orders.is_held().await, "one of two has agreed");
    decided
        .presses(Who::Ines, Place::Approvers, "1 of 2", "Approve")
        .await;
    asked
        .finds(Place::Direct(Who::Maya), "You have admin")
        .await;
    assert!(scene.orders.is_held().await, "both have agreed");
    for chat in scene.chats() {
        chat.finds(Place::Approvers, "Ended").await;
        chat.finds(Place::Security, "read back: admin is gone")
            .await;
    }
    assert!(!scene.orders.is_held().await, "the lease is over");
    let verified = scene.operator_runs("audit verify").await;
    assert_eq!(verified.status.code(), Some(0), "{verified:?}");
}

pub(super) async fn a_role_is_given_back_in_the_direct_message_that_told_of_it(scene: &mut Scene) {
    let asked = scene.asked();
    asked.types(Who::Maya, &ASK).await;
    scene.both_approve().await;
    assert!(scene.orders.is_held().await);
    asked.gives_back(Who::Maya).await;
    for chat in scene.chats() {
        chat.finds(Place::Approvers, "Ended").await;
    }
    assert!(!scene.orders.is_held().await, "given back");
}
