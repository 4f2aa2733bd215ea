//! The one writer of the log in this process: it takes what waits, decides it all on the newest state while
//! it holds the lock on the head, and commits once.

mod attempt;
mod batch;
mod deciding;
mod fold;
mod load;
mod save;
mod writes;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use breakglass_core::id::{HoldingId, RequestId};
use breakglass_core::refusal::Refusal;
use breakglass_core::state::{Holding, Request, State};
use breakglass_core::time::Timestamp;
use sea_orm::DbErr;
use sea_orm::sqlx::error::DatabaseError;
use tokio::sync::{mpsc, oneshot, watch};

use crate::database::Database;
use crate::distrust::Distrust;
use crate::error::StoreError;
use crate::outbox::{Hands, Hold, Reached};
use crate::policies::Policies;
use crate::submission::{Committed, Decide, Submission};
use crate::trust::Trust;

/// Counter. Commits to the log, each of as many commands as waited.
pub const COMMITS: &str = "breakglass_commits_total";

/// Commands in one commit. More would keep the first of them waiting for the last.
const TOGETHER_MAX: usize = 256;

/// Commands that may wait before a caller has to.
const QUEUE_MAX: usize = 1024;

/// How often a batch is begun again that the database gave up to end a deadlock.
const TRIES_MAX: u32 = 5;

/// A batch that takes longer is given up: the connection hangs.
const BATCH_WITHIN: Duration = Duration::from_secs(15);

/// What became of a command: written down, or refused.
pub type Verdict = Result<Committed, Refusal>;

/// How long we wait before we ask again whether a commit landed.
const PAUSE: Duration = Duration::from_millis(300);

/// A holding as it is known to be before its target is called, with the requests whose grants it serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folded {
    /// The holding.
    pub holding: Holding,
    /// The requests, as they were when it was looked at.
    pub requests: BTreeMap<RequestId, Request>,
}

impl Folded {
    pub(crate) fn of(holding: Holding, state: &State) -> Self {
        let requests = holding.grants.keys();
        let requests = requests.filter_map(|id| state.requests.get_key_value(id));
        Self {
            requests: requests
                .map(|(id, request)| (*id, request.clone()))
                .collect(),
            holding,
        }
    }
}

/// Something for the appender to do.
#[derive(Debug)]
pub(crate) enum Task {
    /// With the hold on the errand that it reports on.
    Submit(
        Box<Submission>,
        Option<Hold>,
        oneshot::Sender<Result<Verdict, StoreError>>,
    ),
    /// Somebody found that the database isn't as we left it.
    Distrust(Distrust),
    /// Take nothing more; do what is there, and end.
    Close,
}

/// A holding to be looked at. It doesn't wait for the commands that came before it: where much ends together, the first of it
/// is taken away while the last is written down.
#[derive(Debug)]
pub(crate) struct Fold(
    pub(crate) HoldingId,
    pub(crate) oneshot::Sender<Result<Folded, StoreError>>,
);

/// Where things are handed to the appender.
#[derive(Debug)]
pub(crate) struct Queues {
    pub(crate) tasks: mpsc::Sender<Task>,
    pub(crate) folds: mpsc::Sender<Fold>,
}

/// What others in this process may know of the appender without asking it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// How many records the log has, as far as this replica knows.
    pub size: u64,
    /// The newest signed head.
    pub checkpoint: String,
    /// The newest record, and the root of the log up to it in short, as people are shown them.
    pub mark: (u64, String),
    /// When the newest record was made, as far as this replica knows.
    pub newest_at: Timestamp,
    /// Why nothing is granted any more, if that is so.
    pub distrust: Option<Distrust>,
}

/// The appender's own things.
#[derive(Debug)]
pub(crate) struct Appender {
    pub(crate) database: Database,
    pub(crate) decide: Arc<dyn Decide>,
    pub(crate) reached: Reached,
    pub(crate) hands: Arc<Hands>,
    pub(crate) policies: Policies,
    pub(crate) belief: Result<Trust, Distrust>,
    pub(crate) status: watch::Sender<Status>,
}

