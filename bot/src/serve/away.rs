//! What is said when we are back: chats send no click twice, so what was pressed meanwhile is lost.

use std::sync::Arc;

use breakglass_core::id::Platform;
use breakglass_core::port::chat::Lines;
use breakglass_core::time::Timestamp;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::engine::Engine;

/// Nobody is told of less, in milliseconds: a socket that is opened anew, a new version put in place.
const AWAY_MILLIS_MIN: i64 = 10_000;

/// Tells of each time in which no line was open, the time before the start included.
pub(super) async fn watch(
    engine: Arc<Engine>,
    (platform, mut lines): (Platform, watch::Receiver<Lines>),
    last_alive: Option<Timestamp>,
    stop: CancellationToken,
) {
    let mut since = last_alive;
    while let Some(Ok(())) = stop.run_until_cancelled(lines.changed()).await {
        if lines.borrow_and_update().open == 0 {
            since = since.or_else(|| Some(engine.clock().now()));
        } else if let Some(since) = since.take() {
            back(&engine, platform, since).await;
        }
    }
}

/// Tells that we hear again what people press, if that was long missing.
pub(super) async fn back(engine: &Arc<Engine>, platform: Platform, since: Timestamp) {
    let until = engine.clock().now();
    if until.millis_since(since) < AWAY_MILLIS_MIN {
        return;
    }
    if let Err(error) = engine.tell_back(platform, since, until).await {
        tracing::warn!(%error, "nobody can be told that clicks were lost");
    }
}
