//! The connection to SQLite or PostgreSQL, and what has to be done before there is a store in it.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use breakglass_migrations::Migrator;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    PaginatorTrait, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use crate::entity::{event, head};
use crate::error::StoreError;

/// Connections at the same time: enough for the appender, the workers and the readers of one replica.
const CONNECTIONS_MAX: u32 = 16;

/// Readers of an SQLite file at the same time, beside its one writer.
const SQLITE_READERS_MAX: u32 = 4;

/// How long to wait for a connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// How our connections are called in PostgreSQL, before the name of whose they are.
pub(crate) const CALLED: &str = "breakglass ";

/// No statement of ours takes longer than that.
const STATEMENT_WITHIN: Duration = Duration::from_secs(15);

/// The database, connected. SQLite has one connection that writes and several that read.
#[derive(Debug, Clone)]
pub struct Database {
    pub(crate) writer: DatabaseConnection,
    pub(crate) reader: DatabaseConnection,
    /// What it is called in its claims; no two have the same name. PostgreSQL knows our connections by it.
    pub(crate) worker: String,
    #[cfg(feature = "slow-flush")]
    slow_flush: Duration,
}

/// How far the tables are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The step's name.
    pub name: String,
    /// Was it taken?
    pub applied: bool,
}

impl Database {
    /// Connects to `sqlite://FILE`, which is made if it isn't there, or `postgres://…`.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let worker = format!("{}-{:08x}", std::process::id(), random());
        if url.starts_with("sqlite:") {
            let writer = sea_orm::Database::connect(sqlite(url, 1)).await?;
            let reader = sea_orm::Database::connect(sqlite(url, SQLITE_READERS_MAX)).await?;
            return Ok(Self::of(writer, reader, worker));
        }
        let mut options = plain(url, CONNECTIONS_MAX);
        options
            .set_application_name(format!("{CALLED}{worker}"))
            .statement_timeout(STATEMENT_WITHIN);
        let pool = sea_orm::Database::connect(options).await?;
        Ok(Self::of(pool.clone(), pool, worker))
    }

    fn of(writer: DatabaseConnection, reader: DatabaseConnection, worker: String) -> Self {
        Self {
            writer,
            reader,
            worker,
            #[cfg(feature = "slow-flush")]
            slow_flush: Duration::ZERO,
        }
    }

    /// Makes each commit take this much longer, while it holds all its locks, as on a slower disk.
    #[cfg(feature = "slow-flush")]
    #[must_use]
    pub fn with_slow_flush(mut self, longer: Duration) -> Self {
        self.slow_flush = longer;
        self
    }

    /// Is it PostgreSQL, where other replicas may write too?
    pub fn is_postgres(&self) -> bool {
        self.writer.get_database_backend() == DbBackend::Postgres
    }

    /// Takes the steps that are missing.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        Ok(Migrator::up(&self.writer, None).await?)
    }

    /// All steps, oldest first. Changes nothing.
    pub async fn steps(&self) -> Result<Vec<Step>, StoreError> {
        let steps = Migrator::get_migration_with_status_read_only(&self.reader).await?;
        let applied = sea_orm_migration::MigrationStatus::Applied;
        let step = |step: &sea_orm_migration::Migration| Step {
            name: step.name().to_owned(),
            applied: step.status() == applied,
        };
        Ok(steps.iter().map(step).collect())
    }

    /// Grants the server's own role what it needs, where `self` is connected as the tables' owner.
    pub async fn grant_rights(&self, role: &str) -> Result<(), StoreError> {
        Ok(breakglass_migrations::grant_rights(&self.writer, role).await?)
    }

    /// Has nothing ever been written to the log? Only then may its key be made.
    pub async fn is_log_empty(&self) -> Result<bool, StoreError> {
        let heads = head::Entity::find().count(&self.reader).await?;
        let records = event::Entity::find().count(&self.reader).await?;
        Ok(heads == 0 && records == 0)
    }

    /// Begins a transaction that writes.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.writer.begin_with_options(options).await
    }

    /// Commits what [`Self::begin`] began.
    pub(crate) async fn commit(&self, transaction: DatabaseTransaction) -> Result<(), DbErr> {
        #[cfg(feature = "slow-flush")]
        tokio::time::sleep(self.slow_flush).await;
        transaction.commit().await
    }

    /// Closes all connections; for SQLite this also tidies up its side files.
    pub async fn close(self) -> Result<(), StoreError> {
        self.reader.close().await?;
        Ok(self.writer.close().await?)
    }
}

/// Not secret, and no two alike.
fn random() -> u32 {
    let hash = RandomState::new().hash_one(std::process::id());
    u32::try_from(hash >> 32).unwrap_or_default()
}

fn plain(url: &str, connections_max: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections_max)
        .connect_timeout(CONNECT_WITHIN)
        .acquire_timeout(CONNECT_WITHIN)
        .sqlx_logging(false);
    options
}

/// Every commit is on the disk before it is answered (`FULL`), and readers don't wait for the writer (WAL).
fn sqlite(url: &str, connections_max: u32) -> ConnectOptions {
    let mut options = plain(url, connections_max);
    options.map_sqlx_sqlite_opts(|options| {
        options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(CONNECT_WITHIN)
    });
    options
}
