//! Sleeps until exactly the next deadline, and puts what fell due through the door.

use std::sync::Arc;
use std::time::Duration;

use breakglass_core::command::{Actor, Command};
use breakglass_core::deadline::Deadline;
use breakglass_core::fact::Facts;
use breakglass_store::{Due, StoreError};

use super::converge::take_unrecorded;
use super::{Engine, SubmitError};

/// The longest sleep: the safety net, should a wake-up be lost.
const SLEEP_MILLIS_MAX: i64 = 1_000;

/// Deadlines taken in one go.
const BATCH: u64 = 1_000;

pub(super) async fn run(engine: Arc<Engine>) {
    let mut news = engine.store.status();
    loop {
        engine.vitals.revoker_seen(engine.clock.now());
        if let Err(error) = tick(&engine).await {
            tracing::error!(%error, "deadlines couldn't be read");
        }
        let now = engine.clock.now();
        let next = match engine.store.next_due_at().await {
            Ok(Some(at)) => at.millis_since(now).clamp(0, SLEEP_MILLIS_MAX),
            Ok(None) | Err(_) => SLEEP_MILLIS_MAX,
        };
        let sleep = Duration::from_millis(u64::try_from(next.max(1)).unwrap_or(1));
        tokio::select! {
            () = engine.stop.cancelled() => return,
            () = tokio::time::sleep(sleep) => {}
            _ = news.changed() => {}
        }
    }
}

async fn tick(engine: &Arc<Engine>) -> Result<(), StoreError> {
    let due = engine.store.due(engine.clock.now(), BATCH).await?;
    let fall = |due: Due| fall_due(engine, due);
    futures_util::future::join_all(due.into_iter().map(fall)).await;
    Ok(())
}

/// Puts a deadline through the door. While the log can't be trusted nothing can be written, but what is over
/// is still taken away.
async fn fall_due(engine: &Arc<Engine>, due: Due) {
    let Due {
        request, deadline, ..
    } = due;
    let command = Command::FallDue { request, deadline };
    let outcome = engine.submit(Actor::Clock, command, Facts::default()).await;
    let Err(error) = outcome else { return };
    tracing::error!(%error, %request, "a deadline couldn't be carried out");
    let untrusted = matches!(error, SubmitError::Store(StoreError::Untrusted(_)));
    if untrusted
        && deadline == Deadline::Expire
        && let Err(error) = take_unrecorded(engine, request).await
    {
        tracing::error!(%error, %request, "what is over couldn't be taken away");
    }
}
