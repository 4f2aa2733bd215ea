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
/// Without a transaction, since there is none any more, there is only the answer left to give. An error of the work
/// comes with that.
type Job = Box<
    dyn for<'t> FnOnce(
            Result<&'t DatabaseTransaction, StoreError>,
        )
            -> Pin<Box<dyn Future<Output = (Result<(), StoreError>, Done)> + Send + 't>>
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
                    Ok(transaction) => work(transaction).await,
                    Err(error) => Err(error),
                };
                let worked = outcome.as_ref().map(drop).map_err(Clone::clone);
                let done: Done = Box::new(move |committed| {
                    // A caller that went away needs no answer.
                    drop(answer.send(committed.and(outcome)));
                });
                (worked, done)
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
        let transaction = database.begin(flush).await.map_err(StoreError::from);
        // After an error SQLite may have rolled back: what came then would be committed by itself, and be told to have failed.
        let mut usable = transaction.as_deref().map_err(Clone::clone);
        for (_, job) in waiting.drain(..) {
            let (worked, answer) = job(usable.clone()).await;
            usable = usable.and_then(|transaction| worked.map(|()| transaction));
            done.push(answer);
        }
        let outcome = match transaction {
            Ok(transaction) => database.commit(transaction).await.map_err(StoreError::from),
            Err(error) => Err(error),
        };
        for done in done {
            done(outcome.clone());
        }
    }
}
