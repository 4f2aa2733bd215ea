//! What is answered after a flush, and what needs none.

use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement};

use super::fixture::Fresh;
use super::{Place, on_both};
use crate::database::Flush;

on_both!(only_what_may_be_lost_is_committed_without_a_flush);

/// The setting, as the database has it for this transaction. Each begins after one of the other kind, which must
/// leave nothing behind.
async fn only_what_may_be_lost_is_committed_without_a_flush(place: Place) {
    let fresh = Fresh::new(place).await;
    let database = fresh.database().await;
    let (sql, now, later) = match place {
        Place::Sqlite => ("PRAGMA synchronous", "2", "1"),
        Place::Postgres => ("SHOW synchronous_commit", "on", "off"),
    };
    for (flush, expected) in [
        (Flush::Now, now),
        (Flush::Later, later),
        (Flush::Now, now),
        (Flush::Later, later),
        (Flush::Later, later),
        (Flush::Now, now),
    ] {
        let writing = database.begin(flush).await.unwrap();
        assert_eq!(asked(&writing, sql).await, expected, "{flush:?}");
        database.commit(writing).await.unwrap();
    }
}

async fn asked(transaction: &DatabaseTransaction, sql: &str) -> String {
    let statement = Statement::from_string(transaction.get_database_backend(), sql);
    let row = transaction.query_one_raw(statement).await.unwrap().unwrap();
    let text: Result<String, _> = row.try_get_by_index(0);
    text.unwrap_or_else(|_| row.try_get_by_index::<i64>(0).unwrap().to_string())
}
