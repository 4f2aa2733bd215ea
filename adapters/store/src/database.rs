//! The connection to SQLite or PostgreSQL, and what has to be done before there is a store in it.

use std::hash::{BuildHasher as _, RandomState};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use breakglass_migrations::Migrator;
use sea_orm::sqlx::Connection as _;
use sea_orm::sqlx::error::DatabaseError;
use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    EntityTrait, QuerySelect, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use tokio::sync::{Mutex, OwnedMutexGuard};

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

/// Pages of an SQLite file that its writer keeps in memory, in KiB. A whole batch changes a few MB, and what doesn't
/// fit is written twice and read back.
const SQLITE_CACHE_KIB: u32 = 8 * 1024;

/// The same for each of its readers, which look at few pages at a time.
const SQLITE_READER_CACHE_KIB: u32 = 1024;

/// Statements that a connection keeps ready. One of a big batch takes some 100 KB, and hardly ever comes again as it was.
const STATEMENTS_KEPT: usize = 32;

/// Rows that an SQLite connection's thread reads ahead of whoever asked: those of a whole batch mostly, as each time it has to
/// wait costs two turns of a processor.
const SQLITE_ROWS_AHEAD: usize = 1_024;

/// Pages after which an SQLite log of changes is moved into the file: some batches, so that few commits wait for it.
const SQLITE_CHECKPOINT_PAGES: u32 = 4_000;

/// The database, connected. SQLite has one connection that writes and several that read.
#[derive(Debug, Clone)]
pub struct Database {
    pub(crate) writer: DatabaseConnection,
    pub(crate) reader: DatabaseConnection,
    /// Held by whoever writes to an SQLite file, with how its connection flushes just now.
    turn: Arc<Mutex<Flush>>,
    /// What it is called in its claims; no two have the same name. PostgreSQL knows our connections by it.
    pub(crate) worker: String,
    #[cfg(feature = "slow-flush")]
    slow_flush: Duration,
}

/// When what is committed is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flush {
    /// Before the commit is answered.
    Now,
    /// With the next commit that is flushed. Other connections see it at once and a crash of ours loses nothing; a
    /// power failure may, and then nothing that came later is there either.
    Later,
}

/// A transaction that writes.
#[derive(Debug)]
pub(crate) struct Writing {
    transaction: DatabaseTransaction,
    _turn: Option<OwnedMutexGuard<Flush>>,
}

impl Deref for Writing {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.transaction
    }
}

impl Writing {
    /// Leaves all as it was.
    pub(crate) async fn rollback(self) -> Result<(), DbErr> {
        self.transaction.rollback().await
    }
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
            let readers = (SQLITE_READERS_MAX, SQLITE_READER_CACHE_KIB);
            let writer = sea_orm::Database::connect(sqlite(url, (1, SQLITE_CACHE_KIB))).await?;
            let reader = sea_orm::Database::connect(sqlite(url, readers)).await?;
            return Ok(Self::of(writer, reader, worker));
        }
        let mut options = plain(url, CONNECTIONS_MAX);
        options
            .set_application_name(format!("{CALLED}{worker}"))
            .statement_timeout(STATEMENT_WITHIN)
            .map_sqlx_postgres_opts(|options| options.statement_cache_capacity(STATEMENTS_KEPT));
        let pool = sea_orm::Database::connect(options).await?;
        Ok(Self::of(pool.clone(), pool, worker))
    }

    /// Why a PostgreSQL server doesn't let us in, in its own words; a pool says only that it waited too long. Absent if it does.
    pub async fn refusal(url: &str) -> Option<String> {
        let error = PgConnection::connect(url).await.err()?;
        let told = error.as_database_error().map(DatabaseError::message);
        Some(told.map_or_else(|| error.to_string(), str::to_owned))
    }

    fn of(writer: DatabaseConnection, reader: DatabaseConnection, worker: String) -> Self {
        Self {
            writer,
            reader,
            turn: Arc::new(Mutex::new(Flush::Now)),
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
        let head: Option<i16> = head::Entity::find()
            .select_only()
            .column(head::Column::Id)
            .into_tuple()
            .one(&self.reader)
            .await?;
        let record: Option<i64> = event::Entity::find()
            .select_only()
            .column(event::Column::Seq)
            .into_tuple()
            .one(&self.reader)
            .await?;
        Ok(head.is_none() && record.is_none())
    }

    /// Begins a transaction that writes.
    pub(crate) async fn begin(&self, flush: Flush) -> Result<Writing, DbErr> {
        if self.is_postgres() {
            let transaction = self.writer.begin().await?;
            if flush == Flush::Later {
                transaction
                    .execute_unprepared("SET LOCAL synchronous_commit = off")
                    .await?;
            }
            return Ok(Writing {
                transaction,
                _turn: None,
            });
        }
        let mut turn = Arc::clone(&self.turn).lock_owned().await;
        if *turn != flush {
            self.writer.execute_unprepared(synchronous(flush)).await?;
            *turn = flush;
        }
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(Writing {
            transaction: self.writer.begin_with_options(options).await?,
            _turn: Some(turn),
        })
    }

    /// Commits what [`Self::begin`] began.
    pub(crate) async fn commit(&self, writing: Writing) -> Result<(), DbErr> {
        #[cfg(feature = "slow-flush")]
        tokio::time::sleep(self.slow_flush).await;
        writing.transaction.commit().await
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

/// What SQLite calls it. In a WAL, `NORMAL` keeps the order of commits and doesn't flush each.
/// <https://www.sqlite.org/pragma.html#pragma_synchronous>
const fn synchronous(flush: Flush) -> &'static str {
    match flush {
        Flush::Now => "PRAGMA synchronous = FULL",
        Flush::Later => "PRAGMA synchronous = NORMAL",
    }
}

/// Unless it is said otherwise, every commit is on the disk before it is answered (`FULL`), and readers don't wait for the writer (WAL).
fn sqlite(url: &str, (connections_max, cache_kib): (u32, u32)) -> ConnectOptions {
    let mut options = plain(url, connections_max);
    // There is no server that could have gone away meanwhile, and asking is a hop to the connection's thread.
    options.test_before_acquire(false);
    options.map_sqlx_sqlite_opts(move |options| {
        options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("cache_size", format!("-{cache_kib}"))
            .pragma("wal_autocheckpoint", SQLITE_CHECKPOINT_PAGES.to_string())
            .busy_timeout(CONNECT_WITHIN)
            .row_buffer_size(SQLITE_ROWS_AHEAD)
            .statement_cache_capacity(STATEMENTS_KEPT)
    });
    // A failed write makes SQLite roll back by itself. The driver still counts a transaction then, and could never
    // begin another on that connection. <https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction>
    options.map_sqlx_sqlite_pool_opts(|pool| {
        pool.before_acquire(|connection, _| {
            let is_free = !connection.is_in_transaction();
            Box::pin(async move { Ok(is_free) })
        })
    });
    options
}
