//! Drives the dispatch machine: claims effects in its order, carries them out, settles them.

mod digest;
mod lanes;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use breakglass_core::converge::CLAIM;
use breakglass_core::dispatch::{Dispatch, Job, Lane, Start, backoff_millis};
use breakglass_core::effect::Effect;
use breakglass_core::id::{HoldingId, Platform};
use breakglass_core::time::{Length, Timestamp};
use breakglass_store::crash::{CrashPoint, pass};
use breakglass_store::{Claimed, Hold, StoreError, Waiting};
use metrics::counter;
use tokio::sync::mpsc;
use tracing::field::Empty;
use tracing::{Instrument as _, Span, info_span};

use super::Engine;
use super::converge::{self, Converged, converge};
use super::delivery::{Delivered, draw, post};
use crate::meter;
use lanes::{job, room};

/// The longest sleep: the safety net, should a wake-up be lost.
const SLEEP_MILLIS_MAX: i64 = 1_000;

/// How long a store that doesn't take how an effect turned out is left alone.
const SETTLE_AGAIN: Duration = Duration::from_secs(1);

/// What carrying out an effect came to.
#[derive(Debug)]
enum Done {
    /// It is done, or not needed any more.
    Yes,
    /// Somebody else holds it.
    NotOurs,
    /// Try again after this many milliseconds, and perhaps nothing else in its lane before that.
    Later {
        millis: i64,
        pause_lane: bool,
        why: String,
    },
}

pub(super) async fn run(engine: Arc<Engine>) {
    let mut news = engine.store.status();
    let mut dispatch = Dispatch::default();
    let (finished, mut finishing) = mpsc::unbounded_channel();
    loop {
        if !engine.stop.is_cancelled() {
            match engine.store.waiting_effects().await {
                Ok(waiting) => offer(&mut dispatch, &waiting, engine.keeper.steady.now()),
                Err(error) => tracing::error!(%error, "the outbox couldn't be read"),
            }
            while let Some(start) =
                dispatch.next(engine.keeper.steady.now(), |lane| room(&engine, lane))
            {
                let (engine, finished) = (engine.clone(), finished.clone());
                tokio::spawn(async move {
                    let (jobs, pause) = match start {
                        Start::One(job) => {
                            let pause = carry_out(&engine, &job).await;
                            (vec![job], pause)
                        }
                        Start::Digest(jobs) => {
                            let pause = digest::carry_out(&engine, &jobs).await;
                            (jobs, pause)
                        }
                    };
                    // The receiver is gone only when the server stops.
                    drop(finished.send((jobs, pause)));
                });
            }
        } else if dispatch.running() == 0 {
            return;
        }
        tokio::select! {
            Some((jobs, pause)) = finishing.recv() => settle(&mut dispatch, &jobs, pause),
            () = tokio::time::sleep(until_due(&dispatch, engine.keeper.steady.now())) => {}
            _ = news.changed() => {}
            () = engine.stop.cancelled(), if !engine.stop.is_cancelled() => {}
        }
        while let Ok((jobs, pause)) = finishing.try_recv() {
            settle(&mut dispatch, &jobs, pause);
        }
    }
}

fn until_due(dispatch: &Dispatch, now: Timestamp) -> Duration {
    let due = dispatch
        .next_due(now)
        .map_or(SLEEP_MILLIS_MAX, |at| at.millis_since(now));
    Duration::from_millis(u64::try_from(due.clamp(1, SLEEP_MILLIS_MAX)).unwrap_or(1))
}

fn settle(dispatch: &mut Dispatch, jobs: &[Job], pause: Option<Timestamp>) {
    for job in jobs {
        dispatch.settle(job.id);
        if let Some(until) = pause {
            dispatch.pause(job.lane.clone(), until);
        }
    }
}

/// Takes in what waits, and forgets what doesn't wait any more. What somebody else has in hand waits for the end of
/// their claim, so that nothing overtakes it.
fn offer(dispatch: &mut Dispatch, waiting: &[Waiting], now: Timestamp) {
    let ids: BTreeSet<i64> = waiting.iter().map(|waiting| waiting.id).collect();
    dispatch.retain(|id| ids.contains(&id));
    for waiting in waiting {
        dispatch.offer(job(waiting, now));
    }
}

/// Claims, carries out, settles. Gives until when the lane is to rest, if it is.
async fn carry_out(engine: &Arc<Engine>, job: &Job) -> Option<Timestamp> {
    let claimed = match claim(engine, job).await {
        Ok(claimed) => claimed?,
        Err(rest_until) => return Some(rest_until),
    };
    let done = async {
        let done = perform(engine, &claimed.waiting).await;
        finish(engine, claimed.hold, done).await
    };
    done.instrument(span(&claimed.waiting)).await
}

