//! What is known of the outbox: what commits add, what comes back, and now and then all of it.

use std::collections::BTreeSet;
use std::time::Duration;

use breakglass_core::dispatch::Dispatch;
use breakglass_store::{StoreError, Waiting};
use tokio::time::Instant;

use super::super::Engine;
use super::lanes::job;

/// Effects read in one go.
const PAGE: u64 = 1_000;

/// The pause between two looks through the outbox: the safety net, and how what other replicas did is learnt.
const ROUND_EVERY: Duration = Duration::from_secs(1);

/// A look through takes at most a tenth of the time.
const PAUSE_TIMES: u32 = 9;

/// How far the outbox was read.
#[derive(Debug, Default)]
pub(super) struct Look {
    /// What records up to this one demanded is known.
    seq: u64,
    /// Where the next page of this round begins.
    after: i64,
    /// When that is to be read.
    next_at: Option<Instant>,
    /// Rows that are there although somebody worked on them.
    again: BTreeSet<i64>,
    /// Was everything looked at once?
    is_through: bool,
}

impl Look {
    /// Somebody worked on this one, and it may be there all the same.
    pub(super) fn again(&mut self, id: i64) {
        self.again.insert(id);
    }

    /// Takes in what waits, and forgets what doesn't wait any more. What somebody else has in hand waits for the end of
    /// their claim, so that nothing overtakes it.
    pub(super) async fn take_in(
        &mut self,
        engine: &Engine,
        dispatch: &mut Dispatch,
    ) -> Result<(), StoreError> {
        while !self.is_through {
            self.turn_page(engine, dispatch).await?;
        }
        let size = engine.store.status().borrow().size;
        if size > self.seq {
            let new = engine.store.effects_since(self.seq).await?;
            offer(engine, dispatch, &new);
            self.seq = size;
        }
        if !self.again.is_empty() {
            let ids: Vec<i64> = self.again.iter().copied().collect();
            let back = engine.store.effects_of(&ids).await?;
            offer(engine, dispatch, &back);
            self.again.clear();
        }
        if self.next_at.is_none_or(|at| at <= Instant::now()) {
            self.turn_page(engine, dispatch).await?;
        }
        Ok(())
    }

    async fn turn_page(
        &mut self,
        engine: &Engine,
        dispatch: &mut Dispatch,
    ) -> Result<(), StoreError> {
        let since = Instant::now();
        let page = engine.store.effects_after(self.after, PAGE).await?;
        let is_last = u64::try_from(page.len()).is_ok_and(|many| many < PAGE);
        let ids: BTreeSet<i64> = page.iter().map(|waiting| waiting.id).collect();
        let last = ids.last().copied().filter(|_| !is_last).unwrap_or(i64::MAX);
        let from = self.after;
        dispatch.retain(|id| id <= from || id > last || ids.contains(&id));
        offer(engine, dispatch, &page);
        self.after = if is_last { 0 } else { last };
        self.is_through |= is_last;
        let pause = since.elapsed() * PAUSE_TIMES;
        let pause = if is_last {
            pause.max(ROUND_EVERY)
        } else {
            pause
        };
        self.next_at = Some(since + pause);
        Ok(())
    }
}

fn offer(engine: &Engine, dispatch: &mut Dispatch, waiting: &[Waiting]) {
    let now = engine.keeper.steady.now();
    for waiting in waiting {
        dispatch.offer(job(waiting, now));
    }
}
