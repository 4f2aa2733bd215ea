//! Small writes that are no events: the inbox, claims, cards.
//!
//! SQLite has one writer and one flush per commit, so there all that wait are written together and answered after their common
//! commit; those of one kind by one statement, since each is a hop to the connection's thread and back. PostgreSQL takes each in a
//! transaction of its own, but for the inbox: what writes several rows of the outbox at once could come to a deadlock with a commit
//! that demands the same.

use std::fmt::Debug;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::DatabaseTransaction;
use tokio::sync::{mpsc, oneshot};

use crate::database::{Database, Flush};
use crate::error::StoreError;

/// Writes that may wait before a caller has to.
const QUEUE_MAX: usize = 1024;

/// Writes in one commit.
const TOGETHER_MAX: usize = 256;

/// Rows in one statement, each of which may be an alternative in it: SQLite bears expressions of a thousand levels.
pub(crate) const WRITTEN_MAX: usize = 200;

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

/// A small write of which all that wait are written by one statement.
pub(crate) trait Piled: Debug + Send + Sized + 'static {
    /// When it is on the disk.
    const FLUSH: Flush;
    /// Does nobody else ever write such rows in another order?
    const ON_POSTGRES: bool;
    type Answer: Debug + Send + 'static;

    /// Gives an answer for each, in their order.
    fn write_all(all: Vec<Self>, transaction: &DatabaseTransaction) -> Work<'_, Vec<Self::Answer>>;
}

type Answered<T> = oneshot::Sender<Result<T, StoreError>>;

type Waits<P> = (P, Answered<<P as Piled>::Answer>);

/// Those of one kind that wait.
#[derive(Debug)]
pub(crate) struct Pile<P: Piled>(Arc<Mutex<Vec<Waits<P>>>>);

impl<P: Piled> Default for Pile<P> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<P: Piled> Pile<P> {
    /// Is it the first, which nobody was asked to write yet?
    fn put(&self, one: P, answer: Answered<P::Answer>) -> bool {
        let mut pile = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pile.push((one, answer));
        pile.len() == 1
    }

    /// Writes all that wait by then.
    fn job(&self) -> Job {
        let pile = Arc::clone(&self.0);
        Box::new(move |transaction| {
            Box::pin(async move {
                let all = std::mem::take(&mut *pile.lock().unwrap_or_else(PoisonError::into_inner));
                let (all, waiting): (Vec<_>, Vec<_>) = all.into_iter().unzip();
                let outcome = match transaction {
                    Ok(transaction) => P::write_all(all, transaction).await,
                    Err(error) => Err(error),
                };
                let worked = outcome.as_ref().map(drop).map_err(Clone::clone);
                let done: Done = Box::new(move |committed| match committed.and(outcome) {
                    Ok(answers) => {
                        for (waiting, answer) in waiting.into_iter().zip(answers) {
                            drop(waiting.send(Ok(answer)));
                        }
                    }
                    Err(error) => {
                        for waiting in waiting {
                            drop(waiting.send(Err(error.clone())));
                        }
                    }
                });
                (worked, done)
            })
        })
    }
}

/// Where small writes are handed in.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    database: Database,
    queue: mpsc::Sender<(Flush, Job)>,
}

impl Writer {
    pub(crate) fn new(database: Database) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(write_together(database.clone(), jobs));
        Self { database, queue }
    }

    /// Does the work and answers once it is committed. Work is one statement, or fit to be done in part.
    pub(crate) async fn write<T, F>(&self, flush: Flush, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t DatabaseTransaction) -> Work<'t, T> + Send + 'static,
    {
        if self.database.is_postgres() {
            let transaction = self.database.begin(flush).await?;
            let value = work(&transaction).await?;
            self.database.commit(transaction).await?;
            return Ok(value);
        }
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
        self.queue
            .send((flush, job))
            .await
            .map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// The same with all others of its kind that wait.
    pub(crate) async fn pile<P: Piled>(
        &self,
        pile: &Pile<P>,
        one: P,
    ) -> Result<P::Answer, StoreError> {
        if self.database.is_postgres() && !P::ON_POSTGRES {
            let answers = self
                .write(P::FLUSH, |transaction| P::write_all(vec![one], transaction))
                .await?;
            return answers.into_iter().next().ok_or(StoreError::Closed);
        }
        let (answer, answered) = oneshot::channel();
        let place = self.queue.reserve().await;
        let place = place.map_err(|_| StoreError::Closed)?;
        // Nobody can go away between the two: what is on a pile is always asked for.
        if pile.put(one, answer) {
            place.send((P::FLUSH, pile.job()));
        }
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
