//! When grants ended, as the log has it: the record of an end is stamped when the target was read back and had nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use breakglass::clock::{Clock as _, SystemClock};
use breakglass_core::event::{Event, Record};
use breakglass_core::id::RequestId;
use breakglass_core::time::{Length, Timestamp};
use breakglass_store::{COMMITS, Database};
use tokio::time::{Instant, sleep};

use crate::company::{HUNG, TARGETS};
use crate::crowd::Wanted;
use crate::database;
use crate::measure::{PATIENCE, Stage, millis_of};
use crate::server::Server;
use crate::table::{Table, millis};

/// How many commits there were at an instant.
type Counted = (Timestamp, f64);

impl Stage<'_> {
    /// Many grants end in the same second, on targets of which one hangs.
    pub(crate) async fn ends(&mut self) -> anyhow::Result<Server> {
        let ends_at = SystemClock.now().plus(Length::from_secs(40));
        let (many, spread) = (self.measure.ending, self.measure.spread);
        let wanted = self.ending((many, TARGETS), "soon", |number| {
            Timestamp::from_millis(ends_at.millis() + millis_of(number * spread / many.max(1)))
        });
        let given = self.grant(&wanted).await?;
        let size = self.log_size().await?;

        let server = self.start().await?;
        let ready = millis(server.ready_after);
        self.table.below("restart to ready", ready, (2_000.0, "ms"));
        let wait = ends_at.millis_since(SystemClock.now()) - 300;
        anyhow::ensure!(
            wait > 0,
            "they end already: the machine is too slow for this"
        );
        sleep(Duration::from_millis(u64::try_from(wait)?)).await;
        let (healthy, hung): (Vec<_>, Vec<_>) = given
            .into_iter()
            .partition(|(_, wanted)| wanted.held.target != HUNG);
        let until = ends_at.plus(Length::from_secs(1));
        let commits = self.watch(&server, until, hung.len()).await?;
        let database = Database::connect(&self.company.store).await?;
        let (ended, _) = read(&database, size).await?;
        self.judge(&healthy, &ended, &commits);
        Table::say(
            "processor from the start on, s",
            format!("{:.1}", server.processor_secs()?),
        );
        Ok(server)
    }

    /// Counts commits until all has ended that can, and `until`.
    async fn watch(
        &self,
        server: &Server,
        until: Timestamp,
        stay: usize,
    ) -> anyhow::Result<Vec<Counted>> {
        let since = Instant::now();
        let mut commits = Vec::new();
        let mut left = i64::MAX;
        while since.elapsed() < PATIENCE && (SystemClock.now() < until || left > millis_of(stay)) {
            commits.push((SystemClock.now(), server.metric(COMMITS).await?));
            sleep(Duration::from_millis(250)).await;
            let ending = "SELECT count(*) FROM request WHERE phase = 'ending'";
            left = database::count(&self.company.store, ending).await?;
        }
        commits.push((SystemClock.now(), server.metric(COMMITS).await?));
        Table::say("still ending, as one target hangs", left);
        Ok(commits)
    }

    fn judge(
        &mut self,
        healthy: &[(RequestId, Wanted)],
        ended: &BTreeMap<RequestId, Timestamp>,
        commits: &[Counted],
    ) {
        let times = healthy
            .iter()
            .filter_map(|(id, wanted)| Some((*ended.get(id)?, wanted.ends_at?)));
        let times: Vec<(Timestamp, Timestamp)> = times.collect();
        let late = |(at, due): &(Timestamp, Timestamp)| {
            Duration::from_millis(u64::try_from(at.millis_since(*due)).unwrap_or_default())
        };
        let mut lags: Vec<Duration> = times.iter().map(late).collect();
        lags.sort_unstable();
        Table::say("ends on targets that answer", healthy.len());
        self.table
            .none("of them not ended", healthy.len() - lags.len());
        let lag = |percent| millis(percentile(&lags, percent));
        Table::say("lag from expires_at to read back as gone, p50 ms", lag(50));
        self.table.below("p99", lag(99), (1_000.0, "ms"));
        Table::say("max, ms", lag(100));
        let last = times.iter().map(|(at, _)| *at).max();
        let after = commits.iter().find(|(at, _)| Some(*at) > last);
        let after = after.or(commits.last()).map_or(0.0, |(_, many)| *many);
        let before = commits.first().map_or(0.0, |(_, many)| *many);
        self.table
            .below("commits to the log for it", after - before, (41.0, ""));
    }
}

/// Reads the log after `seq`: when each grant ended, and in which order ends were begun.
pub(crate) async fn read(
    database: &Database,
    seq: u64,
) -> anyhow::Result<(BTreeMap<RequestId, Timestamp>, Vec<RequestId>)> {
    let (mut ended, mut begun) = (BTreeMap::new(), Vec::new());
    let mut after = seq;
    loop {
        let records = database.records_after(after, 1_000).await?;
        let Some(last) = records.last() else {
            return Ok((ended, begun));
        };
        after = last.seq;
        for Record {
            request, at, event, ..
        } in records
        {
            let Some(id) = request else { continue };
            if matches!(event, Event::Ended { .. }) {
                ended.insert(id, at);
            }
            if matches!(event, Event::EndingStarted { .. }) {
                begun.push(id);
            }
        }
    }
}

/// So late is the one that `percent` of all are not later than.
pub(crate) fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let at = sorted.len().saturating_sub(1) * percent / 100;
    sorted.get(at).copied().unwrap_or_default()
}
