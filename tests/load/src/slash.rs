//! Slash commands at a constant rate, whether or not the server keeps up: each is timed from when it was due to be sent.

use std::time::Duration;

use breakglass_sandbox::Sandbox;
use futures_util::future::join_all;
use tokio::time::{Instant, sleep, sleep_until};

use crate::company::{TARGETS, WORK, account};
use crate::database;
use crate::ends::percentile;
use crate::measure::{PATIENCE, Stage, millis_of};
use crate::server::Server;
use crate::table::{Table, millis};

/// Rows of what came in.
const ROWS: &str = "SELECT count(*) FROM inbox";

/// Those of them that wait to be carried out.
const WAITING: &str = "SELECT count(*) FROM inbox WHERE handled_at IS NULL";

impl Stage<'_> {
    /// Slash commands, at one rate after the other.
    pub(crate) async fn slash(&mut self, server: &Server) -> anyhow::Result<()> {
        let mut sent = 0;
        for phase in &self.measure.slash {
            let (rate, secs) = phase
                .split_once(':')
                .ok_or_else(|| anyhow::anyhow!("{phase} isn't RATE:SECONDS"))?;
            let (rate, secs) = (rate.parse()?, secs.parse()?);
            self.phase((rate, secs), sent).await?;
            sent += usize::try_from(rate * secs)?;
        }
        let is_ready = server.is_ready().await;
        self.table.none("not ready at last", usize::from(!is_ready));
        Ok(())
    }

    async fn phase(&mut self, (rate, secs): (u32, u32), from: usize) -> anyhow::Result<()> {
        let before = database::count(&self.company.store, ROWS).await?;
        let mut acknowledged = send(&self.sandbox, (rate, secs), (from, self.company.people)).await;
        let since = Instant::now();
        let after = database::count(&self.company.store, ROWS).await?;
        acknowledged.took.sort_unstable();
        let took = |percent| millis(percentile(&acknowledged.took, percent));
        Table::say(
            &format!("{rate} slash commands/s for {secs} s, acknowledged, p50 ms"),
            format!("{:.1}", took(50)),
        );
        self.table.below("p99", took(99), (50.0, "ms"));
        Table::say("max, ms", format!("{:.1}", took(100)));
        Table::say("taken", acknowledged.taken);
        self.table
            .none("turned away as too many", acknowledged.turned_away);
        self.table.none("not acknowledged", acknowledged.failed);
        let missing = millis_of(acknowledged.taken) - (after - before);
        self.table.none(
            "taken and not written down",
            usize::try_from(missing).unwrap_or_default(),
        );
        let mut left = i64::MAX;
        while left > 0 && since.elapsed() < PATIENCE {
            left = database::count(&self.company.store, WAITING).await?;
            sleep(Duration::from_millis(50)).await;
        }
        self.table.none(
            "not carried out a minute later",
            usize::try_from(left).unwrap_or_default(),
        );
        Table::say("all carried out after, ms", since.elapsed().as_millis());
        Ok(())
    }
}

/// How slash commands went.
#[derive(Debug, Default)]
pub(crate) struct Acknowledged {
    /// How long each took, those that failed included.
    pub(crate) took: Vec<Duration>,
    /// Written down, and acknowledged without a word.
    pub(crate) taken: usize,
    /// Acknowledged with "busy, try again" or the like.
    pub(crate) turned_away: usize,
    /// Not acknowledged at all.
    pub(crate) failed: usize,
}

/// Sends `rate` a second for `secs`; each of `people` in their turn, beginning with `from`.
pub(crate) async fn send(
    sandbox: &Sandbox,
    (rate, secs): (u32, u32),
    (from, people): (usize, usize),
) -> Acknowledged {
    let begin = Instant::now() + Duration::from_millis(100);
    let all = (0..rate * secs).map(|number| {
        let due = begin + Duration::from_secs(1) * number / rate;
        let number = from + usize::try_from(number).unwrap_or_default();
        let sandbox = sandbox.clone();
        tokio::spawn(async move {
            sleep_until(due).await;
            let words = words(number);
            let user = account(number % people);
            let slashed = sandbox.slash(&user, WORK, "/breakglass", &words).await;
            (due.elapsed(), slashed)
        })
    });
    let mut acknowledged = Acknowledged::default();
    for (took, slashed) in join_all(all.collect::<Vec<_>>())
        .await
        .into_iter()
        .flatten()
    {
        acknowledged.took.push(took);
        match slashed {
            Ok(slashed) if slashed.ack.payload.is_null() => acknowledged.taken += 1,
            Ok(_) => acknowledged.turned_away += 1,
            Err(_) => acknowledged.failed += 1,
        }
    }
    acknowledged
}

/// One in four asks for access; the others look what there is.
fn words(number: usize) -> String {
    match number % 4 {
        0 => format!(
            "target{}x asked 5m replication slot stuck",
            number / 4 % TARGETS
        ),
        1 => "status".to_owned(),
        2 => "help".to_owned(),
        _ => "list".to_owned(),
    }
}
