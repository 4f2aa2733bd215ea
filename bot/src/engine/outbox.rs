//! Drives the dispatch machine: claims effects in its order, carries them out, settles them.

mod digest;
mod lanes;
mod look;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use breakglass_core::converge::CLAIM;
use breakglass_core::dispatch::{Dispatch, Job, Lane, Start, backoff_millis};
use breakglass_core::effect::Effect;
use breakglass_core::id::{Platform, ProvisionerId};
use breakglass_core::time::{Length, Timestamp};
use breakglass_store::crash::{CrashPoint, pass};
use breakglass_store::{Claimed, Folded, Hold, Holds, Settled, StoreError, Waiting};
use metrics::counter;
use tokio::sync::mpsc;
use tracing::field::Empty;
use tracing::{Instrument as _, Span, info_span};

use super::converge::{self, Converged, Errand, converge};
use super::delivery::{Delivered, draw, post};
use super::page::page;
use super::{Engine, Target};
use crate::clock::Steady;
use crate::meter;
use lanes::room;
use look::{Look, Ours};

/// The longest sleep: the safety net, should a wake-up be lost.
const SLEEP_MILLIS_MAX: i64 = 1_000;

/// How long a store that doesn't take how something turned out is left alone.
pub(super) const SETTLE_AGAIN: Duration = Duration::from_secs(1);

/// What carrying out an effect came to.
#[derive(Debug)]
enum Done {
    /// It is done, or not needed any more.
    Yes,
    /// The store knows already what became of it.
    Settled(Settled),
    /// Somebody else may hold it, or have it next.
    NotOurs,
    /// Try again after this many milliseconds, and perhaps nothing else in its lane before that.
    Later {
        millis: i64,
        pause_lane: bool,
        why: String,
    },
}

/// How long errands at the targets are held.
#[derive(Debug)]
struct Errands {
    steady: Arc<Steady>,
    held: BTreeMap<ProvisionerId, Length>,
}

impl Errands {
    fn of(engine: &Engine) -> Self {
        let held = |(id, target): (&ProvisionerId, &Target)| {
            (id.clone(), converge::claim(Some(&*target.provisioner)))
        };
        Self {
            steady: engine.keeper.steady.clone(),
            held: engine.targets.iter().map(held).collect(),
        }
    }
}

impl Holds for Errands {
    fn until(&self, target: &ProvisionerId) -> Option<Timestamp> {
        let held = self.held.get(target)?;
        Some(self.steady.now().plus(*held))
    }
}

pub(super) async fn run(engine: Arc<Engine>) {
    let mut news = engine.store.status();
    let mut dispatch = Dispatch::default();
    let mut look = Look::default();
    engine.store.take_up(Arc::new(Errands::of(&engine)));
    let (news_of_jobs, mut jobs) = mpsc::unbounded_channel();
    let mut in_hand = 0_usize;
    loop {
        if !engine.stop.is_cancelled() {
            news.mark_unchanged();
            look.take_over(&engine, &mut dispatch);
            in_hand += begin_all(&engine, (&mut dispatch, &mut look), &news_of_jobs);
            if let Err(error) = look.take_in(&engine, &mut dispatch).await {
                tracing::error!(%error, "the outbox couldn't be read");
            }
            in_hand += begin_all(&engine, (&mut dispatch, &mut look), &news_of_jobs);
            look.pass_on(&engine);
        } else if in_hand == 0 {
            engine.store.take_up_no_more();
            look.take_over(&engine, &mut dispatch);
            look.give_back(&engine).await;
            return;
        }
        tokio::select! {
            Some(of_job) = jobs.recv() => in_hand -= hear((&mut dispatch, &mut look), of_job),
            () = tokio::time::sleep(until_due(&dispatch, engine.keeper.steady.now())) => {}
            _ = news.changed() => {}
            () = engine.stop.cancelled(), if !engine.stop.is_cancelled() => {}
        }
        while let Ok(of_job) = jobs.try_recv() {
            in_hand -= hear((&mut dispatch, &mut look), of_job);
        }
    }
}

fn until_due(dispatch: &Dispatch, now: Timestamp) -> Duration {
    let due = dispatch
        .next_due(now)
        .map_or(SLEEP_MILLIS_MAX, |at| at.millis_since(now));
    Duration::from_millis(u64::try_from(due.clamp(1, SLEEP_MILLIS_MAX)).unwrap_or(1))
}

/// How it goes on with a lane and with what was in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Came {
    /// The lane is to rest until then.
    rest_until: Option<Timestamp>,
    /// What was in hand is gone for good; else it may be there.
    is_gone: bool,
}

impl Came {
    /// Something may be there, whatever became of it.
    const fn back(rest_until: Option<Timestamp>) -> Self {
        Self {
            rest_until,
            is_gone: false,
        }
    }
}

/// What a job says of itself.
#[derive(Debug)]
enum OfJob {
    /// Its lane may take another one: only the store is waited for.
    Free(i64),
    /// They are through, as far as they came.
    Over(Vec<Job>, Came),
}

/// Begins what may be begun now, and gives how many starts that is.
fn begin_all(
    engine: &Arc<Engine>,
    (dispatch, look): (&mut Dispatch, &mut Look),
    tell: &mpsc::UnboundedSender<OfJob>,
) -> usize {
    let room = |lane: &Lane| room(engine, lane);
    let mut begun = 0;
    while let Some(start) = dispatch.next(engine.keeper.steady.now(), room) {
        begun += 1;
        let ours = match &start {
            Start::One(job) => look.ours(job.id),
            Start::Digest(_) => None,
        };
        tokio::spawn(begin(engine.clone(), (start, ours), tell.clone()));
    }
    begun
}

