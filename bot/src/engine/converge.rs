//! Drives the convergence machine: makes the calls it names, in time, and reports what it concludes.

use std::sync::Arc;
use std::time::Duration;

use breakglass_core::command::{Actor, Command, Outcome, Report, Sight, Sighting};
use breakglass_core::converge::{CALL_MAX, CLAIM, Converge, Look, Next};
use breakglass_core::fact::Facts;
use breakglass_core::id::HoldingId;
use breakglass_core::port::provisioner::{Presence, ProvisionError, Provisioner};
use breakglass_core::state::{Holding, Mode, Phase, Request, Wanted};
use breakglass_core::time::{Length, Timestamp};
use breakglass_store::crash::{CrashPoint, pass};
use breakglass_store::{Folded, Hold, Settled};
use tracing::Span;

use super::{Engine, SubmitError};
use crate::clock::Steady;

/// An errand that waited so many milliseconds for its turn looks again at what is wanted.
const LOOK_AGAIN_MILLIS: i64 = 250;

/// What came of it, for the outbox.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Converged {
    /// The target looks as it should, or the report changed what is wanted and wrote a new effect.
    Done,
    /// The same, and what is known of the errand in the outbox is so already.
    Settled(Settled),
    /// Try again.
    Again,
    /// It took so long that somebody else may have it by now: nothing is said.
    Stale,
    /// The target is busy with others.
    NotYet,
}

/// What is to be done at a target.
#[derive(Debug)]
pub(super) struct Errand<'a> {
    pub(super) id: &'a HoldingId,
    /// The holding as it is now, if that is known.
    pub(super) known: Option<Folded>,
    /// Tries that failed.
    pub(super) tries: u32,
    /// Nobody else does it until then.
    pub(super) claimed_until: Timestamp,
    /// By which it is held in the outbox, if it stands there.
    pub(super) hold: Option<Hold>,
}

/// Looks at the holding as it is now, calls the target in its turn, says that the target is free for others, reports. Every
/// step may be repeated.
pub(super) async fn converge(
    engine: &Arc<Engine>,
    errand: Errand<'_>,
    free: impl FnOnce(),
) -> Result<Converged, SubmitError> {
    let id = errand.id;
    let steady = &engine.keeper.steady;
    let looked_at = steady.now();
    let mut looked = match errand.known {
        Some(folded) => Looked::at(engine, folded).await?,
        None => Looked::now(engine, id).await?,
    };
    let target = engine.targets.get(&id.provisioner);
    let provisioner = target.map(|target| target.provisioner.as_ref());
    let capabilities = provisioner.map(Provisioner::capabilities);
    let turn = match engine.turns.get(&id.provisioner) {
        None => None,
        Some(turns) => match turns.next().await {
            None => return Ok(Converged::NotYet),
            turn => turn,
        },
    };
    if steady.now().millis_since(looked_at) >= LOOK_AGAIN_MILLIS {
        looked = Looked::now(engine, id).await?;
    }
    let Folded { holding, requests } = &looked.folded;
    note_requests(holding);
    if let (Wanted::Absent { .. }, Some(provisioner)) = (holding.wanted(), provisioner) {
        check_attested(engine, &looked.folded, provisioner).await?;
    }
    let request = match holding.wanted() {
        Wanted::Present { request, .. } => requests.get(&request),
        Wanted::Absent { .. } | Wanted::Settled => None,
    };
    let now = steady.now();
    let look = Look {
        holding,
        mode: &looked.mode,
        request,
        facts: &looked.facts,
        capabilities: capabilities.as_ref(),
        tries: errand.tries,
        claimed_until: errand.claimed_until,
        wall_ahead: engine.clock.now().millis_since(now),
    };
    let mut machine = Converge::begin(&look, now);
    let concluded = drive(&mut machine, (provisioner, id), steady).await;
    drop(turn);
    free();
    match concluded {
        Concluded::Nothing => Ok(Converged::Done),
        Concluded::Stale => Ok(Converged::Stale),
        Concluded::Report(report) => tell(engine, (report, errand.hold), looked.facts).await,
    }
}

/// What is wanted at a target, and what else decides whether it is done.
struct Looked {
    folded: Folded,
    mode: Mode,
    facts: Facts,
}

impl Looked {
    /// What is to be given comes from the log itself, and what is to be taken away from rows that are sealed.
    async fn now(engine: &Engine, id: &HoldingId) -> Result<Self, SubmitError> {
        let folded = engine.store.fold_holding(id).await?;
        Self::at(engine, folded).await
    }

    async fn at(engine: &Engine, folded: Folded) -> Result<Self, SubmitError> {
        let (mut mode, mut facts) = (Mode::Open, Facts::default());
        if let Wanted::Present { request, .. } = folded.holding.wanted() {
            mode = engine.store.house().await?.mode;
            if let Some(request) = folded.requests.get(&request) {
                facts = engine.facts_for(request).await?;
            }
        }
        Ok(Self {
            folded,
            mode,
            facts,
        })
    }
}

/// How long a worker holds the errand at this target.
pub(super) fn claim(provisioner: Option<&dyn Provisioner>) -> Length {
    let settle = provisioner.map_or(0, |provisioner| provisioner.capabilities().settle.secs());
    Length::from_secs(CLAIM.secs().saturating_add(settle))
}

