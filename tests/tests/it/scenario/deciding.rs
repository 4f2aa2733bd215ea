//! Who decides what, and for how long: at the same time, in full or for less, and taken back by security.

use super::{ASK, READ};
use crate::company::hands::{Line, Place, Who};
use crate::scene::Scene;

pub(super) async fn two_clicks_at_once_make_one_decision_and_both_are_answered(scene: &mut Scene) {
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Maya, &ASK).await;
    decided
        .presses(Who::Bo, Place::Approvers, "Waiting", "Approve")
        .await;
    for chat in scene.chats() {
        chat.finds(Place::Approvers, "1 of 2").await;
    }
    // On both chats, where there are two.
    tokio::join!(
        decided.presses(Who::Ines, Place::Approvers, "1 of 2", "Approve"),
        asked.presses(Who::Lee, Place::Approvers, "1 of 2", "Approve"),
    );
    let (first, there) = tokio::select! {
        _ = decided.reads(Who::Ines, "approved already") => (Who::Lee, &asked),
        _ = asked.reads(Who::Lee, "approved already") => (Who::Ines, &decided),
    };
    there.reads(first, "BG-1 is approved for").await;
    for chat in scene.chats() {
        chat.finds(Place::Approvers, "Active").await;
    }
    assert_eq!(scene.recorded("approval_given").await, 2);
}

pub(super) async fn a_form_that_comes_too_late_gives_the_words_back(scene: &mut Scene) {
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Maya, &ASK).await;
    decided
        .presses(Who::Ines, Place::Approvers, "Waiting", "Deny…")
        .await;
    decided.opens(Who::Ines, "Why not?").await;
    asked.types(Who::Maya, &Line::Withdraw(None)).await;
    decided.finds(Place::Approvers, "Withdrawn").await;
    let reason = "use the read replica runbook first";
    decided.fills(Who::Ines, &[("text", reason)]).await;
    let told = decided.reads(Who::Ines, reason).await;
    assert!(told.contains("Too late"), "{told}");
}

pub(super) async fn only_who_is_asked_approves(scene: &mut Scene) {
    const REFUNDS: Line<'_> = Line::Ask {
        target: "billing",
        role: "refunds",
        duration: "2m",
        severity: 2,
        incident: None,
        why: "a customer was charged twice",
    };
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Maya, &REFUNDS).await;
    decided
        .presses(Who::Bo, Place::Approvers, "Waiting", "Approve")
        .await;
    decided.reads(Who::Bo, "can decide BG-1").await;
    assert_eq!(scene.recorded("approval_given").await, 0);
    decided
        .presses(Who::Ines, Place::Approvers, "Waiting", "Approve")
        .await;
    decided.reads(Who::Ines, "BG-1 is approved for").await;
}

pub(super) async fn security_revokes(scene: &mut Scene) {
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Maya, &READ).await;
    decided
        .presses(Who::Bo, Place::Approvers, "Waiting", "Approve")
        .await;
    decided
        .presses(Who::Lee, Place::Security, "Active", "Revoke…")
        .await;
    decided
        .fills(Who::Lee, &[("text", "the laptop was stolen")])
        .await;
    for chat in scene.chats() {
        chat.finds(Place::Approvers, "revoked by Lee Park").await;
        chat.finds(Place::SecurityThreads, "Revoked by Lee Park")
            .await;
    }
    asked
        .finds(Place::Direct(Who::Maya), "the laptop was stolen")
        .await;
}

pub(super) async fn it_is_approved_for_less(scene: &mut Scene) {
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Maya, &READ).await;
    decided
        .presses(Who::Bo, Place::Approvers, "Waiting", "Approve for less…")
        .await;
    let less = [("duration", "15 min"), ("text", "enough to look at it")];
    decided.fills(Who::Bo, &less).await;
    decided.reads(Who::Bo, "BG-1 is approved for 15 min").await;
    for chat in scene.chats() {
        chat.finds(
            Place::SecurityThreads,
            "Granting read on orders-db for 15 min",
        )
        .await;
        chat.finds(Place::Approvers, "Active").await;
    }
}

pub(super) async fn who_decides_can_look_at_all_of_it(scene: &mut Scene) {
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Maya, &ASK).await;
    decided
        .presses(Who::Bo, Place::Approvers, "Waiting", "Approve")
        .await;
    decided.finds(Place::Approvers, "1 of 2").await;
    decided
        .presses(Who::Ines, Place::Approvers, "1 of 2", "Details")
        .await;
    let told = decided.looks_up(Who::Ines, "answered within 10 min").await;
    for words in ["Risk", "rule two-people", "Bo Chen"] {
        assert!(told.contains(words), "{told}");
    }
}
