//! What follows from a change of the house for many requests: a new policy rules the pending ones again, a
//! lockdown that reaches further revokes the live ones. Each goes through the door by itself.

use std::sync::Arc;

use breakglass_core::command::{Actor, Command, Reach};
use breakglass_core::fact::Facts;
use breakglass_core::id::PolicyHash;
use breakglass_core::state::{Mode, Phase, Request};

use super::{Engine, SubmitError};

pub(super) async fn run(engine: Arc<Engine>) {
    let mut news = engine.store.status();
    let mut ruled_by = None;
    loop {
        let trusted = news.borrow_and_update().distrust.is_none();
        if trusted && let Err(error) = sweep(&engine, &mut ruled_by).await {
            tracing::error!(%error, "the requests couldn't be looked through; trying again");
        }
        tokio::select! {
            () = engine.stop.cancelled() => return,
            () = tokio::time::sleep(std::time::Duration::from_secs(5)) => {}
            _ = news.changed() => {}
        }
    }
}

async fn sweep(engine: &Arc<Engine>, ruled_by: &mut Option<PolicyHash>) -> Result<(), SubmitError> {
    let house = engine.store.house().await?;
    if house.policy != *ruled_by {
        for request in engine.open_requests().await? {
            if request.is_pending() {
                rule_again(engine, &request).await?;
            }
        }
        ruled_by.clone_from(&house.policy);
    }
    if let Mode::Lockdown {
        reach: Reach::RevokeAll,
        ..
    } = house.mode
    {
        for request in engine.open_requests().await? {
            revoke(engine, &request).await?;
        }
    }
    Ok(())
}

async fn rule_again(engine: &Arc<Engine>, request: &Request) -> Result<(), SubmitError> {
    let facts = engine.facts_for(request).await?;
    let command = Command::RuleAgain {
        request: request.id,
    };
    match engine.submit(Actor::Server, command, facts).await {
        Ok(_) | Err(SubmitError::Refused(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

async fn revoke(engine: &Arc<Engine>, request: &Request) -> Result<(), SubmitError> {
    if !matches!(request.phase, Phase::Approved { .. } | Phase::Active { .. }) {
        return Ok(());
    }
    let Ok(reason) = Engine::text("lockdown") else {
        return Ok(());
    };
    let command = Command::Revoke {
        request: request.id,
        reason,
    };
    match engine
        .submit(Actor::Server, command, Facts::default())
        .await
    {
        Ok(_) | Err(SubmitError::Refused(_)) => Ok(()),
        Err(error) => Err(error),
    }
}
