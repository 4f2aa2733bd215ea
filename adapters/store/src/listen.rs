//! Hearing of other replicas' commits, so that what they demand or plan isn't left to the next poll.

use std::time::Duration;

use sea_orm::sqlx::{self, postgres::PgListener};
use sea_orm::{DatabaseConnection, DbErr, EntityTrait, RuntimeErr};
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::appender::Status;
use crate::database::Database;
use crate::entity::head;
use crate::error::StoreError;
use crate::number::from_db;

/// The channel that a commit is told on, with the size of the log.
pub(crate) const CHANNEL: &str = "breakglass_log";

/// How long to wait before listening is tried again; meanwhile the polls of whoever waits find what there is.
const PAUSE: Duration = Duration::from_secs(1);

/// Starts listening. It ends when nobody looks at the status any more.
pub(crate) fn spawn(database: &Database, status: watch::Sender<Status>) -> AbortHandle {
    let reader = database.reader.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = status.closed() => {}
            () = listen_for_ever(&reader, &status) => {}
        }
    })
    .abort_handle()
}

async fn listen_for_ever(reader: &DatabaseConnection, status: &watch::Sender<Status>) {
    loop {
        if let Err(error) = listen(reader, status).await {
            tracing::warn!(
                ?error,
                "can't hear of other replicas' commits; polling meanwhile"
            );
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn listen(
    reader: &DatabaseConnection,
    status: &watch::Sender<Status>,
) -> Result<(), StoreError> {
    let gone = |error: sqlx::Error| DbErr::Conn(RuntimeErr::SqlxError(error.into()));
    let pool = reader.get_postgres_connection_pool();
    let mut listener = PgListener::connect_with(pool).await.map_err(gone)?;
    listener.listen(CHANNEL).await.map_err(gone)?;
    // What was committed before we listened.
    let head = head::Entity::find_by_id(1_i16).one(reader).await?;
    publish(status, head.map_or(0, |head| from_db(head.size)));
    loop {
        let told = listener.recv().await.map_err(gone)?;
        publish(status, told.payload().parse().unwrap_or(0));
    }
}

fn publish(status: &watch::Sender<Status>, size: u64) {
    status.send_if_modified(|status| {
        let news = size > status.size;
        status.size = status.size.max(size);
        news
    });
}
