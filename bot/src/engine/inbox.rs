//! Works through the inbox: every act that was acknowledged is carried out, also after a crash.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use breakglass_core::id::RequestId;
use breakglass_core::intent::Intent;
use breakglass_core::time::{Length, Timestamp};
use breakglass_store::crash::{CrashPoint, pass};
use breakglass_store::{ClaimedAct, StoreError};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tracing::field::{Empty, display};
use tracing::{Instrument as _, Span, info_span};

use super::act::{answer, carry_out};
use super::outbox::SETTLE_AGAIN;
use super::{Engine, SubmitError};
use crate::wording::answer::said;

/// Acts carried out at the same time.
const TOGETHER_MAX: usize = 32;

/// How often the inbox is looked at anyway: what is tried again, or what another replica left.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long an act may take before another worker may take it up.
const CLAIM: Length = Length::from_secs(60);

/// An act that fails this often is given up; the person was told each time that nothing changed.
const TRIES_MAX: u32 = 5;

/// No later try would do better, until somebody looked.
const DISTRUSTED: &str = "Our log can't be trusted, so nothing was recorded and nothing is granted. Security was told. \
                          What is over, given back or revoked is still taken away.";

/// What has come in on this replica and isn't handled yet, and the hands for it.
#[derive(Debug)]
pub(super) struct Arrivals {
    waiting: AtomicUsize,
    hands: Arc<Semaphore>,
    /// When the latest hold ends.
    held_until: AtomicI64,
    news: Notify,
}

impl Default for Arrivals {
    fn default() -> Self {
        Self {
            waiting: AtomicUsize::default(),
            hands: Arc::new(Semaphore::new(TOGETHER_MAX)),
            held_until: AtomicI64::default(),
            news: Notify::default(),
        }
    }
}

impl Arrivals {
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// A free hand for what comes in now, unless something came before it that none was free for.
    pub(super) fn hand(&self) -> Option<OwnedSemaphorePermit> {
        let is_first = self.waiting() < TOGETHER_MAX;
        let hand = || Arc::clone(&self.hands).try_acquire_owned().ok();
        is_first.then(hand)?
    }

    pub(super) fn arrived(&self) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
    }

    /// Something waits that nobody has hold of.
    pub(super) fn wake(&self) {
        self.news.notify_one();
    }

    /// The end of a hold: no two end in the same millisecond, since the store knows a hold by it.
    fn hold(&self, now: Timestamp) -> Timestamp {
        let end = now.plus(CLAIM).millis();
        let next = |latest: i64| end.max(latest.saturating_add(1));
        let latest = self
            .held_until
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |latest| {
                Some(next(latest))
            });
        Timestamp::from_millis(next(latest.unwrap_or_else(|latest| latest)))
    }

    /// Acts left over from before the start were never counted in.
    fn handled(&self) {
        let waiting = self.waiting.load(Ordering::Relaxed);
        self.waiting
            .store(waiting.saturating_sub(1), Ordering::Relaxed);
    }
}

/// Until when an act that is taken up now is held.
pub(super) fn held_until(engine: &Engine) -> Timestamp {
    engine.arrivals.hold(engine.keeper.steady.now())
}

/// Takes up what wasn't handed over as it came in: because no hand was free, because it failed, or because somebody left it.
pub(super) async fn run(engine: Arc<Engine>) {
    // What still waits at a stop is for the next start.
    while !engine.stop.is_cancelled() {
        // Whoever has no hand free needn't look for work.
        let Some(Ok(hand)) = engine
            .stop
            .run_until_cancelled(Arc::clone(&engine.arrivals.hands).acquire_owned())
            .await
        else {
            return;
        };
        take(&engine, hand).await;
        tokio::select! {
            () = engine.stop.cancelled() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = engine.arrivals.news.notified() => {}
        }
    }
}

