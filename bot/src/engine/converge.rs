//! Makes a target look as a holding wants it: give or take, then read back, then report.

use std::sync::Arc;
use std::time::Duration;

use breakglass_core::command::{Actor, Command, Fault, Outcome, Report};
use breakglass_core::fact::Facts;
use breakglass_core::id::{HoldingId, RequestId};
use breakglass_core::port::provisioner::{
    Presence, Provision, ProvisionError, Provisioned, Provisioner,
};
use breakglass_core::state::{Grant, GrantPhase, Mode, Wanted};
use breakglass_core::time::{Length, Timestamp};

use breakglass_store::StoreError;
use breakglass_store::crash::{CrashPoint, pass};

use super::{Engine, SubmitError};

/// The longest a single call to a target may take; under a third of the claim on its row.
pub(super) const CALL_TIMEOUT: Duration = Duration::from_secs(18);

/// What came of it, for the outbox.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Converged {
    /// The target looks as it should, or the report changed what is wanted and wrote a new effect.
    Done,
    /// Try again.
    Again,
}

/// One look at what is wanted, and the calls that follow from it.
#[derive(Debug)]
struct Attempt<'a> {
    holding: &'a HoldingId,
    version: u64,
    started_at: Timestamp,
}

/// Looks at the holding as it is now, calls the target, reports. Every step may be repeated.
pub(super) async fn converge(
    engine: &Arc<Engine>,
    id: &HoldingId,
    tries: u32,
) -> Result<Converged, SubmitError> {
    // What is wanted comes from the log itself, not from rows that somebody could have edited.
    let holding = engine.store.fold_holding(id).await?;
    let attempt = Attempt {
        holding: id,
        version: holding.version,
        started_at: engine.clock.now(),
    };
    let Some(target) = engine.targets.get(&id.provisioner) else {
        let why = format!("no provisioner {} is configured any more", id.provisioner);
        return report(engine, &attempt, failed(Fault::Passing, why, tries)).await;
    };
    let provisioner = target.provisioner.as_ref();
    let mut facts = Facts::default();
    let outcome = match holding.wanted() {
        Wanted::Settled => return Ok(Converged::Done),
        Wanted::Present { request, not_after } => {
            if !matches!(engine.store.house().await?.mode, Mode::Open) {
                let why = "granting is stopped".to_owned();
                return report(engine, &attempt, failed(Fault::Lasting, why, tries)).await;
            }
            facts = engine.facts_of(request).await?;
            let known = engine.store.request(request).await?;
            if known.is_some_and(|known| facts.inactive.iter().any(|id| known.concerns(id))) {
                let why = "somebody it concerns is not active any more".to_owned();
                return report(engine, &attempt, failed(Fault::Lasting, why, tries)).await;
            }
            give(provisioner, id, (request, not_after), tries).await
        }
        Wanted::Absent { .. } => take(provisioner, id, tries).await,
    };
    report_knowing(engine, &attempt, outcome, facts).await
}

impl Engine {
    /// Makes a target look as the holding wants it now, once, without the workers.
    pub async fn settle_now(self: &Arc<Self>, id: &HoldingId) -> Result<(), SubmitError> {
        converge(self, id, 0).await.map(|_| ())
    }
}

/// Takes away what is over by the clock while the log can't be trusted, and so can't be written: nothing is
/// recorded then, and nothing is ever given this way.
pub(super) async fn take_unrecorded(
    engine: &Arc<Engine>,
    request: RequestId,
) -> Result<(), StoreError> {
    let Some(request) = engine.store.request(request).await? else {
        return Ok(());
    };
    let id = &request.asked.holding;
    let (Some(holding), Some(target)) = (
        engine.store.holding(id).await?,
        engine.targets.get(&id.provisioner),
    ) else {
        return Ok(());
    };
    let now = engine.clock.now();
    let over = |grant: &Grant| grant.phase == GrantPhase::Ending || grant.not_after <= now;
    if !holding.grants.values().all(over) {
        return Ok(());
    }
    let outcome = take(target.provisioner.as_ref(), id, 0).await;
    tracing::error!(holding = %id, ?outcome, "taken away without a record: the log can't be trusted");
    Ok(())
}

