//! A runtime of its own for work whose tasks must not outlive it.

use std::thread;

use tokio::runtime;
use tokio_util::sync::CancellationToken;

/// Runs `work` on a thread of its own. When this returns, everything that it spawned is gone.
pub(super) async fn run(work: impl Future<Output = ()> + Send + 'static) {
    let over = CancellationToken::new();
    // Also when the work panics, or no thread can be had.
    let said_at_the_end = over.clone().drop_guard();
    let spawned = thread::Builder::new()
        .name("slack-sockets".to_owned())
        .spawn(move || {
            let _over = said_at_the_end;
            match runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => {
                    runtime.block_on(work);
                    // A name that is still looked up keeps nobody waiting.
                    runtime.shutdown_background();
                }
                Err(error) => tracing::error!(%error, "the sockets have nothing to run on"),
            }
        });
    if let Err(error) = spawned {
        tracing::error!(%error, "the sockets have no thread to run on");
    }
    over.cancelled().await;
}
