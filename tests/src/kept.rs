//! Where a server keeps its store, and a way in for whoever owns that database.
#![expect(
    clippy::expect_used,
    reason = "a harness that can't go on fails its test"
)]

use std::path::PathBuf;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row as _};

use crate::postgres::{Server, StoreDatabase};

/// Which kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// A file.
    Sqlite,
    /// A server, with an owner of the tables and a role that owns none, as `docs/running.md` says.
    Postgres(Server),
}

/// The store's database, as its superuser has it.
#[derive(Debug)]
pub enum Kept {
    /// The file.
    Sqlite(PathBuf),
    /// On a server.
    Postgres(Box<StoreDatabase>),
}

impl Kept {
    /// A new one; a file in `folder`.
    pub async fn create(store: Store, folder: &std::path::Path) -> Self {
        match store {
            Store::Sqlite => Self::Sqlite(folder.join("breakglass.db")),
            Store::Postgres(server) => {
                Self::Postgres(Box::new(StoreDatabase::create(server).await))
            }
        }
    }

    /// Changes something behind the server's back: triggers keep nobody from it.
    pub async fn meddle(&mut self, sql: impl Into<String>) {
        let sql = sql.into();
        match self {
            Self::Postgres(store) => {
                let off = "SET session_replication_role = replica";
                store.database.run(format!("{off}; {sql}")).await;
            }
            Self::Sqlite(_) => {
                let mut file = self.open().await;
                let triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'";
                let triggers = sqlx::query(triggers).fetch_all(&mut file).await;
                let triggers = triggers.expect("its triggers");
                let drop = triggers
                    .iter()
                    .map(|row| format!("DROP TRIGGER {};", row.get::<String, _>(0)));
                let make = triggers
                    .iter()
                    .map(|row| format!("{};", row.get::<String, _>(1)));
                let drop: String = drop.collect();
                let make: String = make.collect();
                let all = format!("BEGIN IMMEDIATE; {drop} {sql}; {make} COMMIT");
                let done = sqlx::raw_sql(AssertSqlSafe(all)).execute(&mut file).await;
                done.expect("it is changed");
                file.close().await.expect("goodbye");
            }
        }
    }

    /// The single value that a query answers, as text.
    pub async fn ask(&mut self, sql: impl Into<String>) -> Option<String> {
        match self {
            Self::Postgres(store) => store.database.ask(sql).await,
            Self::Sqlite(_) => {
                let mut file = self.open().await;
                let sql = format!("SELECT CAST(({}) AS TEXT)", sql.into());
                let answer = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut file);
                let answer = answer.await.expect("an answer");
                file.close().await.expect("goodbye");
                answer
            }
        }
    }

    /// Bytes, as they are written in a statement.
    pub fn blob(&self, bytes: &[u8]) -> String {
        use std::fmt::Write as _;
        let mut hex = String::new();
        for byte in bytes {
            write!(hex, "{byte:02x}").expect("a string takes it");
        }
        match self {
            Self::Sqlite(_) => format!("X'{hex}'"),
            Self::Postgres(_) => format!("'\\x{hex}'::bytea"),
        }
    }

    async fn open(&self) -> SqliteConnection {
        let Self::Sqlite(file) = self else {
            unreachable!("only a file is opened")
        };
        let options = SqliteConnectOptions::new()
            .filename(file)
            .busy_timeout(std::time::Duration::from_secs(10));
        options
            .disable_statement_logging()
            .connect()
            .await
            .expect("the file opens")
    }
}
