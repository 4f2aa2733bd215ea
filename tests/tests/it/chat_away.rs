//! Chat is away, the server is away, or too much comes at once: nothing is lost, and no click goes without an
//! answer.

use breakglass::engine::EngineDesk;
use breakglass_core::id::Platform;
use breakglass_core::intent::{Act, Intent, Reply, Sender};
use breakglass_core::port::chat::{Desk as _, DeskError};
use breakglass_sandbox::Fault;
use breakglass_tests::kept::Store;
use breakglass_tests::postgres::Server;

use super::office::Office;

const ASK: &str = "orders-db admin 2m sev1 INC-2231 replication slot stuck, orders are failing";

on_both!(
    a_request_made_while_messages_fail_is_announced_later,
    a_request_that_waits_lives_through_a_restart,
);

/// Until it is healed.
const ALWAYS: usize = 1_000;

/// Asked while nothing can be posted, and the server is restarted meanwhile: announced once that is over.
async fn check_announced(store: Store, fault: Fault, times: usize) {
    let mut office = Office::open_on(Server::Newest, store).await;
    office.security_reads("Started").await;
    office.sandbox.fail("chat.postMessage", times, fault);
    office.types("U01MAYA", ASK).await;
    office.until("SELECT count(*) FROM request", "1").await;
    if times == ALWAYS {
        office.stop_bot().await;
        office.start_bot().await;
        assert!(office.sandbox.messages("C0APPR").is_empty(), "it can't be");
        office.sandbox.heal();
    }
    let card = office.card("Waiting").await;
    office.security_reads("BG-1").await;
    office.gets("U01MAYA", "BG-1").await;
    office.presses("U02BO", &card, "Approve").await;
    office.presses("U03INES", &card, "Approve").await;
    office.card("Active").await;
    assert!(office.holds_admin().await);
    office.close().await;
}

async fn a_request_made_while_messages_fail_is_announced_later(store: Store) {
    check_announced(store, Fault::ServerError, ALWAYS).await;
}

#[tokio::test]
async fn a_request_made_while_slack_limits_us_is_announced_later() {
    let fault = Fault::RateLimited {
        retry_after_secs: 1,
    };
    check_announced(Store::Sqlite, fault, ALWAYS).await;
}

#[tokio::test]
async fn a_request_made_while_slack_hangs_is_announced_later() {
    check_announced(Store::Sqlite, Fault::Hang, ALWAYS).await;
}

#[tokio::test]
async fn a_request_whose_messages_went_out_unanswered_is_announced() {
    check_announced(Store::Sqlite, Fault::LostAnswer, 2).await;
}

async fn a_request_that_waits_lives_through_a_restart(store: Store) {
    let mut office = Office::open_on(Server::Newest, store).await;
    office.types("U01MAYA", ASK).await;
    let card = office.card("Waiting").await;
    office.presses("U02BO", &card, "Approve").await;
    office.card("1 of 2").await;
    office.stop_bot().await;
    office.start_bot().await;
    // The same card, as it was drawn before.
    office.presses("U03INES", &card, "Approve").await;
    let active = office.card("Active").await;
    assert_eq!(active.ts, card.ts, "it is drawn in place");
    assert!(office.holds_admin().await);
    office.close().await;
}

#[tokio::test]
async fn a_late_click_on_a_card_that_could_not_be_drawn_again_is_answered() {
    let mut office = Office::open(Server::Newest).await;
    office.types("U01MAYA", ASK).await;
    let card = office.card("Waiting").await;
    office.presses("U02BO", &card, "Approve").await;
    office.card("1 of 2").await;
    office
        .sandbox
        .fail("chat.update", ALWAYS, Fault::ServerError);
    office.presses("U03INES", &card, "Approve").await;
    office.gets("U01MAYA", "Active").await;
    assert!(office.holds_admin().await);
    // The card still shows its buttons.
    office.presses("U05LEE", &card, "Approve").await;
    office.reads("U05LEE", "approved already").await;
    office.presses("U02BO", &card, "Approve").await;
    office.reads("U02BO", "approved already").await;
    office.sandbox.heal();
    let card = office.card("Active").await;
    let pressed = office.sandbox.press("U05LEE", &card, "Approve").await;
    assert!(pressed.is_err(), "the buttons that decide are gone");
    office.close().await;
}

#[tokio::test]
async fn a_click_while_too_much_waits_is_answered() {
    let mut office = Office::open(Server::Newest).await;
    office.types("U01MAYA", ASK).await;
    let card = office.card("Waiting").await;
    // Nobody can tell who Tom is, so what he does takes long.
    office.sandbox.fail("users.info", ALWAYS, Fault::Hang);
    let desk = EngineDesk(office.engine());
    let mut taken = 0;
    let full = loop {
        match desk.take(status(taken)).await {
            Ok(()) => taken += 1,
            Err(full) => break full,
        }
    };
    assert_eq!(full, DeskError::Busy);
    office.presses("U02BO", &card, "Approve").await;
    office.reads("U02BO", "I'm busy, nothing changed").await;
    let records = office.records().await;
    assert!(
        records
            .iter()
            .all(|record| record.event.name() != "approval_given")
    );
    office.kept.meddle("DELETE FROM inbox").await;
    office.close().await;
}

fn status(number: u32) -> Intent {
    Intent {
        replay_key: format!("status-{number}"),
        sender: Sender {
            platform: Platform::Slack,
            account: "U04TOM".to_owned(),
            workspace: "T0DEMO".to_owned(),
        },
        channel: None,
        reply: Reply::default(),
        act: Act::Status,
    }
}
