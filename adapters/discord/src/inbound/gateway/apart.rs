//! A runtime of its own for work whose tasks must not outlive it.

use std::thread;
use std::time::Duration;

use tokio::runtime;
use tokio_util::sync::CancellationToken;

/// Runs `work` on threads of its own. When this returns, everything that it spawned is gone, or stuck without another turn
/// after `patience`.
pub(super) async fn run(work: impl Future<Output = ()> + Send + 'static, patience: Duration) {
    let over = CancellationToken::new();
    // Also when the work panics, or no thread can be had.
    let said_at_the_end = over.clone().drop_guard();
    let spawned = thread::Builder::new()
        .name("discord-gateway".to_owned())
        .spawn(move || {
            let _over = said_at_the_end;
            // Two, since serenity spins on a connection that was closed without a word.
            let mut threads = runtime::Builder::new_multi_thread();
            match threads.worker_threads(2).enable_all().build() {
                Ok(runtime) => {
                    runtime.block_on(work);
                    runtime.shutdown_timeout(patience);
                }
                Err(error) => tracing::error!(%error, "the gateway has nothing to run on"),
            }
        });
    if let Err(error) = spawned {
        tracing::error!(%error, "the gateway has no thread to run on");
    }
    over.cancelled().await;
}
