//! Chat or the server is away with a store and a target on PostgreSQL, or too much comes at once: nothing is lost, and no
//! click goes without an answer.

use breakglass::engine::EngineDesk;
use breakglass_core::id::Platform;
use breakglass_core::intent::{Act, Intent, Reply, Sender};
use breakglass_core::port::chat::{Desk as _, DeskError};
use breakglass_sandbox::Fault;
use breakglass_tests::kept::Store;
use breakglass_tests::postgres::Server;

use super::office::Office;

const ASK: &str = "orders-db admin 2m sev1 INC-2231 replication slot stuck, orders are failing";

/// Until it is healed.
const ALWAYS: usize = 1_000;

#[tokio::test]
async fn a_request_made_while_messages_fail_is_announced_later() {
    let mut office = Office::open_on(Server::Newest, Store::Postgres).await;
    office.security_reads("Started").await;
    office
        .sandbox
        .fail("chat.postMessage", ALWAYS, Fault::ServerError);
    office.types("U01MAYA", ASK).await;
    office.until("SELECT count(*) FROM request", "1").await;
    office.stop_bot().await;
    office.start_bot().await;
    assert!(office.sandbox.messages("C0APPR").is_empty(), "it can't be");
    office.sandbox.heal();
    let card = office.card("Waiting").await;
    office.presses("U02BO", &card, "Approve").await;
    office.presses("U03INES", &card, "Approve").await;
    office.card("Active").await;
    assert!(office.holds_admin().await);
    office.close().await;
}

#[tokio::test]
async fn a_request_that_waits_lives_through_a_restart() {
    let mut office = Office::open_on(Server::Newest, Store::Postgres).await;
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
