//! Our part: grants by slash commands, and the log as it grows.

use std::collections::BTreeMap;
use std::time::Duration;

use breakglass::clock::{Clock as _, SystemClock};
use breakglass_core::event::Event;
use breakglass_core::id::RequestId;
use breakglass_core::time::Timestamp;
use breakglass_sandbox::{Message, Sandbox};
use breakglass_store::Database;
use futures_util::future::join_all;
use tokio::time::{Instant, sleep, sleep_until};

use super::{Lease, Plan};
use crate::company::{Company, WORK, account};

/// What is asked for: planned work, which needs nobody's approval.
pub(super) const ROLE: &str = "soon";

/// The button for it.
const CONFIRM: &str = "Get access";

/// So soon everybody has what they are to confirm.
const ASKED_WITHIN: Duration = Duration::from_mins(1);

/// Between two looks at the log.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// Everybody types the command, and confirms it in their turn.
pub(super) async fn ask(sandbox: &Sandbox, plan: Plan) -> anyhow::Result<()> {
    let before = sandbox.messages(WORK).pop().map(|message| message.ts);
    let begin = Instant::now();
    let each = (0..plan.many).map(|number| {
        let sandbox = sandbox.clone();
        tokio::spawn(async move {
            let (after, secs) = plan.of(number);
            sleep_until(begin + after).await;
            let words = format!("target0x {ROLE} {secs}s replication slot stuck");
            sandbox
                .slash(&account(number), WORK, "/breakglass", &words)
                .await
        })
    });
    for asked in join_all(each.collect::<Vec<_>>()).await {
        asked?.map_err(|error| anyhow::anyhow!("{error}"))?;
    }
    let questions = questions(sandbox, before, plan.many).await?;
    let begin = Instant::now();
    let each = questions.into_iter().enumerate().map(|(number, question)| {
        let sandbox = sandbox.clone();
        tokio::spawn(async move {
            plan.turn(begin, number).await;
            sandbox.press(&account(number), &question, CONFIRM).await
        })
    });
    for pressed in join_all(each.collect::<Vec<_>>()).await {
        pressed?.map_err(|error| anyhow::anyhow!("{error}"))?;
    }
    Ok(())
}

/// What each of so many people is asked to confirm, once it is there for all of them.
async fn questions(
    sandbox: &Sandbox,
    before: Option<String>,
    many: usize,
) -> anyhow::Result<Vec<Message>> {
    let since = Instant::now();
    loop {
        sleep(Duration::from_millis(300)).await;
        let asked = sandbox.messages(WORK).into_iter();
        let asked = asked.filter(|message| Some(&message.ts) > before.as_ref());
        let asked =
            asked.filter(|message| message.buttons().iter().any(|button| button == CONFIRM));
        // The newest of somebody's comes last.
        let asked: BTreeMap<_, _> = asked
            .map(|message| (message.only_for.clone(), message))
            .collect();
        let asked = (0..many).map_while(|number| asked.get(&Some(account(number))).cloned());
        let asked: Vec<Message> = asked.collect();
        if asked.len() == many {
            return Ok(asked);
        }
        anyhow::ensure!(
            since.elapsed() < ASKED_WITHIN,
            "{} of {many} were asked",
            asked.len()
        );
    }
}

/// The log from some record on.
pub(super) struct Log {
    database: Database,
    read: u64,
}

impl Log {
    /// From the newest record on.
    pub(super) async fn read_on(company: &Company) -> anyhow::Result<Self> {
        let database = Database::connect(&company.store).await?;
        let size = crate::database::count(&company.store, "SELECT size FROM head").await?;
        Ok(Self {
            database,
            read: u64::try_from(size)?,
        })
    }

    /// Waits until so many ended, for so long after the last of their ends. Gives the leases, and when each was first read
    /// in the log as ended: after it was read back at the target, and committed.
    pub(super) async fn until_ended(
        mut self,
        many: usize,
        limit: Duration,
    ) -> anyhow::Result<(Vec<Lease>, BTreeMap<String, Timestamp>)> {
        let (mut whose, mut leases, mut ended) = (BTreeMap::new(), Vec::new(), BTreeMap::new());
        let mut until = SystemClock.now();
        while ended.len() < many
            && SystemClock.now().millis_since(until) < i64::try_from(limit.as_millis())?
        {
            let records = self.database.records_after(self.read, 1_000).await?;
            let now = SystemClock.now();
            for record in records {
                self.read = record.seq;
                let name =
                    |whose: &BTreeMap<RequestId, String>| whose.get(&record.request?).cloned();
                if let Event::Requested(requested) = record.event {
                    whose.insert(requested.id, requested.asked.holding.account);
                } else if let Event::Activated { expires_at, .. } = record.event {
                    until = until.max(expires_at);
                    leases.extend(name(&whose).map(|name| Lease {
                        name,
                        ends_at: expires_at,
                    }));
                } else if matches!(record.event, Event::Ended { .. }) {
                    ended.extend(name(&whose).map(|name| (name, now)));
                }
            }
            sleep(LOOK_EVERY).await;
        }
        self.database.close().await?;
        Ok((leases, ended))
    }
}
