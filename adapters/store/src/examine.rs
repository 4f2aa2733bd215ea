//! What the database says of itself: its clock, what guards the log, and what our role could do to it.

use breakglass_core::time::Timestamp;
use sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::database::Database;
use crate::error::StoreError;

/// The triggers that keep records and policies from being changed.
const GUARDS_SQLITE: [&str; 6] = [
    "event_no_delete",
    "event_no_replace",
    "event_no_update",
    "policy_no_delete",
    "policy_no_replace",
    "policy_no_update",
];

/// The same on PostgreSQL.
const GUARDS_POSTGRES: [&str; 2] = ["event_append_only", "policy_append_only"];

/// What the database says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// Triggers that should be there, enabled, and aren't.
    pub unguarded: Vec<String>,
    /// Tables whose triggers our role could drop: it owns them, or may act as who does. Always empty for a file,
    /// where whoever may write it may do anything.
    pub owned: Vec<String>,
}

impl Database {
    /// The database's clock; for a file, this machine's.
    pub async fn now(&self) -> Result<Timestamp, StoreError> {
        let sql = if self.is_postgres() {
            "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS it"
        } else {
            "SELECT CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER) AS it"
        };
        let statement = Statement::from_string(self.reader.get_database_backend(), sql);
        let row = self.reader.query_one_raw(statement).await?;
        let millis = row.ok_or(StoreError::Missing("time"))?.try_get("", "it")?;
        Ok(Timestamp::from_millis(millis))
    }

    /// What guards the log.
    pub async fn surroundings(&self) -> Result<Surroundings, StoreError> {
        let (there, owned) = if self.is_postgres() {
            (
                self.names(TRIGGERS_POSTGRES).await?,
                self.names(OWNED).await?,
            )
        } else {
            (self.names(TRIGGERS_SQLITE).await?, Vec::new())
        };
        let wanted: &[&str] = if self.is_postgres() {
            &GUARDS_POSTGRES
        } else {
            &GUARDS_SQLITE
        };
        let is_missing = |guard: &&&str| !there.iter().any(|found| found == **guard);
        let unguarded = wanted
            .iter()
            .filter(is_missing)
            .map(ToString::to_string)
            .collect();
        Ok(Surroundings { unguarded, owned })
    }

    async fn names(&self, sql: &str) -> Result<Vec<String>, DbErr> {
        let statement = Statement::from_string(self.reader.get_database_backend(), sql);
        let rows = self.reader.query_all_raw(statement).await?;
        rows.iter().map(|row| row.try_get("", "it")).collect()
    }
}

const TRIGGERS_SQLITE: &str = "SELECT name AS it FROM sqlite_master WHERE type = 'trigger'";

const TRIGGERS_POSTGRES: &str = "
SELECT t.tgname::text AS it
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = current_schema()::regnamespace AND t.tgenabled IN ('O', 'A')";

const OWNED: &str = "
SELECT c.relname::text AS it
FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
    AND c.relname IN ('event', 'policy', 'head') AND pg_has_role(c.relowner, 'MEMBER')
ORDER BY 1";
