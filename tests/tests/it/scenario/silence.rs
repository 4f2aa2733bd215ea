//! Nobody answers: who is reminded, and what the requester may do instead.

use std::time::Duration;

use super::{ALONE, ASK};
use crate::company::hands::{Line, Place, Who};
use crate::scene::Scene;

/// The demo's groups, as either chat has them.
const DBA: [&str; 2] = ["S01DBA", "830000000000000002"];
const SECURITY: [&str; 2] = ["S01SECU", "830000000000000003"];

/// Half of the demo's window.
const HALF: Duration = Duration::from_mins(5);

pub(super) async fn who_is_silent_is_reminded_once_and_nobody_else(scene: &mut Scene) {
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Maya, &ASK).await;
    decided
        .presses(Who::Bo, Place::Approvers, "Waiting", "Approve")
        .await;
    decided.finds(Place::Approvers, "1 of 2").await;
    scene.clock.forward(HALF);
    for chat in scene.chats() {
        let reminder = chat.finds(Place::ApproversThreads, "Still open").await;
        let called = |groups: [&str; 2]| groups.iter().any(|group| reminder.contains(group));
        assert!(called(SECURITY), "{reminder}");
        assert!(!called(DBA), "Bo has answered: {reminder}");
    }
    scene.everything_is_told().await;
    scene.clock.forward(Duration::from_mins(4));
    decided
        .presses(Who::Ines, Place::Approvers, "1 of 2", "Approve")
        .await;
    for chat in scene.chats() {
        chat.finds(Place::Approvers, "Active").await;
        let reminders = chat.finds_all(Place::ApproversThreads, "Still open", 1);
        assert_eq!(reminders.await.len(), 1);
    }
    assert_eq!(scene.recorded("unanswered").await, 1);
    assert_eq!(scene.recorded("glass_offered").await, 0);
}

/// Maya could break the glass, asks for approval, and nobody answers: she is offered it again.
async fn nobody_answers(scene: &mut Scene) {
    let asked = scene.asked();
    asked.types(Who::Maya, &ALONE).await;
    let own = Place::Own(Who::Maya);
    asked
        .presses(Who::Maya, own, "Break the glass?", "Ask dba")
        .await;
    for chat in scene.chats() {
        chat.finds(Place::Approvers, "Waiting").await;
    }
    scene.clock.forward(HALF);
    let offer = "Nobody decided BG-1 so far";
    asked.finds(Place::Direct(Who::Maya), offer).await;
    // Direct messages have no buttons that act on every chat; what one is asked to do does.
    asked.types(Who::Maya, &Line::Status).await;
    for chat in scene.chats() {
        let told = "Maya Lind may break the glass until";
        chat.finds(Place::SecurityThreads, told).await;
    }
}

pub(super) async fn after_silence_the_glass_is_offered_and_broken(scene: &mut Scene) {
    nobody_answers(scene).await;
    let (asked, decided) = (scene.asked(), scene.decided());
    let own = Place::Own(Who::Maya);
    asked
        .presses(Who::Maya, own, "BG-1", "Break the glass")
        .await;
    for chat in scene.chats() {
        chat.finds(Place::SecurityHeads, "Active without approval")
            .await;
        chat.finds(Place::SecurityThreads, "Confirmed by Maya Lind")
            .await;
        chat.finds(Place::ApproversThreads, "Without approval")
            .await;
    }
    asked.finds(Place::Direct(Who::Maya), "Active").await;
    assert!(scene.door("maya:edge_debug").exists());
    asked.types(Who::Maya, &Line::End).await;
    decided
        .presses(Who::Lee, Place::Security, "Ended", "Review…")
        .await;
    let filled = [
        ("finding", "justified"),
        ("text", "nobody of the DBAs was awake"),
    ];
    decided.fills(Who::Lee, &filled).await;
    decided.reads(Who::Lee, "justified").await;
    assert_eq!(scene.recorded("confirmed").await, 1);
    assert_eq!(scene.recorded("approval_given").await, 0);
}

pub(super) async fn a_denial_removes_the_offer_to_break_the_glass(scene: &mut Scene) {
    nobody_answers(scene).await;
    let (asked, decided) = (scene.asked(), scene.decided());
    decided
        .presses(Who::Bo, Place::Approvers, "Waiting", "Deny…")
        .await;
    let reason = [("text", "roll the deploy back instead")];
    decided.fills(Who::Bo, &reason).await;
    for chat in scene.chats() {
        chat.finds(Place::Approvers, "Denied").await;
    }
    // What was drawn before is still there to be pressed.
    let own = Place::Own(Who::Maya);
    asked
        .presses(Who::Maya, own, "BG-1", "Break the glass")
        .await;
    let told = asked.reads(Who::Maya, "was denied").await;
    assert!(told.contains("@bo at"), "{told}");
    assert!(!scene.door("maya:edge_debug").exists());
    assert_eq!(scene.recorded("approved").await, 0);
}
