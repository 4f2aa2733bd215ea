//! The store itself: opened once, shared by everything in the process.

use std::sync::Arc;

use breakglass_core::id::{HoldingId, PagerId, Platform};
use breakglass_core::log::{SigningKey, VerifyingKey};
use tokio::sync::{Mutex, oneshot, watch};
use tokio::task::{AbortHandle, JoinHandle};

use crate::appender::{Appender, Fold, Folded, Queues, Status, Task, Verdict};
use crate::audit::{Audited, Depth};
use crate::database::Database;
use crate::distrust::Distrust;
use crate::error::StoreError;
use crate::listen;
use crate::outbox::{Claim, Hands, Hold, Reached};
use crate::policies::Policies;
use crate::seal::Sealer;
use crate::submission::{Decide, Submission};
use crate::trust::Trust;
use crate::write::{Pile, Writer};
use crate::{card, inbox};

/// The longest log of which a running server checks all that follows from it as well: some thousand requests, which take some
/// dozen MB meanwhile. Beyond that a row is judged when it is used, and `audit verify` checks them all.
const WHOLE_MAX: u64 = 25_000;

/// A running server rests so many times as long as it checks the log, so that it has time for others meanwhile.
const AUDIT_RESTS: u32 = 9;

/// What a store is opened with.
#[derive(Debug)]
pub struct Options {
    /// The log's key.
    pub key: SigningKey,
    /// How the appender decides.
    pub decide: Arc<dyn Decide>,
    /// The chats that draws and posts go to.
    pub platforms: Vec<Platform>,
    /// The pagers that wake security up.
    pub alarm_pagers: Vec<PagerId>,
    /// The newest signed checkpoint that is kept outside of the database, if there is one.
    pub checkpoint: Option<String>,
}

/// The log and all that belongs to it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

/// Small writes that wait, those of each kind for themselves.
#[derive(Debug, Default)]
pub(crate) struct Piles {
    pub(crate) received: Pile<inbox::Kept>,
    pub(crate) handled: Pile<inbox::Handled>,
    pub(crate) claims: Pile<Claim>,
    pub(crate) finished: Pile<Hold>,
    pub(crate) cards: Pile<card::Kept>,
}

#[derive(Debug)]
struct Inner {
    database: Database,
    writer: Writer,
    piles: Piles,
    hands: Arc<Hands>,
    appender: Queues,
    status: watch::Receiver<Status>,
    verifying: VerifyingKey,
    sealer: Sealer,
    listener: Option<AbortHandle>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Store {
    /// Opens the store in a database whose tables are there.
    ///
    /// A log that can't be trusted is no error here, since what was given must still be taken away: it shows
    /// in [`Self::status`], and in the answer to every submission.
    pub async fn open(database: Database, options: Options) -> Result<Self, StoreError> {
        let verifying = options.key.verifying_key().clone();
        let sealer = Sealer::new(&options.key);
        let checkpoint = options.checkpoint.as_deref();
        let belief = match Trust::start(&database, options.key, checkpoint).await {
            Ok(trust) => Ok(trust),
            Err(StoreError::Untrusted(distrust)) => {
                tracing::error!(%distrust, "the database can't be trusted: nothing is granted");
                Err(distrust)
            }
            Err(error) => return Err(error),
        };
        let (publish, status) = watch::channel(Status::default());
        let listener = database
            .is_postgres()
            .then(|| listen::spawn(&database, publish.clone()));
        let hands = Arc::<Hands>::default();
        let appender = Appender {
            database: database.clone(),
            decide: options.decide,
            reached: Reached {
                platforms: options.platforms,
                alarm_pagers: options.alarm_pagers,
            },
            hands: hands.clone(),
            policies: Policies::default(),
            belief,
            status: publish,
        };
        let (appender, task) = appender.spawn();
        Ok(Self {
            inner: Arc::new(Inner {
                writer: Writer::new(database.clone()),
                piles: Piles::default(),
                hands,
                database,
                appender,
                status,
                verifying,
                sealer,
                listener,
                task: Mutex::new(Some(task)),
            }),
        })
    }

    /// Hands in a command and answers once what it led to is written for good, or refused.
    pub async fn submit(&self, submission: Submission) -> Result<Verdict, StoreError> {
        self.hand_in(submission, None).await
    }

    pub(crate) async fn hand_in(
        &self,
        submission: Submission,
        hold: Option<Hold>,
    ) -> Result<Verdict, StoreError> {
        let (answer, answered) = oneshot::channel();
        let task = Task::Submit(Box::new(submission), hold, answer);
        self.inner
            .appender
            .tasks
            .send(task)
            .await
            .map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// The holding by its sealed row, to be asked before a target is called. Where access is to be given, the records in the
    /// signed log must say the same. An error if the database isn't as we left it.
    pub async fn fold_holding(&self, id: &HoldingId) -> Result<Folded, StoreError> {
        let (answer, answered) = oneshot::channel();
        let fold = Fold(id.clone(), answer);
        self.inner
            .appender
            .folds
            .send(fold)
            .await
            .map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// Checks the database, as [`Database::audit`] does; of a long log the records alone, in little memory. From the
    /// moment that it isn't as we left it, nothing is granted any more.
    pub async fn audit(&self) -> Result<Audited, StoreError> {
        let depth = if self.inner.status.borrow().size <= WHOLE_MAX {
            Depth::Whole
        } else {
            Depth::Log
        };
        let database = self.database();
        let audited = database
            .audit_to((depth, AUDIT_RESTS), self.verifying_key(), &[])
            .await?;
        if let Some(distrust) = Distrust::of(&audited) {
            self.distrust(distrust).await?;
        }
        Ok(audited)
    }

    async fn distrust(&self, distrust: Distrust) -> Result<(), StoreError> {
        let task = Task::Distrust(distrust);
        let sent = self.inner.appender.tasks.send(task).await;
        sent.map_err(|_| StoreError::Closed)
    }

    /// Lets what waits for the appender be done, then closes everything. What is handed in from now on fails.
    pub async fn close(&self) -> Result<(), StoreError> {
        // If the appender is gone already, there is nothing left to wait for.
        drop(self.inner.appender.tasks.send(Task::Close).await);
        if let Some(listener) = &self.inner.listener {
            listener.abort();
        }
        let task = self.inner.task.lock().await.take();
        if let Some(task) = task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the appender ended badly");
        }
        self.inner.database.clone().close().await
    }

    /// How far the log is and whether it is trusted; changes with each commit, on this replica or another.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.inner.status.clone()
    }

    /// The public half of the log's key.
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.inner.verifying
    }

    /// The database that it is in.
    pub fn database(&self) -> &Database {
        &self.inner.database
    }

    pub(crate) fn writer(&self) -> &Writer {
        &self.inner.writer
    }

    pub(crate) fn piles(&self) -> &Piles {
        &self.inner.piles
    }

    pub(crate) fn hands(&self) -> &Hands {
        &self.inner.hands
    }

    pub(crate) fn sealer(&self) -> &Sealer {
        &self.inner.sealer
    }

    pub(crate) fn worker(&self) -> &str {
        &self.inner.database.worker
    }
}
