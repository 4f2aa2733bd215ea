//! What is known of the outbox: what commits add, what comes back, and now and then all of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use breakglass_core::dispatch::Dispatch;
use breakglass_core::time::Timestamp;
use breakglass_store::{Claimed, Folded, Handed, StoreError, Waiting};
use tokio::time::Instant;

use super::super::Engine;
use super::lanes::job;

/// Effects read in one go.
const PAGE: u64 = 1_000;

/// The pause between two looks through the outbox: the safety net, and how what other replicas did is learnt.
const ROUND_EVERY: Duration = Duration::from_secs(1);

/// What a commit claimed for us and nobody began by then is let go: another server may be nearer to its target.
const UNBEGUN_MAX: Duration = Duration::from_secs(1);

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
    /// What commits claimed for us, and nobody began yet.
    handed: BTreeMap<i64, (Instant, Ours)>,
}

/// An effect that is claimed by us, with its holding unless that may have changed.
pub(super) type Ours = (Claimed, Option<Folded>);

impl Look {
    /// Somebody worked on this one, and it may be there all the same.
    pub(super) fn again(&mut self, id: i64) {
        self.again.insert(id);
    }

    /// Takes in what commits claimed for us, without asking the database.
    pub(super) fn take_over(&mut self, engine: &Engine, dispatch: &mut Dispatch) {
        let now = engine.keeper.steady.now();
        for Handed { claimed, folded } in engine.store.handed() {
            let free = Waiting {
                claimed_until: Timestamp::default(),
                ..claimed.waiting.clone()
            };
            dispatch.offer(job(&free, now));
            let ours = (claimed, Some(folded));
            self.handed.insert(free.id, (Instant::now(), ours));
        }
    }

    /// Lets go of what nobody began in time.
    pub(super) fn pass_on(&mut self, engine: &Arc<Engine>) {
        let is_late = |_: &i64, (since, _): &mut (Instant, Ours)| since.elapsed() >= UNBEGUN_MAX;
        let late = self.handed.extract_if(.., is_late);
        let late: Vec<Ours> = late.map(|(_, (_, ours))| ours).collect();
        if !late.is_empty() {
            let engine = engine.clone();
            tokio::spawn(async move { release(&engine, late).await });
        }
    }

    /// What is claimed by us already, to be carried out now.
    pub(super) fn ours(&mut self, id: i64) -> Option<Ours> {
        self.handed.remove(&id).map(|(_, ours)| ours)
    }

    /// Lets go of what nobody began.
    pub(super) async fn give_back(&mut self, engine: &Engine) {
        let all = std::mem::take(&mut self.handed);
        release(engine, all.into_values().map(|(_, ours)| ours).collect()).await;
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
            self.offer(engine, dispatch, &new);
            self.seq = size;
        }
        if !self.again.is_empty() {
            let ids: Vec<i64> = self.again.iter().copied().collect();
            let back = engine.store.effects_of(&ids).await?;
            self.offer(engine, dispatch, &back);
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
        self.offer(engine, dispatch, &page);
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

    fn offer(&mut self, engine: &Engine, dispatch: &mut Dispatch, waiting: &[Waiting]) {
        let now = engine.keeper.steady.now();
        for waiting in waiting {
            match self.handed.get_mut(&waiting.id) {
                None => dispatch.offer(job(waiting, now)),
                // Something happened on its holding since.
                Some((_, (claimed, folded))) if claimed.waiting.seq < waiting.seq => *folded = None,
                Some(_) => {}
            }
        }
    }
}

/// What the store doesn't hear of, it finds claimed by us and in nobody's hands.
async fn release(engine: &Engine, ours: Vec<Ours>) {
    for (claimed, _) in ours {
        if let Err(error) = engine.store.release_effect(claimed.hold).await {
            tracing::error!(%error, "an effect couldn't be given back");
            engine.store.forget_handed(claimed.hold);
        }
    }
}
