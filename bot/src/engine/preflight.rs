//! While approvers are asked: looks whether the target could give it, so that the card says so before somebody decides.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use breakglass_core::command::{Actor, Command};
use breakglass_core::fact::Facts;
use breakglass_core::id::{HoldingId, ProvisionerId, RequestId};
use breakglass_core::port::provisioner::ProvisionError;
use breakglass_core::state::Request;
use breakglass_store::{StoreError, Which};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Engine;
use super::converge::in_time;

/// The pause between two looks for the same request.
const EVERY: Duration = Duration::from_secs(15);

/// The shortest pause between two looks at what waits, however much is written.
const PAUSE: Duration = Duration::from_millis(250);

/// Requests that are looked after at once.
const WAITING_MAX: u64 = 1_000;

/// What came of one look.
type Looked = (RequestId, ProvisionerId);

pub(super) async fn run(engine: Arc<Engine>) {
    let mut news = engine.store.status();
    let mut looked: BTreeMap<RequestId, Instant> = BTreeMap::new();
    let mut busy: BTreeSet<ProvisionerId> = BTreeSet::new();
    let mut looks: JoinSet<Looked> = JoinSet::new();
    loop {
        let trusted = news.borrow_and_update().distrust.is_none();
        let waiting = if trusted {
            waiting(&engine).await
        } else {
            Ok(Vec::new())
        };
        let waiting = waiting.unwrap_or_else(|error| {
            tracing::warn!(%error, "what waits for approvers couldn't be read");
            Vec::new()
        });
        looked.retain(|id, _| waiting.iter().any(|(waits, _)| waits == id));
        for (id, holding) in waiting {
            let provisioner = holding.provisioner.clone();
            let fresh = looked.get(&id).is_some_and(|at| at.elapsed() < EVERY);
            // One at a time for each target: one that hangs delays no other.
            if !fresh && busy.insert(provisioner.clone()) {
                looked.insert(id, Instant::now());
                let engine = engine.clone();
                looks.spawn(async move {
                    look(&engine, id, &holding).await;
                    (id, provisioner)
                });
            }
        }
        let ended = tokio::select! {
            () = engine.stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => None,
            _ = news.changed() => None,
            Some(ended) = looks.join_next() => Some(ended),
        };
        if let Some(Ok((_, provisioner))) = ended {
            busy.remove(&provisioner);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Requests about which approvers are asked, the oldest first.
async fn waiting(engine: &Engine) -> Result<Vec<(RequestId, HoldingId)>, StoreError> {
    let pending = engine.store.requests(Which::Pending, WAITING_MAX).await?;
    let asked = pending.into_iter().filter(Request::awaits_approval);
    let mut asked: Vec<_> = asked
        .map(|request| (request.id, request.asked.holding))
        .collect();
    asked.reverse();
    Ok(asked)
}

async fn look(engine: &Engine, request: RequestId, holding: &HoldingId) {
    let Some(target) = engine.targets.get(&holding.provisioner) else {
        return;
    };
    let trouble = match in_time(target.provisioner.preflight(holding)).await {
        Ok(()) => None,
        Err(ProvisionError::Unavailable(why) | ProvisionError::Unknown(why)) => {
            Some(format!("doesn't answer: {why}"))
        }
        Err(error @ (ProvisionError::Refused(_) | ProvisionError::TooLate)) => {
            Some(format!("would refuse it: {error}"))
        }
    };
    let command = Command::Preflight { request, trouble };
    if let Err(error) = engine
        .submit(Actor::Worker, command, Facts::default())
        .await
    {
        tracing::warn!(%error, %request, "what a look at the target showed couldn't be recorded");
    }
}
