//! Somebody who owns the store's database and lacks the log's key: nothing is granted, people are told, and it
//! is found.

mod forger;

use breakglass_tests::kept::Store;
use breakglass_tests::postgres::Server;

use self::forger::Forged;
use super::office::Office;

const ASK: &str = "orders-db admin 5s sev1 INC-2231 replication slot stuck, orders are failing";

/// Another one's request, to see what is answered.
const ASK_AGAIN: &str = "orders-db read 5s INC-2231 replication slot stuck, orders are failing";

on_both!(
    a_byte_changed_while_it_waits_grants_nothing,
    a_byte_changed_in_any_other_record_is_found_by_itself,
    an_approval_appended_with_right_hashes_grants_nothing,
    an_approval_appended_behind_the_head_grants_nothing,
    rows_of_a_grant_without_its_records_grant_nothing,
    a_holding_made_up_alone_grants_nothing,
    a_dropped_deadline_is_found_by_itself,
    an_errand_made_up_alone_does_nothing,
);

/// A request that one of two has approved.
async fn half_approved(store: Store) -> Office {
    let office = Office::open_on(Server::Newest, store).await;
    office.types("U01MAYA", ASK).await;
    let card = office.card("Waiting").await;
    office.presses("U02BO", &card, "Approve").await;
    office.card("1 of 2").await;
    office
}

/// Everybody clicks, also after a restart: nothing comes of it, and it is told and found.
async fn check_stopped(mut office: Office) {
    everybody_approves(&office).await;
    check_told(&mut office).await;

    office.stop_bot().await;
    office.start_bot().await;
    office
        .security_was_told("Nothing is granted any more", 2)
        .await;
    everybody_approves(&office).await;
    office.types("U02BO", ASK_AGAIN).await;
    office.reads("U02BO", "Granting is stopped").await;
    assert!(!office.holds_admin().await);
    office.close().await;
}

/// Those who could still make up the quorum, as far as there is a button.
async fn everybody_approves(office: &Office) {
    for approver in ["U03INES", "U05LEE"] {
        let card = office.card("BG-1").await;
        drop(office.sandbox.press(approver, &card, "Approve").await);
    }
}

async fn check_told(office: &mut Office) {
    office
        .security_was_told("Nothing is granted any more", 1)
        .await;
    office.gets("U01MAYA", "Nothing is granted").await;
    office.approvers_read("Nothing is granted").await;
    office.types("U02BO", ASK_AGAIN).await;
    office.reads("U02BO", "Granting is stopped").await;
    let verified = office.operator_runs("audit verify").await;
    assert_eq!(verified.status.code(), Some(3), "{verified:?}");
    assert!(!office.holds_admin().await);
}

async fn a_byte_changed_while_it_waits_grants_nothing(store: Store) {
    let mut office = half_approved(store).await;
    office.change("approval_given", "bo\"").await;
    check_stopped(office).await;
}

async fn a_byte_changed_in_any_other_record_is_found_by_itself(store: Store) {
    let mut office = half_approved(store).await;
    office.change("started", "sha256").await;
    check_told(&mut office).await;
    office.close().await;
}

/// Somebody writes some of what a second approval would have led to.
async fn forged_grants_nothing(store: Store, written: fn(Forged) -> Vec<String>) {
    let mut office = half_approved(store).await;
    let forged = Forged::of(&office).await;
    office.kept.meddle(written(forged).join(" ")).await;
    check_stopped(office).await;
}

async fn an_approval_appended_with_right_hashes_grants_nothing(store: Store) {
    forged_grants_nothing(store, |f| {
        vec![f.events, f.head, f.request, f.holding, f.effect]
    })
    .await;
}

async fn an_approval_appended_behind_the_head_grants_nothing(store: Store) {
    forged_grants_nothing(store, |f| vec![f.events, f.request, f.holding, f.effect]).await;
}

async fn rows_of_a_grant_without_its_records_grant_nothing(store: Store) {
    forged_grants_nothing(store, |f| vec![f.request, f.holding, f.effect]).await;
}

async fn a_holding_made_up_alone_grants_nothing(store: Store) {
    forged_grants_nothing(store, |f| vec![f.holding]).await;
}

/// So that access would stay for ever.
async fn a_dropped_deadline_is_found_by_itself(store: Store) {
    let mut office = half_approved(store).await;
    office.kept.meddle("DELETE FROM deadline").await;
    check_told(&mut office).await;
    office.close().await;
}

/// It makes the target be looked after, as the log wants it: that is no permission.
async fn an_errand_made_up_alone_does_nothing(store: Store) {
    let mut office = half_approved(store).await;
    let effect = Forged::of(&office).await.effect;
    office.kept.meddle(effect).await;
    office.errands_are_done().await;
    assert!(!office.holds_admin().await);
    office.log_is_whole().await;
    let card = office.card("1 of 2").await;
    office.presses("U03INES", &card, "Approve").await;
    office.card("Active").await;
    office.close().await;
}
