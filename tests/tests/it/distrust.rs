//! The log can't be trusted: nothing can be written any more, and what is over is taken away all the same.

use breakglass_tests::postgres::Server;

use super::company::Setting;
use super::company::hands::{Line, Place, Who};
use super::scene::Scene;

in_each!([
    on_slack = Setting::SLACK,
    on_slack_with_postgresql = Setting::SLACK.stored_in_postgresql(),
    on_discord = Setting::DISCORD,
    on_discord_by_http_with_postgresql = Setting::DISCORD.by_http().stored_in_postgresql(),
]: [
    access_ends_on_time_after_the_log_was_tampered_with,
    access_ends_though_a_record_of_it_was_changed,
    access_ends_though_its_rows_were_dropped,
    access_that_ended_while_no_server_ran_is_taken_by_one_that_distrusts,
    access_is_given_back_without_a_record,
    access_is_revoked_without_a_record,
    what_cant_be_taken_away_is_alarmed_with_what_to_type,
]);

/// The least that somebody can do to make the log untrusted at the next command.
const SPOIL: &str = "UPDATE head SET newest_at = newest_at + 1";

/// Something else, to see what is answered.
const READ: Line<'static> = Line::Ask {
    target: "orders-db",
    role: "read",
    duration: "2m",
    severity: 2,
    incident: Some("INC-2231"),
    why: "replication slot stuck",
};

async fn active(setting: Setting, lease: &str) -> Scene {
    let mut scene = Scene::open(setting.with_orders(Server::Newest)).await;
    let ask = Line::Ask {
        target: "orders-db",
        role: "admin",
        duration: lease,
        severity: 1,
        incident: Some("INC-2231"),
        why: "replication slot stuck, orders are failing",
    };
    scene.asked().types(Who::Maya, &ask).await;
    scene.both_approve().await;
    assert!(scene.orders.is_held().await);
    scene
}

/// It went, which was told once, as was the alarm, however long it lasts.
async fn check_ended(mut scene: Scene) {
    security_reads(&scene, "Ended without a record").await;
    assert!(!scene.orders.is_held().await);
    let decided = scene.decided();
    decided
        .presses(Who::Lee, Place::Approvers, "BG-1", "Details")
        .await;
    for words in ["Nothing is granted any more", "Ended without a record"] {
        scene.security_was_told(words, 1).await;
    }
    scene.leave().await;
}

async fn security_reads(scene: &Scene, words: &str) {
    scene.decided().finds(Place::Security, words).await;
}

async fn access_ends_on_time_after_the_log_was_tampered_with(setting: Setting) {
    let mut scene = active(setting, "15s").await;
    scene.kept.meddle(SPOIL).await;
    scene.asked().types(Who::Maya, &READ).await;
    scene.asked().reads(Who::Maya, "Granting is stopped").await;
    security_reads(&scene, "The log can't be trusted").await;
    assert!(scene.orders.is_held().await, "its time isn't over");
    check_ended(scene).await;
}

/// Found only when it is to be taken away, if not before: the end stands in the log, and can't be reported.
async fn access_ends_though_a_record_of_it_was_changed(setting: Setting) {
    let mut scene = active(setting, "15s").await;
    scene.change("activated", "expires_at").await;
    check_ended(scene).await;
}

async fn access_ends_though_its_rows_were_dropped(setting: Setting) {
    let mut scene = active(setting, "15s").await;
    scene
        .kept
        .meddle("DELETE FROM holding; DELETE FROM deadline")
        .await;
    check_ended(scene).await;
}

async fn access_that_ended_while_no_server_ran_is_taken_by_one_that_distrusts(setting: Setting) {
    let mut scene = active(setting, "15s").await;
    scene.stop().await;
    scene.lease_is_over().await;
    scene.kept.meddle(SPOIL).await;
    assert!(scene.orders.is_held().await, "nobody has taken it away");
    scene.start().await;
    check_ended(scene).await;
}

async fn access_is_given_back_without_a_record(setting: Setting) {
    let mut scene = active(setting, "2m").await;
    scene.kept.meddle(SPOIL).await;
    let asked = scene.asked();
    asked.gives_back(Who::Maya).await;
    asked.reads(Who::Maya, "still taken away").await;
    check_ended(scene).await;
}

async fn access_is_revoked_without_a_record(setting: Setting) {
    let mut scene = active(setting, "2m").await;
    scene.kept.meddle(SPOIL).await;
    let revoke = Line::Revoke {
        request: "BG-1",
        why: "the log is spoilt",
    };
    let decided = scene.decided();
    decided.types(Who::Tom, &revoke).await;
    decided.reads(Who::Tom, "Granting is stopped").await;
    assert!(scene.orders.is_held().await, "Tom may not revoke it");
    decided.types(Who::Ines, &revoke).await;
    decided.reads(Who::Ines, "still taken away").await;
    check_ended(scene).await;
}

async fn what_cant_be_taken_away_is_alarmed_with_what_to_type(setting: Setting) {
    let mut scene = active(setting, "15s").await;
    scene.kept.meddle(SPOIL).await;
    scene.orders.shuts_us_out().await;
    security_reads(&scene, "Access NOT removed").await;
    security_reads(&scene, "GRANTED BY").await;
    assert!(scene.orders.is_held().await);
    scene.orders.lets_us_in().await;
    security_reads(&scene, "Ended without a record").await;
    scene.security_was_told("Access NOT removed", 1).await;
    check_ended(scene).await;
}