/// Nothing, if somebody else has it or it is done; an error says until when the lane is to rest.
async fn claim(engine: &Engine, job: &Job) -> Result<Option<Claimed>, Timestamp> {
    let now = engine.keeper.steady.now();
    let hold = match &job.lane {
        Lane::Channel(..) => CLAIM,
        Lane::Target(id) => {
            let target = engine.targets.get(id);
            converge::claim(target.map(|target| &*target.provisioner))
        }
    };
    let claimed = engine.store.claim_effect(job.id, now, now.plus(hold)).await;
    if matches!(claimed, Ok(Some(_))) {
        pass(CrashPoint::EffectClaimed);
    }
    claimed.map_err(|error| {
        tracing::error!(%error, "an effect couldn't be claimed");
        now.plus(Length::from_secs(1))
    })
}

/// Settles it as it turned out, as soon as the store takes it. Gives until when the lane is to rest, if it is.
async fn finish(engine: &Engine, hold: Hold, done: Done) -> Option<Timestamp> {
    pass(CrashPoint::EffectDone);
    let from = engine.keeper.steady.now();
    let later = |millis| Timestamp::from_millis(from.millis().saturating_add(millis));
    let settled = async || match &done {
        Done::Yes => engine.store.finish_effect(hold).await,
        Done::NotOurs => engine.store.release_effect(hold).await,
        Done::Later { millis, why, .. } => {
            let at = later(*millis);
            engine.store.retry_effect(hold, at, why).await
        }
    };
    // Nobody else carries it out while it is claimed.
    while let Err(error) = settled().await {
        let is_held = engine.keeper.steady.now() < from.plus(CLAIM);
        tracing::error!(%error, "an effect couldn't be settled");
        let rest = tokio::time::sleep(SETTLE_AGAIN);
        if !is_held || engine.stop.run_until_cancelled(rest).await.is_none() {
            break;
        }
    }
    pass(CrashPoint::EffectSettled);
    match done {
        Done::Later {
            millis,
            pause_lane: true,
            ..
        } => Some(later(millis)),
        Done::Later { .. } | Done::Yes | Done::NotOurs => None,
    }
}

/// What its log lines are about; whose holding it is turns out when it is looked at.
fn span(waiting: &Waiting) -> Span {
    if let Effect::Converge { holding } = &waiting.effect {
        return info_span!("converge", %holding, request = Empty);
    }
    let request = waiting.effect.request();
    request.map_or_else(Span::none, |request| info_span!("tell", %request))
}

async fn perform(engine: &Arc<Engine>, waiting: &Waiting) -> Done {
    let delivered = match &waiting.effect {
        Effect::Converge { holding } => return perform_converge(engine, holding, waiting).await,
        Effect::Draw { card, request } => draw(engine, waiting, *card, *request).await,
        Effect::Post { to, topic, request } => post(engine, waiting, to, (*topic, *request)).await,
    };
    told(waiting, delivered)
}

/// Counts what was told to people, and says how it goes on.
fn told(waiting: &Waiting, delivered: Result<Delivered, StoreError>) -> Done {
    let platform = waiting.platform.map_or("none", Platform::as_str);
    let outcome = match &delivered {
        Ok(Delivered::Done) => "done",
        Ok(Delivered::Limited(_)) => "limited",
        Ok(Delivered::Again(_)) | Err(_) => "failed",
    };
    counter!(meter::POSTS, "platform" => platform, "outcome" => outcome).increment(1);
    match delivered {
        Ok(Delivered::Done) => Done::Yes,
        Ok(Delivered::Limited(secs)) => Done::Later {
            millis: i64::from(secs) * 1000,
            pause_lane: true,
            why: "the chat asks us to wait".to_owned(),
        },
        Ok(Delivered::Again(why)) => {
            tracing::warn!(%why, tries = waiting.attempts + 1, "a message couldn't be delivered; trying again");
            later(waiting, why)
        }
        Err(error) => later(waiting, store_trouble(&error)),
    }
}

async fn perform_converge(engine: &Arc<Engine>, holding: &HoldingId, waiting: &Waiting) -> Done {
    let hold = (waiting.attempts, waiting.claimed_until);
    match converge(engine, holding, hold).await {
        Ok(Converged::Done) => Done::Yes,
        Ok(Converged::Stale) => {
            tracing::warn!(%holding, "this took so long that somebody else may have it by now");
            Done::NotOurs
        }
        Ok(Converged::Again) => {
            tracing::warn!(%holding, tries = waiting.attempts + 1, "a target isn't as it should be; trying again");
            later(waiting, "the target isn't as it should be".to_owned())
        }
        Err(super::SubmitError::Store(error)) => later(waiting, store_trouble(&error)),
        Err(super::SubmitError::Refused(refusal)) => {
            tracing::error!(refusal = refusal.code(), %holding, "a report was refused");
            Done::NotOurs
        }
    }
}

fn store_trouble(error: &StoreError) -> String {
    tracing::error!(%error, "the store failed while an effect was carried out");
    error.to_string()
}

fn later(waiting: &Waiting, why: String) -> Done {
    let millis = backoff_millis(waiting.attempts + 1, rand::random());
    Done::Later {
        millis,
        pause_lane: false,
        why,
    }
}
