//! What follows from a change of the house for many requests: a new policy rules the pending ones again, a
//! lockdown that reaches further revokes the live ones; and the grants of people who left end. Each goes through the
//! door by itself.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use breakglass_core::command::{Actor, Command, Reach};
use breakglass_core::decide::{Situation, decide};
use breakglass_core::fact::Facts;
use breakglass_core::id::{PersonId, PolicyHash};
use breakglass_core::state::{Mode, Phase, Request, State};
use breakglass_store::Which;
use tokio::time::Instant;

use super::{Engine, SubmitError};

/// The rights behind live grants are looked at again that often: somebody who left has a minute.
const CHECK_EVERY: Duration = Duration::from_secs(15);

pub(super) async fn run(engine: Arc<Engine>) {
    let mut news = engine.store.status();
    let mut ruled_by = None;
    let mut checked = None;
    loop {
        let trusted = news.borrow_and_update().distrust.is_none();
        if trusted {
            let ruled_before = ruled_by.clone();
            let mut swept = sweep(&engine, &mut ruled_by).await;
            let due = checked.is_none_or(|at: Instant| at.elapsed() >= CHECK_EVERY);
            if swept.is_ok() && (due || ruled_by != ruled_before) {
                checked = Some(Instant::now());
                swept = check_rights(&engine).await;
            }
            if let Err(error) = swept {
                tracing::error!(%error, "the requests couldn't be looked through; trying again");
            }
        }
        tokio::select! {
            () = engine.stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(5)) => {}
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
            revoke(engine, &request, "lockdown").await?;
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

/// Revokes it, if it is live.
pub(super) async fn revoke(
    engine: &Engine,
    request: &Request,
    reason: &str,
) -> Result<(), SubmitError> {
    if !matches!(request.phase, Phase::Approved { .. } | Phase::Active { .. }) {
        return Ok(());
    }
    let Ok(reason) = Engine::text(reason) else {
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

impl Engine {
    /// Looks at the rights behind all live grants now.
    pub async fn check_rights_now(self: &Arc<Self>) -> Result<(), SubmitError> {
        check_rights(self).await
    }
}

/// Ends the grants of people who surely left, and tells who couldn't ask any more.
async fn check_rights(engine: &Arc<Engine>) -> Result<(), SubmitError> {
    let live = engine.store.requests(Which::Live, super::OPEN_MAX).await?;
    if live.is_empty() {
        return Ok(());
    }
    let policy = engine.policy();
    let people: BTreeSet<PersonId> = live
        .iter()
        .flat_map(|request| [&request.asked.beneficiary, &request.asked.requester])
        .cloned()
        .collect();
    let facts = Facts {
        members: engine.roster.members(&policy).await,
        inactive: engine.roster.left(&policy, people).await,
        ..Facts::default()
    };
    for request in live {
        let command = Command::CheckRights {
            request: request.id,
        };
        let state = State {
            requests: [(request.id, request)].into(),
            ..State::default()
        };
        let situation = Situation {
            policy: &policy,
            state: &state,
            facts: &facts,
            now: engine.clock.now(),
        };
        let decided = decide(&situation, &Actor::Server, &command);
        if decided.is_ok_and(|decision| !decision.events.is_empty()) {
            match engine.submit(Actor::Server, command, facts.clone()).await {
                Ok(_) | Err(SubmitError::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}
