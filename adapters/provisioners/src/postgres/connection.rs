//! Connections to the server, kept open from one comparison with the log to the next.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use breakglass_core::port::provisioner::ProvisionError;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use tokio::time::{Instant, sleep, timeout};

use super::error;

/// How long connecting may take.
pub(super) const CONNECT: Duration = Duration::from_secs(3);
/// How long an idle connection may take to say that it is alive.
const PING: Duration = Duration::from_secs(1);
/// How long one is trusted to be alive without being asked.
const TRUSTED: Duration = Duration::from_millis(100);
/// How long one is kept without a use: longer than the pause between two comparisons of the target with the log, so that
/// whoever takes access away finds one that is open.
const IDLE: Duration = Duration::from_secs(150);

/// Idle connections, newest last, each with the instant it was put here.
type Idle = Mutex<Vec<(Instant, PgConnection)>>;

/// A pool would wait where the server refuses, and then not tell why. No `Debug`: the options hold the password.
pub(super) struct Connections {
    options: PgConnectOptions,
    idle_max: usize,
    idle: Arc<Idle>,
}

impl Connections {
    pub(super) fn new(options: PgConnectOptions, idle_max: usize) -> Self {
        Self {
            options,
            idle_max,
            idle: Arc::default(),
        }
    }

    /// Our login.
    pub(super) fn login(&self) -> &str {
        self.options.get_username()
    }

    /// Does nothing leave this machine?
    pub(super) fn is_local(&self) -> bool {
        let host = self.options.get_host();
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        self.options.get_socket().is_some()
            || host == "localhost"
            || address.is_ok_and(|address| address.is_loopback())
    }

    /// A connection that answered just now.
    pub(super) async fn take(&self) -> Result<PgConnection, ProvisionError> {
        while let Some((since, mut connection)) = self.newest() {
            let idle = since.elapsed();
            if idle < TRUSTED {
                return Ok(connection);
            }
            if idle < IDLE && matches!(timeout(PING, connection.ping()).await, Ok(Ok(()))) {
                return Ok(connection);
            }
        }
        match timeout(CONNECT, self.options.connect()).await {
            Ok(connection) => connection.map_err(|error| error::connecting(&error)),
            Err(_) => Err(error::silent(CONNECT)),
        }
    }

    fn newest(&self) -> Option<(Instant, PgConnection)> {
        lock(&self.idle).pop()
    }

    /// Keeps a connection whose last call came to its end.
    pub(super) fn give_back(&self, connection: PgConnection) {
        let mut idle = lock(&self.idle);
        if idle.len() < self.idle_max {
            idle.push((Instant::now(), connection));
            tokio::spawn(drop_old(Arc::downgrade(&self.idle)));
        }
    }
}

async fn drop_old(idle: Weak<Idle>) {
    sleep(IDLE).await;
    if let Some(idle) = idle.upgrade() {
        lock(&idle).retain(|(since, _)| since.elapsed() < IDLE);
    }
}

fn lock(idle: &Idle) -> MutexGuard<'_, Vec<(Instant, PgConnection)>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}
