//! Takes away what is over while the log can't be trusted: then nothing can be recorded, and nothing is given.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use breakglass_core::command::{Command, Fault, Outcome, Reach};
use breakglass_core::decide::{Situation, decide};
use breakglass_core::dispatch::backoff_millis;
use breakglass_core::effect::STUCK_TRIES;
use breakglass_core::id::{HoldingId, RequestId};
use breakglass_core::notice::Notice;
use breakglass_core::port::provisioner::Presence;
use breakglass_core::state::{Grant, GrantPhase, Holding, State};
use breakglass_core::time::{Length, Timestamp};
use breakglass_store::{StoreError, Submission, Suspect, Which};
use tokio::task::JoinSet;

use super::Engine;
use super::converge::take;

/// How often the holdings are looked through.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What is gone is taken away again after this, should a call that gave it have been under way.
const AGAIN_AFTER: Length = Length::from_mins(1);

/// So many ends are told one by one; the rest is only logged, lest the alarms drown.
const TOLD_MAX: usize = 20;

/// What is known of what must go beside what the database says, which somebody else may have written.
#[derive(Debug, Default)]
pub(super) struct Unrecorded {
    given: Mutex<BTreeMap<HoldingId, Timestamp>>,
    demanded: Mutex<BTreeSet<RequestId>>,
}

impl Unrecorded {
    /// Access is about to be given, and may not be there after this instant.
    pub(super) fn giving(&self, id: &HoldingId, not_after: Timestamp) {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        given.insert(id.clone(), not_after);
    }

    /// It isn't there, or isn't ours.
    pub(super) fn gone(&self, id: &HoldingId) {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        given.remove(id);
    }

    /// Holdings that must go now, each with a grant on it.
    fn over(&self, rows: &[Suspect], now: Timestamp) -> BTreeMap<HoldingId, Option<RequestId>> {
        let given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let demanded = self.demanded.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |(id, grant): (&RequestId, &Grant)| match grant.phase {
            GrantPhase::Ending | GrantPhase::Approved => true,
            GrantPhase::Active => grant.not_after <= now || demanded.contains(id),
        };
        let must_go = |row: &&Suspect| {
            let Holding { id, grants, .. } = &row.holding;
            // The dates in a row that we didn't write say nothing.
            !row.sealed
                || given.get(id).is_some_and(|not_after| *not_after <= now)
                || grants.iter().all(is_over)
        };
        let grant = |row: &Suspect| {
            let first = row.holding.grants.keys().next().copied();
            (row.holding.id.clone(), first)
        };
        let mut over: BTreeMap<_, _> = rows.iter().filter(must_go).map(grant).collect();
        let there: BTreeSet<&HoldingId> = rows.iter().map(|row| &row.holding.id).collect();
        let dropped = given.keys().filter(|id| !there.contains(id));
        over.extend(dropped.map(|id| (id.clone(), None)));
        over
    }
}

/// How far the end of one holding is.
#[derive(Debug, Default)]
struct Ending {
    busy: bool,
    tries: u32,
    next_at: Timestamp,
    told_gone: bool,
    told_stuck: bool,
}

/// Waits until the log can't be trusted, and sees to the ends from then on.
pub(super) async fn run(engine: Arc<Engine>) {
    let mut status = engine.store.status();
    let distrusted = status.wait_for(|status| status.distrust.is_some());
    match engine.stop.run_until_cancelled(distrusted).await {
        Some(Ok(_)) => {}
        Some(Err(_)) | None => return,
    }
    let mut endings: BTreeMap<HoldingId, Ending> = BTreeMap::new();
    let mut calls = JoinSet::new();
    loop {
        let now = engine.clock.now();
        for (id, request) in over(&engine, now).await {
            let ending = endings.entry(id.clone()).or_default();
            if ending.busy || ending.next_at > now {
                continue;
            }
            ending.busy = true;
            let (engine, tries) = (engine.clone(), ending.tries);
            calls.spawn(async move {
                let outcome = end(&engine, &id, tries).await;
                (id, request, outcome)
            });
        }
        tokio::select! {
            () = engine.stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
            Some(Ok((id, request, outcome))) = calls.join_next() => {
                let told = endings.values().filter(|ending| ending.told_gone).count();
                let ending = endings.entry(id.clone()).or_default();
                settle(&engine, ending, (&id, request), &outcome, told);
            }
        }
    }
}

