//! Small writes that are no events: the inbox, claims, cards.
//!
//! PostgreSQL takes each in a transaction of its own. SQLite has one writer and one flush per commit, so there
//! all that wait are written together and answered after their common commit.

use std::pin::Pin;

use sea_orm::DatabaseTransaction;
use tokio::sync::{mpsc, oneshot};

use crate::database::{Database, Flush};
use crate::error::StoreError;

/// Writes that may wait before a caller has to.
const QUEUE_MAX: usize = 1024;

/// Writes in one commit.
const TOGETHER_MAX: usize = 256;

/// Work on a transaction, to be done soon.
pub(crate) type Work<'t, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 't>>;

type Done = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
/// Without a transaction, since none could be begun, there is only the answer left to give.
type Job = Box<
    dyn for<'t> FnOnce(
            Option<&'t DatabaseTransaction>,
        ) -> Pin<Box<dyn Future<Output = Done> + Send + 't>>
        + Send,
>;

/// Where small writes are handed in.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    database: Database,
    queue: Option<mpsc::Sender<(Flush, Job)>>,
}

impl Writer {
    pub(crate) fn new(database: Database) -> Self {
        let queue = (!database.is_postgres()).then(|| {
            let (queue, jobs) = mpsc::channel(QUEUE_MAX);
            tokio::spawn(write_together(database.clone(), jobs));
            queue
        });
        Self { database, queue }
    }

    /// Does the work and answers once it is committed. Work is one statement, or fit to be done in part.
    pub(crate) async fn write<T, F>(&self, flush: Flush, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t DatabaseTransaction) -> Work<'t, T> + Send + 'static,
    {
        let Some(queue) = &self.queue else {
            let transaction = self.database.begin(flush).await?;
            let value = work(&transaction).await?;
            self.database.commit(transaction).await?;
            return Ok(value);
        };
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |transaction| {
            Box::pin(async move {
                let outcome = match transaction {
                    Some(transaction) => work(transaction).await,
                    None => Err(StoreError::Closed),
                };
                let done: Done = Box::new(move |committed| {
                    // A caller that went away needs no answer.
                    drop(answer.send(committed.and(outcome)));
                });
                done
            })
        });
        queue
            .send((flush, job))
            .await
            .map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }
}

async fn write_together(database: Database, mut jobs: mpsc::Receiver<(Flush, Job)>) {
    let mut waiting = Vec::new();
    while jobs.recv_many(&mut waiting, TOGETHER_MAX).await > 0 {
        let mut done = Vec::new();
        let now = waiting.iter().any(|(flush, _)| *flush == Flush::Now);
        let flush = if now { Flush::Now } else { Flush::Later };
        let outcome = match database.begin(flush).await {
            Ok(transaction) => {
                for (_, job) in waiting.drain(..) {
                    done.push(job(Some(&transaction)).await);
                }
                database.commit(transaction).await
            }
            Err(error) => {
                for (_, job) in waiting.drain(..) {
                    done.push(job(None).await);
                }
                Err(error)
            }
        };
        let outcome = outcome.map_err(StoreError::from);
        for done in done {
            done(outcome.clone());
        }
    }
}
