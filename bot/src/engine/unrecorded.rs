//! Sees to the ends while nothing can be recorded, and records what was done once it can be.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use breakglass_core::command::{Actor, Command, Reach};
use breakglass_core::decide::{Situation, decide};
use breakglass_core::fact::Facts;
use breakglass_core::id::{HoldingId, RequestId};
use breakglass_core::state::{Grant, GrantPhase, Holding, State};
use breakglass_core::time::Timestamp;
use breakglass_store::{StoreError, Submission, Suspect, Which};

use super::{Engine, SubmitError};
use crate::keeper::{Ends, Why};
use crate::mirror::Covered;

/// How often the holdings are looked through.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What people want ended, although it can't be recorded.
#[derive(Debug, Default)]
pub(super) struct Demanded(Mutex<BTreeSet<RequestId>>);

/// Looks each second whether ends can be recorded, and sees to them while they can't.
pub(super) async fn run(engine: Arc<Engine>) {
    let mut status = engine.store.status();
    let mut ends: Option<(Why, Ends)> = None;
    loop {
        let why = why(&engine);
        if ends.as_ref().map(|(why, _)| *why) != why {
            tell(&engine, ends.as_ref().map(|(why, _)| *why), why);
            ends = why.map(|why| (why, Ends::new(engine.keeper.clone(), why)));
        }
        match &mut ends {
            Some((Why::Distrusted, ends)) => ends.begin(over(&engine).await),
            Some((Why::Away, ends)) => {
                ends.begin(engine.keeper.mirror.over());
            }
            None => record(&engine).await,
        }
        let settle = async {
            match &mut ends {
                Some((_, ends)) => ends.settle_next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = engine.stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = settle => {}
            _ = status.changed(), if why.is_none() => {}
        }
    }
}

/// Why nothing can be recorded, if that is so.
fn why(engine: &Engine) -> Option<Why> {
    if engine.store.status().borrow().distrust.is_some() {
        Some(Why::Distrusted)
    } else {
        let is_over = || !engine.keeper.mirror.over().is_empty();
        let away = engine.vitals.is_store_silent(engine.clock.now(), is_over);
        away.then_some(Why::Away)
    }
}

/// A store that went away or came back is told to security; distrust is told by who found it.
fn tell(engine: &Engine, before: Option<Why>, now: Option<Why>) {
    let alarms = &engine.keeper.alarms;
    match (before, now) {
        (_, Some(Why::Away)) => {
            let text = format!(
                "Nothing can be recorded, so nothing is granted and no click counts until it does. What is over is \
                 taken away all the same: {} grants are live. See the server's log for what the database says.",
                engine.keeper.mirror.len()
            );
            alarms.alarm("The store doesn't answer", &text);
        }
        (Some(Why::Away), None) => {
            let text = "Granting goes on. What was taken away meanwhile is being recorded.";
            alarms.tell("The store answers again", text);
        }
        (_, Some(Why::Distrusted)) | (Some(Why::Distrusted) | None, None) => {}
    }
}

/// Records what was taken away while the store didn't answer.
async fn record(engine: &Engine) {
    let spill = &engine.keeper.mirror.spill;
    let removals = spill.removals();
    if removals.is_empty() {
        return;
    }
    for removal in &removals {
        let command = Command::RecordRemoval(*removal);
        let recorded = engine
            .submit(Actor::Worker, command, Facts::default())
            .await;
        match recorded {
            Ok(_) | Err(SubmitError::Refused(_)) => {}
            Err(SubmitError::Store(error)) => {
                tracing::error!(%error, "what was taken away couldn't be recorded; trying again");
                return;
            }
        }
    }
    if let Err(error) = spill.clear() {
        tracing::error!(%error, "what is recorded couldn't be cleared; it is recorded again, to no effect");
    }
}

/// What must go while the log can't be trusted: rows may lie, and what this machine knows doesn't.
async fn over(engine: &Engine) -> BTreeMap<HoldingId, Vec<RequestId>> {
    let rows = engine.store.suspect_holdings().await;
    let rows = rows.unwrap_or_else(|error| {
        tracing::error!(%error, "the holdings can't be read; what this machine knows is known without them");
        Vec::new()
    });
    let mirrored = engine.keeper.mirror.holdings();
    let demanded = engine.demanded.0.lock();
    let demanded = demanded.unwrap_or_else(PoisonError::into_inner);
    over_of(&rows, &mirrored, &demanded, engine.clock.now())
}

fn over_of(
    rows: &[Suspect],
    mirrored: &BTreeMap<HoldingId, Covered>,
    demanded: &BTreeSet<RequestId>,
    now: Timestamp,
) -> BTreeMap<HoldingId, Vec<RequestId>> {
    let is_over = |(id, grant): (&RequestId, &Grant)| match grant.phase {
        GrantPhase::Ending | GrantPhase::Approved => true,
        GrantPhase::Active => grant.not_after <= now || demanded.contains(id),
    };
    let must_go = |row: &&Suspect| {
        let Holding { id, grants, .. } = &row.holding;
        // The dates in a row that we didn't write say nothing.
        !row.sealed
            || mirrored.get(id).is_some_and(|covered| !covered.is_live)
            || grants.iter().all(is_over)
    };
    let grants = |row: &Suspect| {
        let grants = row.holding.grants.keys().copied().collect();
        (row.holding.id.clone(), grants)
    };
    let mut over: BTreeMap<_, _> = rows.iter().filter(must_go).map(grants).collect();
    let there: BTreeSet<&HoldingId> = rows.iter().map(|row| &row.holding.id).collect();
    let dropped = mirrored.iter().filter(|(id, _)| !there.contains(id));
    over.extend(dropped.map(|(id, covered)| (id.clone(), covered.grants.clone())));
    over
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
        let mut live = engine.store.pages(Which::Live).await?;
        while let Some(page) = live.next(&engine.store).await? {
            ids.extend(page.iter().map(|request| request.id));
        }
    }
    let demanded = &engine.demanded.0;
    demanded
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .extend(ids);
    Ok(())
}
