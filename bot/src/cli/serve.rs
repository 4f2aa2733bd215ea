//! `breakglass serve`: run.

use std::pin::pin;
use std::sync::Arc;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::{Exit, Session};
use crate::clock::{Clock, SystemClock};
use crate::serve::{Plan, Server};

/// Run the server until it is told to stop
#[derive(Debug, Args)]
pub(super) struct Serve {}

impl Serve {
    #[expect(clippy::unused_self, reason = "every command is run alike")]
    pub(super) fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.need_config()?;
        crate::telemetry::install(config.server.log, &config.server.log_filter)?;
        let policy = crate::check::load_policy(&config);
        let metrics = crate::meter::install()?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        crate::serve::threads()?.block_on(async move {
            // Listening for signals first: one that comes while we start isn't lost.
            let mut terminate = signal(SignalKind::terminate())?;
            let mut interrupt = signal(SignalKind::interrupt())?;
            let mut told_to_stop = pin!(async {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
            });
            let starting = Server::start(Plan {
                config,
                policy,
                clock,
                metrics,
            });
            // A start can take as long as the store is away.
            let server = tokio::select! {
                server = starting => server?,
                () = &mut told_to_stop => return Ok(Exit::Done),
            };
            told_to_stop.await;
            tracing::info!("stopping");
            server.stop().await;
            Ok(Exit::Done)
        })
    }
}
