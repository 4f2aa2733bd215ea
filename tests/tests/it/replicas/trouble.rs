//! What befalls a replica: it is killed, it sleeps, and its way to a database is cut or held up.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use breakglass_core::converge::CLAIM;
use breakglass_core::time::Length;
use breakglass_tests::proxy::{Proxy, Weather};
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::task::JoinHandle;

use super::Chance;
use super::firm::Firm;
use crate::company::binary;

/// Every message to PostgreSQL has this in its length.
const EVERYTHING: &str = "\0";

/// As docs/running.md has it.
const RESTART_AFTER: Duration = Duration::from_secs(1);

/// From so many requests on it is worth while that a replica sleeps for longer than a claim.
const MANY: u32 = 100;

/// The longest trouble, but for that.
const AWAY_MAX: Length = Length::from_secs(8);

/// Longer than a claim.
const LONG: Duration = Duration::from_secs(63);

pub(super) struct Replica {
    folder: PathBuf,
    store: Proxy,
    orders: Proxy,
    pid: Arc<AtomicU32>,
    running: JoinHandle<()>,
}

impl Replica {
    pub(super) async fn start(firm: &Firm, number: u32) -> Self {
        let folder = firm.folder().join(number.to_string());
        std::fs::create_dir(&folder).unwrap();
        let (store, store_url) = behind_a_proxy(&firm.store_url()).await;
        let (orders, orders_url) = behind_a_proxy(&firm.orders.url()).await;
        firm.configure(&folder, (&store_url, &orders_url));
        let pid = Arc::<AtomicU32>::default();
        let running = tokio::spawn(keep_running(folder.clone(), pid.clone()));
        Self {
            folder,
            store,
            orders,
            pid,
            running,
        }
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.pid.load(Ordering::SeqCst)).unwrap();
        if pid > 0
            && let Err(error) = kill(Pid::from_raw(pid), signal)
        {
            assert_eq!(error, Errno::ESRCH, "it may be between two lives");
        }
    }

    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("server.log")).unwrap_or_default()
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// A way to a database that can be cut, and its URL. What is sent on it can be read along.
async fn behind_a_proxy(url: &str) -> (Proxy, String) {
    let (login, rest) = url.split_once('@').unwrap();
    let (server, name) = rest.split_once('/').unwrap();
    let proxy = Proxy::start(server.to_owned(), EVERYTHING).await;
    let through = format!("{login}@{}/{name}?sslmode=disable", proxy.address);
    (proxy, through)
}

async fn keep_running(folder: PathBuf, pid: Arc<AtomicU32>) {
    loop {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(folder.join("server.log"));
        let mut server = binary(&folder);
        server.arg("serve").stderr(log.unwrap()).kill_on_drop(true);
        let mut running = server.spawn().unwrap();
        pid.store(running.id().unwrap_or_default(), Ordering::SeqCst);
        running.wait().await.unwrap();
        pid.store(0, Ordering::SeqCst);
        tokio::time::sleep(RESTART_AFTER).await;
    }
}

/// One after the other.
pub(super) struct Troubles<'a> {
    replicas: &'a [Replica; 2],
    chance: Chance,
    /// So many kinds of trouble there are: the last is to sleep for longer than a claim.
    kinds: u32,
    pub(super) kills: u32,
    pub(super) sleeps: u32,
    pub(super) long_sleeps: u32,
    pub(super) cuts: u32,
    pub(super) holds: u32,
}

impl<'a> Troubles<'a> {
    pub(super) fn new(replicas: &'a [Replica; 2], chance: Chance, requests: u32) -> Self {
        Self {
            replicas,
            chance,
            kinds: if requests >= MANY { 42 } else { 40 },
            kills: 0,
            sleeps: 0,
            long_sleeps: 0,
            cuts: 0,
            holds: 0,
        }
    }

    /// For as long as this runs.
    pub(super) async fn go_on(&mut self) {
        loop {
            tokio::time::sleep(self.chance.millis(100, 1_500)).await;
            let replica = &self.replicas[usize::try_from(self.chance.below(2)).unwrap()];
            let way = if self.chance.below(3) == 0 {
                &replica.orders
            } else {
                &replica.store
            };
            let long = self.chance.millis(200, AWAY_MAX.secs() * 1_000);
            match self.chance.below(self.kinds) {
                0..16 => {
                    self.kills += 1;
                    replica.signal(Signal::SIGKILL);
                }
                16..24 => {
                    self.sleeps += 1;
                    sleep(replica, long / 3).await;
                }
                24..32 => {
                    self.cuts += 1;
                    storm(way, Weather::Away, long).await;
                }
                32..40 => {
                    self.holds += 1;
                    storm(way, Weather::Slow, long).await;
                }
                _ => {
                    self.long_sleeps += 1;
                    sleep(replica, LONG).await;
                }
            }
        }
    }

    /// All is well from now on.
    pub(super) fn heal(&self) {
        for replica in self.replicas {
            replica.signal(Signal::SIGCONT);
            replica.store.change(Weather::Fair);
            replica.orders.change(Weather::Fair);
        }
    }

    /// The longest that one of them was away.
    pub(super) const fn longest(&self) -> Length {
        if self.long_sleeps > 0 {
            CLAIM
        } else {
            AWAY_MAX
        }
    }

    /// How often something befell one of them.
    pub(super) fn many(&self) -> u32 {
        self.kills + self.sleeps + self.long_sleeps + self.cuts + self.holds
    }
}

impl fmt::Display for Troubles<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kills,
            sleeps,
            long_sleeps,
            cuts,
            holds,
            ..
        } = self;
        write!(
            f,
            "{kills} kills, {sleeps} sleeps, {long_sleeps} of them longer than a claim besides, {cuts} cuts, {holds} hold-ups"
        )
    }
}

async fn sleep(replica: &Replica, long: Duration) {
    replica.signal(Signal::SIGSTOP);
    tokio::time::sleep(long).await;
    replica.signal(Signal::SIGCONT);
}

async fn storm(way: &Proxy, weather: Weather, long: Duration) {
    way.change(weather);
    tokio::time::sleep(long).await;
    way.change(Weather::Fair);
}
