//! The target: a way to it that can be closed, and a look at who holds what there, again and again.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use breakglass::clock::{Clock as _, SystemClock};
use breakglass_core::time::Timestamp;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::Lease;

/// Between two looks: what is measured is that much too late at most, for either.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// What both go through to the target.
pub(super) struct Way {
    pub(super) address: SocketAddr,
    is_open: watch::Sender<bool>,
}

impl Way {
    /// Listens, and passes on to `server`.
    pub(super) async fn open(server: String) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (is_open, opened) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (server, mut opened) = (server.clone(), opened.clone());
                tokio::spawn(async move {
                    let Ok(mut to) = TcpStream::connect(&server).await else {
                        return;
                    };
                    drop((client.set_nodelay(true), to.set_nodelay(true)));
                    tokio::select! {
                        _ = copy_bidirectional(&mut client, &mut to) => {}
                        _ = opened.wait_for(|is_open| !is_open) => {}
                    }
                });
            }
        });
        Ok(Self { address, is_open })
    }

    /// Cuts whatever is on it; what comes is cut at once.
    pub(super) fn close(&self) {
        self.is_open.send_replace(false);
    }

    pub(super) fn reopen(&self) {
        self.is_open.send_replace(true);
    }
}

/// When somebody was first not seen any more who was there before.
pub(super) struct Watch {
    gone: watch::Receiver<BTreeMap<String, Timestamp>>,
    looking: JoinHandle<anyhow::Result<()>>,
}

impl Watch {
    /// Looks with a question that is answered with names, until this is dropped.
    pub(super) async fn start(url: &str, question: String) -> anyhow::Result<Self> {
        let mut connection = PgConnection::connect(url).await?;
        let (found, gone) = watch::channel(BTreeMap::new());
        let looking = tokio::spawn(async move {
            let mut before = BTreeSet::new();
            loop {
                let question = sqlx::query_scalar(AssertSqlSafe(question.as_str()));
                let names: Vec<String> = question.fetch_one(&mut connection).await?;
                let (now, names) = (SystemClock.now(), BTreeSet::from_iter(names));
                let left: Vec<String> = before.difference(&names).cloned().collect();
                if !left.is_empty() {
                    found.send_modify(|gone| gone.extend(left.into_iter().map(|name| (name, now))));
                }
                before = names;
                sleep(LOOK_EVERY).await;
            }
        });
        Ok(Self { gone, looking })
    }

    /// Waits until all of them went, for so long after the last end; gives when each did.
    pub(super) async fn until_gone(
        mut self,
        leases: &[Lease],
        limit: Duration,
    ) -> anyhow::Result<BTreeMap<String, Timestamp>> {
        let last = leases.iter().map(|lease| lease.ends_at).max();
        let left = last.map_or(0, |last| last.millis_since(SystemClock.now()).max(0));
        let until = Instant::now() + limit + Duration::from_millis(u64::try_from(left)?);
        let all = self
            .gone
            .wait_for(|gone| leases.iter().all(|lease| gone.contains_key(&lease.name)));
        if let Ok(Err(_)) = tokio::time::timeout_at(until, all).await {
            return Err((&mut self.looking)
                .await?
                .err()
                .unwrap_or_else(|| anyhow::anyhow!("it stopped looking")));
        }
        let mut gone = self.gone.borrow().clone();
        gone.retain(|name, _| leases.iter().any(|lease| lease.name == *name));
        Ok(gone)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.looking.abort();
    }
}
