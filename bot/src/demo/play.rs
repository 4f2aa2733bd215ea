//! One incident acted out in the terminal, through the same doors that people use: a slash command, two
//! buttons, a real target, the clock, and the log at the end.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};
use breakglass_sandbox::{Message, Sandbox};
use metrics_exporter_prometheus::PrometheusHandle;

use super::{Demo, Shown, workspace};

/// No step of the play takes longer than that, unless something is wrong.
const STEP_WITHIN: Duration = Duration::from_secs(20);

/// What is asked for: short, so that its end can be watched.
const ASKED: &str = "orders-db admin 3s sev1 INC-2231 replication slot stuck, orders are failing";

/// Acts the incident out; `say` gets the lines.
pub async fn play(
    metrics: PrometheusHandle,
    say: &mut (dyn FnMut(&str) + Send),
) -> anyhow::Result<()> {
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let demo = Demo::start(listen, Shown::Slack, metrics).await?;
    let played = act(&demo, say).await;
    demo.stop().await;
    played
}

async fn act(demo: &Demo, say: &mut (dyn FnMut(&str) + Send)) -> anyhow::Result<()> {
    let sandbox = &demo.sandbox;
    let held = demo.holdings().join("orders-postgres.maya.orders_admin");
    let connected = |sandbox: &Sandbox| (sandbox.connections() > 0).then_some(());
    sandbox
        .wait_for(STEP_WITHIN, connected)
        .await
        .context("the server never connected")?;

    say("02:14, orders are failing. Maya, on call, types in #inc-2231:");
    say(&format!("  /breakglass {ASKED}"));
    sandbox
        .slash("U01MAYA", "C0INCIDENT", "/breakglass", ASKED)
        .await?;
    let card = card_saying(sandbox, "Waiting").await?;
    say(&format!(
        "  card in #access-approvals: {}",
        first_line(&card)
    ));
    sees(say, &held, "before anybody agreed", Held::No)?;

    say("Bo of the database team presses Approve.");
    sandbox.press("U02BO", &card, "Approve").await?;
    card_with(sandbox, "1 of 2").await?;
    sees(say, &held, "after one of two approvals", Held::No)?;

    say("Inês of security presses Approve.");
    sandbox.press("U03INES", &card, "Approve").await?;
    let card = card_saying(sandbox, "Active").await?;
    say(&format!("  the same card: {}", first_line(&card)));
    sees(say, &held, "after the second", Held::Yes)?;

    say("Three seconds later the lease is over.");
    let card = card_saying(sandbox, "Ended").await?;
    say(&format!("  the same card: {}", first_line(&card)));
    sees(say, &held, "after the end", Held::No)?;

    verify(demo, say).await
}

/// Checks the whole log against its signed head, as `audit verify` does.
async fn verify(demo: &Demo, say: &mut (dyn FnMut(&str) + Send)) -> anyhow::Result<()> {
    let store = demo.server.engine().store();
    let audited = store.database().audit(store.verifying_key(), &[]).await?;
    let report = match &audited.log {
        Ok(report) => report,
        Err(tampering) => bail!("the log doesn't verify: {tampering}"),
    };
    if !audited.differs.is_empty() {
        bail!(
            "the database isn't as the log left it: {}",
            audited.differs.join("; ")
        );
    }
    say(&format!(
        "The log verifies: {} records, signed, nothing changed or missing.",
        report.records
    ));
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    Yes,
    No,
}

/// Looks at the target itself, not at what anybody says of it.
fn sees(
    say: &mut (dyn FnMut(&str) + Send),
    held: &Path,
    when: &str,
    expected: Held,
) -> anyhow::Result<()> {
    let found = if held.exists() { Held::Yes } else { Held::No };
    let words = if found == Held::Yes {
        "holds admin"
    } else {
        "holds nothing"
    };
    say(&format!("  orders-db, {when}: Maya {words}"));
    if found == expected {
        Ok(())
    } else {
        bail!("that is wrong: {when}, Maya {words}")
    }
}

async fn card_saying(sandbox: &Sandbox, state: &str) -> anyhow::Result<Message> {
    let found = |sandbox: &Sandbox| {
        sandbox
            .messages(workspace::APPROVERS)
            .into_iter()
            .find(|card| first_line(card).contains(state))
    };
    sandbox
        .wait_for(STEP_WITHIN, found)
        .await
        .with_context(|| format!("no card ever said {state}"))
}

async fn card_with(sandbox: &Sandbox, words: &str) -> anyhow::Result<Message> {
    let found = |sandbox: &Sandbox| {
        let says = |card: &Message| {
            serde_json::Value::from(card.blocks.clone())
                .to_string()
                .contains(words)
        };
        sandbox
            .messages(workspace::APPROVERS)
            .into_iter()
            .find(says)
    };
    sandbox
        .wait_for(STEP_WITHIN, found)
        .await
        .with_context(|| format!("no card ever said {words}"))
}

fn first_line(card: &Message) -> String {
    let header = card
        .blocks
        .iter()
        .find_map(|block| block["text"]["text"].as_str());
    header
        .unwrap_or(&card.text)
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned()
}
