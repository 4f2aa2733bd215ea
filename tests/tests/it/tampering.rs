//! Somebody who owns the store's database and lacks the log's key: nothing is granted, people are told, and it
//! is found.

mod forger;

use breakglass_tests::postgres::Server;

use self::forger::Forged;
use super::company::Setting;
use super::company::hands::{Line, Place, Who};
use super::scene::Scene;

const ASK: Line<'static> = Line::Ask {
    target: "orders-db",
    role: "admin",
    duration: "5s",
    severity: 1,
    incident: Some("INC-2231"),
    why: "replication slot stuck, orders are failing",
};

/// Another one's request, to see what is answered.
const ASK_AGAIN: Line<'static> = Line::Ask {
    target: "orders-db",
    role: "read",
    duration: "5s",
    severity: 2,
    incident: Some("INC-2231"),
    why: "replication slot stuck, orders are failing",
};

in_each!([
    on_slack = Setting::SLACK,
    on_slack_with_postgresql = Setting::SLACK.stored_in_postgresql(),
    on_discord = Setting::DISCORD,
    on_discord_by_http_with_postgresql = Setting::DISCORD.by_http().stored_in_postgresql(),
]: [
    a_byte_changed_while_it_waits_grants_nothing,
    a_byte_changed_in_any_other_record_is_found_by_itself,
    an_approval_appended_with_right_hashes_grants_nothing,
    an_approval_appended_behind_the_head_grants_nothing,
    rows_of_a_grant_without_its_records_grant_nothing,
    a_holding_made_up_alone_grants_nothing,
    a_dropped_deadline_is_found_by_itself,
    an_errand_made_up_alone_does_nothing,
]);

/// A request that one of two has approved.
async fn half_approved(setting: Setting) -> Scene {
    let scene = Scene::open(setting.with_orders(Server::Newest)).await;
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Maya, &ASK).await;
    let place = Place::Approvers;
    decided.presses(Who::Bo, place, "Waiting", "Approve").await;
    decided.finds(place, "1 of 2").await;
    scene
}

/// Everybody clicks, also after a restart: nothing comes of it, and it is told and found.
async fn check_stopped(mut scene: Scene) {
    everybody_approves(&scene).await;
    check_told(&mut scene).await;

    scene.stop().await;
    scene.start().await;
    scene
        .security_was_told("Nothing is granted any more", 2)
        .await;
    everybody_approves(&scene).await;
    is_refused(&scene).await;
    assert!(!scene.orders.is_held().await);
    scene.leave().await;
}

/// Those who could still make up the quorum, as far as there is a button.
async fn everybody_approves(scene: &Scene) {
    let decided = scene.decided();
    for approver in [Who::Ines, Who::Lee] {
        let card = decided.finds_post(Place::Approvers, "BG-1").await;
        drop(decided.tries_to_press(approver, &card, "Approve").await);
    }
}

async fn is_refused(scene: &Scene) {
    scene.asked().types(Who::Bo, &ASK_AGAIN).await;
    scene.asked().reads(Who::Bo, "Granting is stopped").await;
}

async fn check_told(scene: &mut Scene) {
    let (asked, decided) = (scene.asked(), scene.decided());
    scene
        .security_was_told("Nothing is granted any more", 1)
        .await;
    let direct = Place::Direct(Who::Maya);
    asked.finds(direct, "Nothing is granted").await;
    let thread = Place::ApproversThreads;
    decided.finds(thread, "Nothing is granted").await;
    is_refused(scene).await;
    let verified = scene.operator_runs("audit verify").await;
    assert_eq!(verified.status.code(), Some(3), "{verified:?}");
    assert!(!scene.orders.is_held().await);
}

async fn a_byte_changed_while_it_waits_grants_nothing(setting: Setting) {
    let mut scene = half_approved(setting).await;
    scene.change("approval_given", "bo\"").await;
    check_stopped(scene).await;
}

async fn a_byte_changed_in_any_other_record_is_found_by_itself(setting: Setting) {
    let mut scene = half_approved(setting).await;
    scene.change("started", "sha256").await;
    check_told(&mut scene).await;
    scene.leave().await;
}

/// Somebody writes some of what a second approval would have led to.
async fn forged_grants_nothing(setting: Setting, written: fn(Forged) -> Vec<String>) {
    let mut scene = half_approved(setting).await;
    let forged = Forged::of(&scene).await;
    scene.kept.meddle(written(forged).join(" ")).await;
    check_stopped(scene).await;
}

async fn an_approval_appended_with_right_hashes_grants_nothing(setting: Setting) {
    forged_grants_nothing(setting, |f| {
        vec![f.events, f.head, f.request, f.holding, f.effect]
    })
    .await;
}

async fn an_approval_appended_behind_the_head_grants_nothing(setting: Setting) {
    forged_grants_nothing(setting, |f| vec![f.events, f.request, f.holding, f.effect]).await;
}

async fn rows_of_a_grant_without_its_records_grant_nothing(setting: Setting) {
    forged_grants_nothing(setting, |f| vec![f.request, f.holding, f.effect]).await;
}

async fn a_holding_made_up_alone_grants_nothing(setting: Setting) {
    forged_grants_nothing(setting, |f| vec![f.holding]).await;
}

/// So that access would stay for ever.
async fn a_dropped_deadline_is_found_by_itself(setting: Setting) {
    let mut scene = half_approved(setting).await;
    scene.kept.meddle("DELETE FROM deadline").await;
    check_told(&mut scene).await;
    scene.leave().await;
}

/// It makes the target be looked after, as the log wants it: that is no permission.
async fn an_errand_made_up_alone_does_nothing(setting: Setting) {
    let mut scene = half_approved(setting).await;
    let effect = Forged::of(&scene).await.effect;
    scene.kept.meddle(effect).await;
    scene.errands_are_done().await;
    assert!(!scene.orders.is_held().await);
    scene.log_is_whole().await;
    let (decided, place) = (scene.decided(), Place::Approvers);
    decided.presses(Who::Ines, place, "1 of 2", "Approve").await;
    decided.finds(place, "Active").await;
    scene.close().await;
}
