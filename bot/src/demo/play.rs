//! One incident acted out in the terminal, through the same doors that people use: a slash command, two
//! buttons, a real target, the clock, and the log at the end.

mod stage;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::bail;
use metrics_exporter_prometheus::PrometheusHandle;

use self::stage::{Player, Stage};
use super::{Demo, Shown};

/// No step of the play takes longer than that, unless something is wrong.
const STEP_WITHIN: Duration = Duration::from_secs(20);

/// Acts the incident out, asked on one chat and approved on the other where there are two; `say` gets the lines.
pub async fn play(
    shown: Shown,
    metrics: PrometheusHandle,
    say: &mut (dyn FnMut(&str) + Send),
) -> anyhow::Result<()> {
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let demo = Demo::start(listen, shown, metrics).await?;
    let played = act(&demo, shown, say).await;
    demo.stop().await;
    played
}

async fn act(demo: &Demo, shown: Shown, say: &mut (dyn FnMut(&str) + Send)) -> anyhow::Result<()> {
    let slack = Stage::Slack(demo.sandbox.clone());
    let discord = Stage::Discord(demo.sandbox.guild());
    let (asked, decided) = match shown {
        Shown::Slack => (&slack, &slack),
        Shown::Discord => (&discord, &discord),
        Shown::Both => (&slack, &discord),
    };
    let held = demo.holdings().join("orders-postgres.maya.orders_admin");
    asked.connects().await?;
    decided.connects().await?;

    say("02:14, orders are failing. Maya, on call, types in #inc-2231:");
    say(&format!("  {}", asked.line()));
    asked.asks().await?;
    let card = decided.card_saying("Waiting").await?;
    let place = format!("#access-approvals on {}", decided.name());
    say(&format!("  card in {place}: {card}"));
    sees(say, &held, "before anybody agreed", Held::No)?;

    say("Bo of the database team presses Approve.");
    decided.approves(Player::Bo).await?;
    decided.card_with("1 of 2").await?;
    sees(say, &held, "after one of two approvals", Held::No)?;

    say("Inês of security presses Approve.");
    decided.approves(Player::Ines).await?;
    let card = decided.card_saying("Active").await?;
    say(&format!("  the same card: {card}"));
    sees(say, &held, "after the second", Held::Yes)?;

    say("Three seconds later the lease is over.");
    let card = decided.card_saying("Ended").await?;
    say(&format!("  the same card: {card}"));
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
