//! The log can't be trusted: nothing can be written any more, and what is over is taken away all the same.

use breakglass_tests::kept::Store;
use breakglass_tests::postgres::Server;

use super::office::Office;

on_both!(
    access_ends_on_time_after_the_log_was_tampered_with,
    access_ends_though_a_record_of_it_was_changed,
    access_ends_though_its_rows_were_dropped,
    access_that_ended_while_no_server_ran_is_taken_by_one_that_distrusts,
    access_is_given_back_without_a_record,
    access_is_revoked_without_a_record,
    what_cant_be_taken_away_is_alarmed_with_what_to_type,
);

/// The least that somebody can do to make the log untrusted at the next command.
const SPOIL: &str = "UPDATE head SET newest_at = newest_at + 1";

async fn active(store: Store, lease: &str) -> Office {
    let mut office = Office::open_on(Server::Newest, store).await;
    let ask =
        format!("orders-db admin {lease} sev1 INC-2231 replication slot stuck, orders are failing");
    office.types("U01MAYA", &ask).await;
    let card = office.card("Waiting").await;
    office.presses("U02BO", &card, "Approve").await;
    office.presses("U03INES", &card, "Approve").await;
    office.card("Active").await;
    assert!(office.holds_admin().await);
    office
}

/// It went, which was told once, as was the alarm, however long it lasts.
async fn check_ended(mut office: Office) {
    office.security_reads("Ended without a record").await;
    assert!(!office.holds_admin().await);
    let card = office.card("BG-1").await;
    office.presses("U05LEE", &card, "Details").await;
    for words in ["Nothing is granted any more", "Ended without a record"] {
        office.security_was_told(words, 1).await;
    }
    office.close().await;
}

async fn access_ends_on_time_after_the_log_was_tampered_with(store: Store) {
    let mut office = active(store, "15s").await;
    office.kept.meddle(SPOIL).await;
    office
        .types("U01MAYA", "orders-db read INC-2231 replication slot stuck")
        .await;
    office.reads("U01MAYA", "Granting is stopped").await;
    office.security_reads("The log can't be trusted").await;
    assert!(office.holds_admin().await, "its time isn't over");
    check_ended(office).await;
}

/// Found only when it is to be taken away, if not before: the end stands in the log, and can't be reported.
async fn access_ends_though_a_record_of_it_was_changed(store: Store) {
    let mut office = active(store, "15s").await;
    office.change("activated", "expires_at").await;
    check_ended(office).await;
}

async fn access_ends_though_its_rows_were_dropped(store: Store) {
    let mut office = active(store, "15s").await;
    office
        .kept
        .meddle("DELETE FROM holding; DELETE FROM deadline")
        .await;
    check_ended(office).await;
}

async fn access_that_ended_while_no_server_ran_is_taken_by_one_that_distrusts(store: Store) {
    let mut office = active(store, "15s").await;
    office.stop_bot().await;
    office.lease_is_over().await;
    office.kept.meddle(SPOIL).await;
    assert!(office.holds_admin().await, "nobody has taken it away");
    office.start_bot().await;
    check_ended(office).await;
}

async fn access_is_given_back_without_a_record(store: Store) {
    let mut office = active(store, "2m").await;
    office.kept.meddle(SPOIL).await;
    office.direct("U01MAYA", "End now").await;
    office.reads("U01MAYA", "still taken away").await;
    check_ended(office).await;
}

async fn access_is_revoked_without_a_record(store: Store) {
    let mut office = active(store, "2m").await;
    office.kept.meddle(SPOIL).await;
    let revoke = "revoke BG-1 the log is spoilt";
    office.types("U04TOM", revoke).await;
    office.reads("U04TOM", "Granting is stopped").await;
    assert!(office.holds_admin().await, "Tom may not revoke it");
    office.types("U03INES", revoke).await;
    office.reads("U03INES", "still taken away").await;
    check_ended(office).await;
}

async fn what_cant_be_taken_away_is_alarmed_with_what_to_type(store: Store) {
    let mut office = active(store, "15s").await;
    office.kept.meddle(SPOIL).await;
    let us = office.target.us.clone();
    let ours =
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{us}'");
    office
        .target
        .database
        .run(format!("ALTER ROLE {us} NOLOGIN; {ours}"))
        .await;
    office.security_reads("Access NOT removed").await;
    office.security_reads("GRANTED BY").await;
    assert!(office.holds_admin().await);
    office
        .target
        .database
        .run(format!("ALTER ROLE {us} LOGIN"))
        .await;
    office.security_reads("Ended without a record").await;
    office.security_was_told("Access NOT removed", 1).await;
    check_ended(office).await;
}