async fn give(
    provisioner: &dyn Provisioner,
    id: &HoldingId,
    (request, not_after): (RequestId, Timestamp),
    tries: u32,
) -> Outcome {
    let call = Provision {
        holding: id.clone(),
        request,
        not_after,
    };
    pass(CrashPoint::TargetToCall);
    let given = in_time(provisioner.provision(&call)).await;
    pass(CrashPoint::TargetCalled);
    match given {
        Err(error) => fault(error, tries),
        Ok(Provisioned::AlreadyHeld { how }) => Outcome::AlreadyHeld { how },
        Ok(Provisioned::Done) => {
            settle(provisioner).await;
            match in_time(provisioner.inspect(id)).await {
                Err(error) => fault(error, tries),
                Ok(seen) => match seen.ours {
                    Presence::Present | Presence::Unknowable => Outcome::Given,
                    Presence::Absent => failed(
                        Fault::Passing,
                        "the target doesn't show the access".to_owned(),
                        tries,
                    ),
                },
            }
        }
    }
}

async fn take(provisioner: &dyn Provisioner, id: &HoldingId, tries: u32) -> Outcome {
    pass(CrashPoint::TargetToCall);
    let gone = in_time(provisioner.deprovision(id)).await;
    pass(CrashPoint::TargetCalled);
    let gone = match gone {
        Err(error) => return fault(error, tries),
        Ok(gone) => gone,
    };
    settle(provisioner).await;
    match in_time(provisioner.inspect(id)).await {
        Err(error) => fault(error, tries),
        Ok(seen) if seen.ours == Presence::Present => failed(
            Fault::Passing,
            "the target still shows the access".to_owned(),
            tries,
        ),
        Ok(seen) => Outcome::Taken {
            read_back: seen.ours,
            sessions_ended: gone.sessions_ended,
            remains: seen.foreign,
        },
    }
}

/// A target that shows changes late is given the time it declares.
async fn settle(provisioner: &dyn Provisioner) {
    let settle = provisioner.capabilities().settle;
    if settle > Length::default() {
        tokio::time::sleep(Duration::from_secs(u64::from(settle.secs()))).await;
    }
}

async fn in_time<T>(
    call: impl Future<Output = Result<T, ProvisionError>>,
) -> Result<T, ProvisionError> {
    tokio::time::timeout(CALL_TIMEOUT, call)
        .await
        .unwrap_or_else(|_| {
            Err(ProvisionError::Unknown(
                "the target doesn't answer".to_owned(),
            ))
        })
}

fn fault(error: ProvisionError, tries: u32) -> Outcome {
    match error {
        ProvisionError::Unavailable(why) | ProvisionError::Unknown(why) => {
            failed(Fault::Passing, why, tries)
        }
        ProvisionError::Refused(why) => failed(Fault::Lasting, why, tries),
        ProvisionError::TooLate => failed(
            Fault::Lasting,
            "it was too late to give this access".to_owned(),
            tries,
        ),
    }
}

const fn failed(fault: Fault, why: String, tries: u32) -> Outcome {
    Outcome::Failed {
        fault,
        why,
        tries: tries + 1,
    }
}

/// Reports, and says whether the same effect must be tried again.
async fn report(
    engine: &Arc<Engine>,
    attempt: &Attempt<'_>,
    outcome: Outcome,
) -> Result<Converged, SubmitError> {
    report_knowing(engine, attempt, outcome, Facts::default()).await
}

async fn report_knowing(
    engine: &Arc<Engine>,
    attempt: &Attempt<'_>,
    outcome: Outcome,
    facts: Facts,
) -> Result<Converged, SubmitError> {
    pass(CrashPoint::TargetReadBack);
    let again = matches!(outcome, Outcome::Failed { .. });
    let report = Report {
        holding: attempt.holding.clone(),
        version: attempt.version,
        started_at: attempt.started_at,
        outcome,
    };
    engine
        .submit(Actor::Worker, Command::Report(Box::new(report)), facts)
        .await?;
    pass(CrashPoint::TargetReported);
    Ok(if again {
        Converged::Again
    } else {
        Converged::Done
    })
}
