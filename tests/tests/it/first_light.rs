//! The whole main job on real parts: typed in a workspace, approved by buttons, held on a real PostgreSQL,
//! taken away by the clock, read back, and in the log.

use breakglass_sandbox::{Call, Fault};
use breakglass_tests::kept::Store;
use breakglass_tests::postgres::Server;

use super::office::Office;

const ASK: &str = "orders-db admin 5s sev1 INC-2231 replication slot stuck, orders are failing";

async fn a_role_comes_by_two_buttons_and_goes_by_the_clock(server: Server, store: Store) {
    let mut office = Office::open_on(server, store).await;
    office.types("U01MAYA", ASK).await;
    let card = office.card("Waiting").await;
    assert!(!office.holds_admin().await, "nobody has agreed yet");
    office.presses("U02BO", &card, "Approve").await;
    office.card("1 of 2").await;
    assert!(!office.holds_admin().await, "one of two has agreed");
    office.presses("U03INES", &card, "Approve").await;
    office.card("Active").await;
    assert!(office.holds_admin().await, "both have agreed");
    office.card("Ended").await;
    assert!(!office.holds_admin().await, "the lease is over");
    office.security_reads("read back: admin is gone").await;
    office.log_is_whole().await;
    let verified = office.operator_runs("audit verify").await;
    assert_eq!(verified.status.code(), Some(0), "{verified:?}");
    office.close().await;
}

#[tokio::test]
async fn a_role_on_postgresql_15_comes_by_two_buttons_and_goes_by_the_clock() {
    a_role_comes_by_two_buttons_and_goes_by_the_clock(Server::Fifteen, Store::Sqlite).await;
}

#[tokio::test]
async fn a_role_on_the_newest_postgresql_comes_by_two_buttons_and_goes_by_the_clock() {
    a_role_comes_by_two_buttons_and_goes_by_the_clock(Server::Newest, Store::Sqlite).await;
}

#[tokio::test]
async fn the_main_job_runs_with_a_store_of_which_the_server_owns_no_table() {
    a_role_comes_by_two_buttons_and_goes_by_the_clock(Server::Newest, Store::Postgres).await;
}

#[tokio::test]
async fn a_role_is_given_back_in_the_direct_message_that_told_of_it() {
    let mut office = Office::open(Server::Newest).await;
    office
        .types(
            "U01MAYA",
            "orders-db admin 2m INC-1 replication slot stuck again",
        )
        .await;
    let card = office.card("Waiting").await;
    office.presses("U02BO", &card, "Approve").await;
    office.presses("U03INES", &card, "Approve").await;
    office.card("Active").await;
    assert!(office.holds_admin().await);
    office.direct("U01MAYA", "End now").await;
    office.card("Ended").await;
    assert!(!office.holds_admin().await, "given back");
    office.log_is_whole().await;
    office.close().await;
}

#[tokio::test]
async fn nobody_waits_while_slack_hangs_on_another() {
    let office = Office::open(Server::Newest).await;
    office.sandbox.fail("views.open", 1, Fault::LostAnswer);
    office.types("U01MAYA", "").await;
    let called = |call: &Call| call.method == "views.open";
    office
        .sees(|sandbox| sandbox.calls().iter().any(called).then_some(()))
        .await;
    office
        .types(
            "U06NOOR",
            "orders-db admin INC-1 I would like to look around",
        )
        .await;
    office
        .reads("U06NOOR", "Contractors can't hold admin roles.")
        .await;
    let answers = office.sandbox.ephemerals("U01MAYA");
    assert!(
        answers.is_empty(),
        "Maya's act hung all the while: {answers:?}"
    );
    office.close().await;
}