async fn begin(
    engine: Arc<Engine>,
    (start, ours): (Start, Option<Ours>),
    tell: mpsc::UnboundedSender<OfJob>,
) {
    let (jobs, came) = match start {
        Start::One(job) => {
            let free = || drop(tell.send(OfJob::Free(job.id)));
            let came = carry_out(&engine, (&job, ours), free).await;
            (vec![job], came)
        }
        Start::Digest(jobs) => {
            let came = digest::carry_out(&engine, &jobs).await;
            (jobs, came)
        }
    };
    // The receiver is gone only when the server stops.
    drop(tell.send(OfJob::Over(jobs, came)));
}

/// Gives how many starts are over by it.
fn hear((dispatch, look): (&mut Dispatch, &mut Look), of_job: OfJob) -> usize {
    let (jobs, came) = match of_job {
        OfJob::Free(id) => {
            dispatch.settle(id);
            return 0;
        }
        OfJob::Over(jobs, came) => (jobs, came),
    };
    for job in &jobs {
        dispatch.settle(job.id);
        // It may have been read once more meanwhile.
        dispatch.forget(job.id);
        if !came.is_gone {
            look.again(job.id);
        }
        if let Some(until) = came.rest_until {
            dispatch.pause(job.lane.clone(), until);
        }
    }
    1
}

/// Claims, carries out, settles.
async fn carry_out(
    engine: &Arc<Engine>,
    (job, ours): (&Job, Option<Ours>),
    free: impl FnOnce(),
) -> Came {
    let (claimed, known) = match ours {
        Some(ours) => {
            pass(CrashPoint::EffectClaimed);
            ours
        }
        None => match claim(engine, job).await {
            Ok(Some(claimed)) => (claimed, None),
            Ok(None) => return Came::back(None),
            Err(rest_until) => return Came::back(Some(rest_until)),
        },
    };
    let done = async {
        let done = perform(engine, (&claimed, known), free).await;
        finish(engine, claimed.hold, done).await
    };
    done.instrument(span(&claimed.waiting)).await
}

/// Nothing, if somebody else has it or it is done; an error says until when the lane is to rest.
async fn claim(engine: &Engine, job: &Job) -> Result<Option<Claimed>, Timestamp> {
    let now = engine.keeper.steady.now();
    let hold = match &job.lane {
        Lane::Channel(..) | Lane::Person(..) | Lane::Pager(_) => CLAIM,
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

/// Settles it as it turned out, as soon as the store takes it.
async fn finish(engine: &Engine, hold: Hold, done: Done) -> Came {
    pass(CrashPoint::EffectDone);
    let from = engine.keeper.steady.now();
    let later = |millis| Timestamp::from_millis(from.millis().saturating_add(millis));
    let settled = async || match &done {
        Done::Yes => engine.store.finish_effect(hold).await,
        Done::Settled(settled) => Ok(*settled),
        Done::NotOurs => engine.store.release_effect(hold).await,
        Done::Later { millis, why, .. } => {
            let at = later(*millis);
            engine.store.retry_effect(hold, at, why).await
        }
    };
    // Nobody else carries it out while it is claimed.
    let is_gone = loop {
        let error = match settled().await {
            Ok(settled) => break settled == Settled::Done,
            Err(error) => error,
        };
        let is_held = engine.keeper.steady.now() < from.plus(CLAIM);
        tracing::error!(%error, "an effect couldn't be settled");
        let rest = tokio::time::sleep(SETTLE_AGAIN);
        if !is_held || engine.stop.run_until_cancelled(rest).await.is_none() {
            break false;
        }
    };
    pass(CrashPoint::EffectSettled);
    let rest_until = match done {
        Done::Later {
            millis,
            pause_lane: true,
            ..
        } => Some(later(millis)),
        Done::Later { .. } | Done::Yes | Done::Settled(_) | Done::NotOurs => None,
    };
    Came {
        rest_until,
        is_gone,
    }
}

/// What its log lines are about; whose holding it is turns out when it is looked at.
fn span(waiting: &Waiting) -> Span {
    if let Effect::Converge { holding, .. } = &waiting.effect {
        return info_span!("converge", %holding, request = Empty);
    }
    let request = waiting.effect.request();
    request.map_or_else(Span::none, |request| info_span!("tell", %request))
}

async fn perform(
    engine: &Arc<Engine>,
    (claimed, known): (&Claimed, Option<Folded>),
    free: impl FnOnce(),
) -> Done {
    let waiting = &claimed.waiting;
    let delivered = match &waiting.effect {
        Effect::Converge { holding, .. } => {
            let errand = Errand {
                id: holding,
                known,
                tries: waiting.attempts,
                claimed_until: waiting.claimed_until,
                hold: Some(claimed.hold),
            };
            return perform_converge(engine, waiting, (errand, free)).await;
        }
        Effect::Draw { card, request, .. } => draw(engine, waiting, *card, *request).await,
        Effect::Post { to, topic, request } => post(engine, waiting, to, (*topic, *request)).await,
        Effect::Page { by, topic, request } => page(engine, waiting, by, (*topic, *request)).await,
    };
    told(waiting, delivered)
}

/// Counts what was told to people, and says how it goes on.
fn told(waiting: &Waiting, delivered: Result<Delivered, StoreError>) -> Done {
    let platform = waiting.platform.map_or("pager", Platform::as_str);
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

async fn perform_converge(
    engine: &Arc<Engine>,
    waiting: &Waiting,
    (errand, free): (Errand<'_>, impl FnOnce()),
) -> Done {
    let holding = errand.id;
    match converge(engine, errand, free).await {
        Ok(Converged::Done) => Done::Yes,
        Ok(Converged::Settled(settled)) => Done::Settled(settled),
        Ok(Converged::NotYet) => Done::NotOurs,
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