impl Appender {
    /// Starts the task. It ends when every sender is gone and all that waited is done.
    pub(crate) fn spawn(mut self) -> (Queues, tokio::task::JoinHandle<()>) {
        let (to_tasks, mut tasks) = mpsc::channel(QUEUE_MAX);
        let (to_folds, mut folds) = mpsc::channel(QUEUE_MAX);
        self.publish();
        let handle = tokio::spawn(async move {
            let (mut submitted, mut asked) = (Vec::new(), Vec::new());
            loop {
                tokio::select! {
                    some = tasks.recv_many(&mut submitted, TOGETHER_MAX) => if some == 0 { return },
                    _ = folds.recv_many(&mut asked, TOGETHER_MAX) => {}
                }
                while submitted.len() < TOGETHER_MAX
                    && let Ok(task) = tasks.try_recv()
                {
                    submitted.push(task);
                }
                while asked.len() < TOGETHER_MAX
                    && let Ok(fold) = folds.try_recv()
                {
                    asked.push(fold);
                }
                if submitted.iter().any(|task| matches!(task, Task::Close)) {
                    tasks.close();
                }
                self.run(submitted.split_off(0), asked.split_off(0)).await;
            }
        });
        let queues = Queues {
            tasks: to_tasks,
            folds: to_folds,
        };
        (queues, handle)
    }

    /// No time is spent waiting for more to come: while one batch commits, the next one gathers.
    async fn run(&mut self, mut tasks: Vec<Task>, folds: Vec<Fold>) {
        for task in tasks.extract_if(.., |task| matches!(task, Task::Distrust(_))) {
            if let Task::Distrust(distrust) = task {
                self.stop_believing(distrust);
            }
        }
        let mut batch = batch::Batch::new(tasks, folds);
        let mut tries = 1;
        let outcome = loop {
            let attempt = tokio::time::timeout(BATCH_WITHIN, self.attempt(&mut batch)).await;
            let outcome = attempt.unwrap_or_else(|_| Err(timed_out()));
            match outcome {
                Err(error) if batch.committing.is_some() => {
                    break self.find_out(&batch, error).await;
                }
                Err(StoreError::Database(error)) if tries < TRIES_MAX && is_passing(&error) => {
                    tries += 1;
                }
                outcome => break outcome,
            }
        };
        if let Err(StoreError::Untrusted(distrust)) = &outcome {
            self.stop_believing(distrust.clone());
        }
        batch.hand_over(&self.hands, &outcome);
        self.publish();
        batch.answer(outcome);
    }

    fn stop_believing(&mut self, distrust: Distrust) {
        if self.belief.is_ok() {
            tracing::error!(%distrust, "the database can't be trusted any more: nothing is granted");
            self.belief = Err(distrust);
        }
    }

    fn publish(&self) {
        self.status.send_if_modified(|status| {
            let old = status.clone();
            match &self.belief {
                Ok(trust) => {
                    status.size = status.size.max(trust.head.size);
                    status.newest_at = trust.newest_at;
                    trust.note().clone_into(&mut status.checkpoint);
                    status.mark = (trust.head.size.saturating_sub(1), trust.head.root.short());
                }
                Err(distrust) => status.distrust = Some(distrust.clone()),
            }
            *status != old
        });
    }
}

fn timed_out() -> StoreError {
    StoreError::Database(DbErr::Custom("no answer in time".to_owned()))
}

/// Two replicas got in each other's way, and the database chose us to give in: SQLSTATE class 40.
fn is_passing(error: &DbErr) -> bool {
    let (DbErr::Exec(runtime) | DbErr::Query(runtime)) = error else {
        return false;
    };
    let sea_orm::RuntimeErr::SqlxError(error) = runtime else {
        return false;
    };
    let code = error.as_database_error().and_then(DatabaseError::code);
    code.is_some_and(|code| code.len() == 5 && code.starts_with("40"))
}
