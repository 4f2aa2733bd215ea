//! Sleeps until exactly the next deadline, and puts what fell due through the door.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use breakglass_core::command::{Actor, Command};
use breakglass_core::deadline::Deadline;
use breakglass_core::fact::Facts;
use breakglass_core::id::RequestId;
use breakglass_core::time::Length;
use breakglass_store::{Due, StoreError};
use futures_util::future::join_all;
use tokio::task::JoinHandle;
use tokio::task::coop::unconstrained;

use super::Engine;

/// The longest sleep: the safety net, should a wake-up be lost.
const SLEEP_MILLIS_MAX: i64 = 1_000;

/// Deadlines taken in one go.
const BATCH: u64 = 1_000;

/// What is late by more fell due while nobody was here: a little later matters less than that others have their turn.
const LATE: Length = Length::from_secs(5);

/// Of that, what is handed in together. One commit of so many is over soon.
const LATE_BATCH: usize = 64;

/// Silences of which the facts are being looked up: a chat takes its time, and no end waits for that.
type LookUps = BTreeMap<RequestId, JoinHandle<()>>;

pub(super) async fn run(engine: Arc<Engine>) {
    let mut news = engine.store.status();
    let mut before = Vec::new();
    let mut look_ups = LookUps::new();
    loop {
        engine.vitals.revoker_seen(engine.clock.now());
        // While the log can't be trusted, nothing can go through the door: `unrecorded` sees to the ends.
        let distrusted = news.borrow_and_update().distrust.is_some();
        let due = if distrusted {
            Ok(Vec::new())
        } else {
            tick(&engine, &mut look_ups).await
        };
        let due = due.unwrap_or_else(|error| {
            tracing::error!(%error, "deadlines couldn't be read");
            Vec::new()
        });
        let stays = distrusted || !due.is_empty() && due == before;
        let now = engine.clock.now();
        let next = match engine.store.next_due_at().await {
            Ok(Some(at)) if !stays => at.millis_since(now).clamp(0, SLEEP_MILLIS_MAX),
            Ok(_) | Err(_) => SLEEP_MILLIS_MAX,
        };
        before = due;
        let sleep = Duration::from_millis(u64::try_from(next.max(1)).unwrap_or(1));
        tokio::select! {
            () = engine.stop.cancelled() => return,
            () = tokio::time::sleep(sleep) => {}
            _ = news.changed() => {}
        }
    }
}

/// Puts everything that is due through the door. What stays due is tried again after a pause.
async fn tick(engine: &Arc<Engine>, look_ups: &mut LookUps) -> Result<Vec<Due>, StoreError> {
    look_ups.retain(|_, task| !task.is_finished());
    let due = engine.store.due(engine.clock.now(), BATCH).await?;
    let (silences, others): (Vec<Due>, Vec<Due>) = due
        .iter()
        .partition(|due| due.deadline == Deadline::Silence);
    for due in silences {
        look_ups.entry(due.request).or_insert_with(|| {
            let (tasks, engine) = (&engine.tasks, engine.clone());
            tasks.spawn(async move { speak_of_silence(&engine, due).await })
        });
    }
    let since = engine.clock.now().minus(LATE);
    let late = others.partition_point(|due| due.at < since);
    let (late, soon) = others.split_at(late);
    for some in late.chunks(LATE_BATCH).chain([soon]) {
        engine.vitals.revoker_seen(engine.clock.now());
        let fall = |due: &Due| fall_due(engine, *due, Facts::default());
        begun_in_order(some.iter().map(fall)).await;
    }
    Ok(due)
}

/// Does them together. Else, after each 128 that are handed in, tokio lets others have a turn, and goes on with the last.
async fn begun_in_order(all: impl Iterator<Item = impl Future<Output = ()>>) {
    unconstrained(join_all(all)).await;
}

async fn fall_due(engine: &Arc<Engine>, due: Due, facts: Facts) {
    let Due {
        request, deadline, ..
    } = due;
    let command = Command::FallDue { request, deadline };
    let outcome = engine.submit(Actor::Clock, command, facts).await;
    if let Err(error) = outcome {
        tracing::error!(%error, %request, "a deadline couldn't be carried out; trying again");
    }
}

/// Only what may be offered after silence depends on anything but the clock.
async fn speak_of_silence(engine: &Arc<Engine>, due: Due) {
    let facts = facts(engine, due).await.unwrap_or_else(|error| {
        tracing::warn!(%error, request = %due.request, "nothing could be looked up for a deadline, so nothing is offered");
        Facts::default()
    });
    fall_due(engine, due, facts).await;
}

async fn facts(engine: &Arc<Engine>, due: Due) -> Result<Facts, StoreError> {
    match engine.store.request(due.request).await? {
        Some(request) => engine.facts_for(&request).await,
        None => Ok(Facts::default()),
    }
}

#[cfg(test)]
mod tests;