/// Takes up as much of what waits as there are hands free. One act never waits for another: it may wait for chat.
async fn take(engine: &Arc<Engine>, first: OwnedSemaphorePermit) {
    let mut hands = vec![first];
    while let Ok(hand) = Arc::clone(&engine.arrivals.hands).try_acquire_owned() {
        hands.push(hand);
    }
    let most = u64::try_from(hands.len()).unwrap_or_default();
    let (now, until) = (engine.keeper.steady.now(), held_until(engine));
    match engine.store.claim_acts(most, now, until).await {
        Ok(rows) => {
            for (row, hand) in rows.into_iter().zip(hands) {
                take_up(engine, row, hand);
            }
        }
        Err(error) => tracing::error!(%error, "the inbox couldn't be read"),
    }
}

/// Handles an act beside all others.
pub(super) fn take_up(engine: &Arc<Engine>, row: ClaimedAct, hand: OwnedSemaphorePermit) {
    let handled = Arc::clone(engine);
    let handling = async move {
        handle(&handled, row).await;
        drop(hand);
        if handled.arrivals.waiting() >= TOGETHER_MAX {
            handled.arrivals.wake();
        }
    };
    engine.tasks.spawn_on(handling, &engine.work);
}

async fn handle(engine: &Arc<Engine>, row: ClaimedAct) {
    let intent: Intent = match serde_json::from_str(&row.received.payload) {
        Ok(intent) => intent,
        Err(error) => {
            tracing::error!(%error, id = row.received.id, "an act in the inbox can't be read");
            finish(engine, &row).await;
            return;
        }
    };
    let span = span(&intent);
    handle_intent(engine, &row, &intent).instrument(span).await;
}

/// What the log lines of an act are about: the request that it names, or that turns out to be meant.
pub(super) fn span(intent: &Intent) -> Span {
    let platform = intent.sender.platform;
    let span = info_span!("act", %platform, request = Empty);
    if let Some(request) = intent.act.request() {
        span.record("request", display(request));
    }
    span
}

/// Says which request is meant, on each log line from here.
pub(super) fn meant(intent: &Intent, request: RequestId) {
    if intent.act.request().is_none() {
        Span::current().record("request", display(request));
    }
}

async fn handle_intent(engine: &Arc<Engine>, row: &ClaimedAct, intent: &Intent) {
    pass(CrashPoint::ActClaimed);
    let carried_out = carry_out(engine, intent).await;
    pass(CrashPoint::ActDone);
    match carried_out {
        Ok(()) | Err(SubmitError::Refused(_)) => finish(engine, row).await,
        Err(SubmitError::Store(StoreError::Untrusted(_))) => {
            let stopped = said("Granting is stopped", DISTRUSTED).with_typed(intent.act.words());
            answer(engine, intent, &stopped).await;
            finish(engine, row).await;
        }
        Err(SubmitError::Store(error)) => {
            let reference: String = row.received.id.chars().rev().take(4).collect();
            tracing::error!(%error, %reference, tries = row.attempts, "an act couldn't be carried out");
            if row.attempts < TRIES_MAX {
                let at = engine
                    .keeper
                    .steady
                    .now()
                    .plus(Length::from_secs(row.attempts));
                settle(engine, || engine.store.retry_act(row, at)).await;
            } else {
                let text = format!(
                    "I couldn't record that, so nothing changed. Try again. (ref {reference})"
                );
                let failure = said("Our failure", text).with_typed(intent.act.words());
                answer(engine, intent, &failure).await;
                finish(engine, row).await;
            }
        }
    }
}

async fn finish(engine: &Engine, row: &ClaimedAct) {
    engine.arrivals.handled();
    let now = engine.clock.now();
    settle(engine, || engine.store.finish_act(row, now)).await;
}

/// Writes down how an act turned out as soon as the store takes it: while it is held, nobody else takes it up.
async fn settle<F>(engine: &Engine, settled: impl Fn() -> F)
where
    F: Future<Output = Result<bool, StoreError>>,
{
    let from = engine.keeper.steady.now();
    while let Err(error) = settled().await {
        tracing::error!(%error, "how an act turned out couldn't be written down");
        let is_held = engine.keeper.steady.now() < from.plus(CLAIM);
        let rest = tokio::time::sleep(SETTLE_AGAIN);
        if !is_held || engine.stop.run_until_cancelled(rest).await.is_none() {
            break;
        }
    }
}

#[cfg(test)]
mod tests;
