//! Makes a target look as a holding wants it: give or take, then read back, then report.

use std::sync::Arc;
use std::time::Duration;

use breakglass_core::command::{Actor, Command, Fault, Outcome, Report};
use breakglass_core::fact::Facts;
use breakglass_core::id::{HoldingId, RequestId};
use breakglass_core::port::provisioner::{
    Presence, Provision, ProvisionError, Provisioned, Provisioner,
};
use breakglass_core::state::{Holding, Mode, Wanted};
use breakglass_core::time::{Length, Timestamp};

use breakglass_store::crash::{CrashPoint, pass};
use tracing::Span;

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
    note_requests(&holding);
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
            let store = &engine.store;
            let (house, known) = tokio::try_join!(store.house(), store.request(request))?;
            if !matches!(house.mode, Mode::Open) {
                let why = "granting is stopped".to_owned();
                return report(engine, &attempt, failed(Fault::Lasting, why, tries)).await;
            }
            if let Some(known) = &known {
                facts = engine.facts_for(known).await?;
            }
            if known.is_some_and(|known| facts.inactive.iter().any(|id| known.concerns(id))) {
                let why = "somebody it concerns is not active any more".to_owned();
                return report(engine, &attempt, failed(Fault::Lasting, why, tries)).await;
            }
            engine.unrecorded.giving(id, not_after);
            give(provisioner, id, (request, not_after), tries).await
        }
        Wanted::Absent { .. } => take(provisioner, id, tries).await,
    };
    if matches!(outcome, Outcome::Taken { .. } | Outcome::AlreadyHeld { .. }) {
        engine.unrecorded.gone(id);
    }
    report_knowing(engine, &attempt, outcome, facts).await
}

/// Puts the requests that a holding serves on each log line from here.
fn note_requests(holding: &Holding) {
    let requests: Vec<String> = match holding.wanted() {
        Wanted::Present { request, .. } => vec![request.to_string()],
        Wanted::Absent { requests } => requests.iter().map(ToString::to_string).collect(),
        Wanted::Settled => return,
    };
    Span::current().record("request", requests.join(", "));
}

impl Engine {
    /// Makes a target look as the holding wants it now, once, without the workers.
    pub async fn settle_now(self: &Arc<Self>, id: &HoldingId) -> Result<(), SubmitError> {
        converge(self, id, 0).await.map(|_| ())
    }
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

pub(super) async fn take(provisioner: &dyn Provisioner, id: &HoldingId, tries: u32) -> Outcome {
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
