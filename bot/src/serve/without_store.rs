//! A start while the store is away, or can't be written: what is over is taken away all the same, as this machine knows it.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use crate::keeper::{Ends, Keeper, Why};

/// How often the store is tried, and the grants are looked through.
const AGAIN_EVERY: Duration = Duration::from_secs(1);

/// Tries what the store has just refused until it succeeds, and ends meanwhile what is over.
pub(super) async fn wait<T, E: Display>(
    keeper: &Arc<Keeper>,
    trouble: E,
    again: impl AsyncFn() -> Result<T, E>,
) -> T {
    let live = keeper.mirror.len();
    tracing::error!(trouble = %format!("{trouble:#}"), live, "started without the store; what is over is taken away, nothing is granted");
    let text = format!(
        "I started and can't use the store: {trouble:#}. Nothing is granted until it answers. What is over is taken \
         away all the same: {live} grants are live, as far as this machine knows."
    );
    keeper.alarms.alarm("The store doesn't answer", &text);
    let mut ends = Ends::new(keeper.clone(), Why::Away);
    let trying = try_again(again);
    tokio::pin!(trying);
    loop {
        ends.begin(keeper.mirror.over());
        tokio::select! {
            done = &mut trying => return done,
            () = ends.settle_next() => {}
            () = tokio::time::sleep(AGAIN_EVERY) => {}
        }
    }
}

async fn try_again<T, E: Display>(again: impl AsyncFn() -> Result<T, E>) -> T {
    loop {
        tokio::time::sleep(AGAIN_EVERY).await;
        match again().await {
            Ok(done) => return done,
            Err(trouble) => {
                tracing::warn!(trouble = %format!("{trouble:#}"), "the store is still away");
            }
        }
    }
}