/// What was said to be removed by hand is looked at before it is taken away: security is told if it was still there.
async fn check_attested(
    engine: &Engine,
    Folded { holding, requests }: &Folded,
    provisioner: &dyn Provisioner,
) -> Result<(), SubmitError> {
    let is_attested = |request: &Request| matches!(&request.phase, Phase::Ending(ending) if ending.attested.is_some());
    if !requests.values().any(is_attested) {
        return Ok(());
    }
    let seen = in_time(provisioner.inspect(&holding.id)).await;
    if seen.is_ok_and(|seen| seen.ours == Presence::Present) {
        let sighting = Sighting {
            holding: holding.id.clone(),
            version: holding.version,
            sight: Sight::Ours,
        };
        let command = Command::Reconcile(Box::new(sighting));
        let facts = Facts::default();
        engine.submit(Actor::Worker, command, facts).await?;
    }
    Ok(())
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
        let target = self.targets.get(&id.provisioner);
        let until = self
            .keeper
            .steady
            .now()
            .plus(claim(target.map(|target| &*target.provisioner)));
        let errand = Errand {
            id,
            known: None,
            tries: 0,
            claimed_until: until,
            hold: None,
        };
        converge(self, errand, || ()).await.map(|_| ())
    }
}

/// Takes away whatever is there, when there is no log to go by.
pub(crate) async fn take(
    steady: &Steady,
    provisioner: &dyn Provisioner,
    id: &HoldingId,
    tries: u32,
) -> Option<Outcome> {
    let mut machine = Converge::taking(id, &provisioner.capabilities(), tries);
    match drive(&mut machine, (Some(provisioner), id), steady).await {
        Concluded::Report(report) => Some(report.outcome),
        Concluded::Nothing | Concluded::Stale => None,
    }
}

/// How an attempt ended.
enum Concluded {
    Report(Box<Report>),
    Nothing,
    Stale,
}

/// Makes the calls until there is something to report, or nothing. Without an adapter no call is named.
async fn drive(
    machine: &mut Converge,
    (provisioner, id): (Option<&dyn Provisioner>, &HoldingId),
    steady: &Steady,
) -> Concluded {
    loop {
        match (machine.next(steady.now()), provisioner) {
            (Next::Provision(call), Some(provisioner)) => {
                pass(CrashPoint::TargetToCall);
                let given = in_time(provisioner.provision(&call)).await;
                pass(CrashPoint::TargetCalled);
                machine.provisioned(given, steady.now());
            }
            (Next::Deprovision, Some(provisioner)) => {
                pass(CrashPoint::TargetToCall);
                let gone = in_time(provisioner.deprovision(id)).await;
                pass(CrashPoint::TargetCalled);
                machine.deprovisioned(gone);
            }
            (Next::Inspect, Some(provisioner)) => {
                let seen = in_time(provisioner.inspect(id)).await;
                machine.inspected(seen, steady.now());
            }
            (Next::Wait(settle), _) => {
                tokio::time::sleep(Duration::from_secs(settle.secs().into())).await;
                machine.waited();
            }
            (Next::Report(report), _) => return Concluded::Report(report),
            (Next::Nothing, _) => return Concluded::Nothing,
            (Next::Stale, _) | (Next::Provision(_) | Next::Deprovision | Next::Inspect, None) => {
                return Concluded::Stale;
            }
        }
    }
}

/// Ends that are told at the same time without waiting for each other.
const AT_ONCE: usize = 8;

/// How often the others are told, together: each commit is a flush.
const TOGETHER_EVERY: Duration = Duration::from_millis(100);

/// Where much ends at the same time, what is gone from its target is told with the others. Held while it is told.
async fn gather(engine: &Engine, outcome: &Outcome) -> Option<Arc<()>> {
    if !matches!(outcome, Outcome::Taken { .. }) {
        return None;
    }
    let telling = Arc::clone(&engine.telling);
    if Arc::strong_count(&telling) > AT_ONCE + 1 {
        let into = engine.keeper.clock.since_boot().as_millis() % TOGETHER_EVERY.as_millis();
        let into = Duration::from_millis(u64::try_from(into).unwrap_or_default());
        tokio::time::sleep(TOGETHER_EVERY.saturating_sub(into)).await;
    }
    Some(telling)
}

pub(super) async fn in_time<T>(
    call: impl Future<Output = Result<T, ProvisionError>>,
) -> Result<T, ProvisionError> {
    tokio::time::timeout(Duration::from_secs(CALL_MAX.secs().into()), call)
        .await
        .unwrap_or_else(|_| {
            Err(ProvisionError::Unknown(
                "the target doesn't answer".to_owned(),
            ))
        })
}

/// Reports, and says whether the same effect must be tried again.
async fn tell(
    engine: &Arc<Engine>,
    (report, hold): (Box<Report>, Option<Hold>),
    facts: Facts,
) -> Result<Converged, SubmitError> {
    pass(CrashPoint::TargetReadBack);
    let again = matches!(report.outcome, Outcome::Failed { .. });
    let seen_at = engine.clock.now();
    let _telling = gather(engine, &report.outcome).await;
    let hold = hold.filter(|_| !again);
    let committed = engine
        .submit_at(
            (seen_at, hold),
            Actor::Worker,
            Command::Report(report),
            facts,
        )
        .await?;
    pass(CrashPoint::TargetReported);
    Ok(match committed.settled {
        _ if again => Converged::Again,
        Some(settled) => Converged::Settled(settled),
        None => Converged::Done,
    })
}