async fn over(engine: &Engine, now: Timestamp) -> BTreeMap<HoldingId, Option<RequestId>> {
    let rows = engine.store.suspect_holdings().await;
    let rows = rows.unwrap_or_else(|error| {
        tracing::error!(%error, "the holdings can't be read; what this process gave is known without them");
        Vec::new()
    });
    engine.unrecorded.over(&rows, now)
}

async fn end(engine: &Engine, id: &HoldingId, tries: u32) -> Outcome {
    match engine.targets.get(&id.provisioner) {
        Some(target) => take(&*engine.clock, target.provisioner.as_ref(), id, tries)
            .await
            .unwrap_or_else(|| failed("the target took too long".to_owned(), tries)),
        None => failed(
            format!("no provisioner {} is configured any more", id.provisioner),
            tries,
        ),
    }
}

const fn failed(why: String, tries: u32) -> Outcome {
    Outcome::Failed {
        fault: Fault::Lasting,
        why,
        tries: tries + 1,
    }
}

fn settle(
    engine: &Arc<Engine>,
    ending: &mut Ending,
    (id, request): (&HoldingId, Option<RequestId>),
    outcome: &Outcome,
    told: usize,
) {
    let now = engine.clock.now();
    ending.busy = false;
    match outcome {
        Outcome::Failed { fault, why, tries } => {
            ending.tries = *tries;
            ending.next_at = Timestamp::from_millis(
                now.millis()
                    .saturating_add(backoff_millis(*tries, rand::random())),
            );
            tracing::error!(holding = %id, why, tries, "what is over couldn't be taken away; trying again");
            let stuck = *tries >= STUCK_TRIES || *fault == Fault::Lasting;
            if stuck && !ending.told_stuck {
                ending.told_stuck = true;
                engine.raise(&not_removed(engine, id, request, why));
            }
        }
        Outcome::Taken { read_back, .. } => {
            ending.tries = 0;
            ending.next_at = now.plus(AGAIN_AFTER);
            if ending.told_gone {
                return;
            }
            ending.told_gone = true;
            tracing::error!(holding = %id, "taken away without a record: the log can't be trusted");
            if told < TOLD_MAX {
                engine.raise(&removed(id, request, *read_back));
            }
        }
        Outcome::Given | Outcome::AlreadyHeld { .. } => {}
    }
}

fn not_removed(engine: &Engine, id: &HoldingId, request: Option<RequestId>, why: &str) -> Notice {
    let target = engine.targets.get(&id.provisioner);
    Notice::Alarm {
        request,
        title: "Access NOT removed".to_owned(),
        text: format!(
            "{id} is over: {why}. The log can't be trusted, so this stands in no record. Still trying."
        ),
        by_hand: target.map(|target| target.provisioner.by_hand(id)),
        loud: true,
    }
}

fn removed(id: &HoldingId, request: Option<RequestId>, read_back: Presence) -> Notice {
    let seen = match read_back {
        Presence::Absent => "read back, it is gone",
        Presence::Present | Presence::Unknowable => "this target can't be read back",
    };
    Notice::Alarm {
        request,
        title: "Ended without a record".to_owned(),
        text: format!(
            "{id} was over and was taken away; {seen}. The log can't be trusted, so only this says so."
        ),
        by_hand: None,
        loud: false,
    }
}

/// What was given back or revoked goes, although it can't be recorded, if whoever wants that may.
pub(super) async fn demand(engine: &Engine, submission: &Submission) -> Result<(), StoreError> {
    let command = &submission.command;
    let all = matches!(
        command,
        Command::StartLockdown {
            reach: Reach::RevokeAll,
            ..
        }
    );
    let named = if let Command::GiveBack { request } | Command::Revoke { request, .. } = command {
        engine.store.request(*request).await?
    } else if all {
        None
    } else {
        return Ok(());
    };
    let state = State {
        requests: named
            .map(|request| (request.id, request))
            .into_iter()
            .collect(),
        ..State::default()
    };
    let policy = engine.policy();
    let situation = Situation {
        policy: &policy,
        state: &state,
        facts: &submission.facts,
        now: submission.now,
    };
    if decide(&situation, &submission.actor, command).is_err() {
        return Ok(());
    }
    let mut ids: Vec<RequestId> = state.requests.keys().copied().collect();
    if all {
        let live = engine.store.requests(Which::Live, u64::MAX >> 1).await?;
        ids.extend(live.iter().map(|request| request.id));
    }
    let demanded = &engine.unrecorded.demanded;
    demanded
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .extend(ids);
    Ok(())
}
