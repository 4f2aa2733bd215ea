//! A start with much overdue: it answers all the while, and what is overdue longest goes first.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use breakglass::clock::{Clock as _, SystemClock};
use breakglass_core::id::RequestId;
use breakglass_core::time::{Length, Timestamp};
use breakglass_store::Database;
use tokio::time::{Instant, sleep};

use crate::company::HUNG;
use crate::crowd::Wanted;
use crate::database;
use crate::ends::{percentile, read};
use crate::measure::{PATIENCE, Stage, millis_of};
use crate::server::Server;
use crate::slash;
use crate::table::{Table, millis};

/// Live for now, or on their way out.
const LIVE: &str = "SELECT count(*) FROM request WHERE phase IN ('active', 'ending') AND open";

impl Stage<'_> {
    /// Starts with so many overdue, and looks how they go.
    pub(crate) async fn overdue(&mut self) -> anyhow::Result<()> {
        let many = self.measure.overdue;
        let before = database::count(&self.company.store, LIVE).await?;
        let ends_at = SystemClock.now().plus(Length::from_secs(40));
        let from = ends_at.millis() - millis_of(many);
        let wanted = self.ending((many, HUNG), "late", |number| {
            Timestamp::from_millis(from + millis_of(number))
        });
        let given = self.grant(&wanted).await?;
        let size = self.log_size().await?;
        while SystemClock.now() <= ends_at {
            sleep(Duration::from_millis(50)).await;
        }
        let server = self.start().await?;
        let ready = millis(server.ready_after);
        let what = format!("start with {many} overdue to ready");
        self.table.below(&what, ready, (2_000.0, "ms"));
        self.meanwhile(before).await?;
        let database = Database::connect(&self.company.store).await?;
        let (ended, begun) = read(&database, size).await?;
        self.judge_overdue(&server, &given, (&ended, &begun));
        self.remember(&server)?;
        server.stop().await
    }

    /// People go on typing, until only `live` grants are left.
    async fn meanwhile(&mut self, live: i64) -> anyhow::Result<()> {
        let (since, mut took) = (Instant::now(), Vec::new());
        while since.elapsed() < PATIENCE * 3
            && database::count(&self.company.store, LIVE).await? > live
        {
            let asked = slash::send(&self.sandbox, (20, 1), (2, self.company.people)).await;
            took.extend(asked.took);
        }
        took.sort_unstable();
        self.table.below(
            "slash commands meanwhile, acknowledged, p99",
            millis(percentile(&took, 99)),
            (50.0, "ms"),
        );
        Ok(())
    }

    fn judge_overdue(
        &mut self,
        server: &Server,
        given: &[(RequestId, Wanted)],
        (ended, begun): (&BTreeMap<RequestId, Timestamp>, &[RequestId]),
    ) {
        let due: BTreeMap<_, _> = given
            .iter()
            .map(|(id, wanted)| (*id, wanted.ends_at))
            .collect();
        let gone: BTreeSet<_> = ended
            .iter()
            .filter(|(id, _)| due.contains_key(id))
            .collect();
        self.table.none("not gone", due.len() - gone.len());
        if let Some(last) = gone.iter().map(|(_, at)| **at).max() {
            let took = last.millis_since(server.started_at);
            Table::say("from the start until the last is gone, ms", took);
        }
        let order: Vec<_> = begun.iter().filter_map(|id| due.get(id)).collect();
        let wrong = order.windows(2).filter(|pair| pair[0] > pair[1]);
        self.table
            .none("ended before what was overdue longer", wrong.count());
    }
}
