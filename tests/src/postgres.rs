//! Throw-away databases and roles on the PostgreSQL servers that `tests/run` starts.
#![expect(
    clippy::expect_used,
    reason = "a harness that can't go on fails its test"
)]

mod own;
mod store;
mod target;

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::PathBuf;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

pub use own::{OwnServer, Stop};
pub use store::StoreDatabase;
pub use target::{Target, say};

/// Which of the servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// Debian's, where a membership has one row, whoever granted it.
    Fifteen,
    /// The newest, where each grantor has a row.
    Newest,
    /// A test's own, that lets everybody in.
    Own {
        /// Where it listens.
        port: u16,
    },
}

impl Server {
    /// Every server that stands there, for tests that must hold on each.
    pub const ALL: [Self; 2] = [Self::Fifteen, Self::Newest];

    /// A superuser's way in. Fails loudly when `tests/run` didn't start the server.
    pub fn superuser(self) -> PgConnectOptions {
        let given = |key| setting(key).unwrap_or_else(|| missing(key));
        let url = match self {
            Self::Fifteen => given("BREAKGLASS_TEST_POSTGRES_15"),
            Self::Newest => given("BREAKGLASS_TEST_POSTGRES_18"),
            Self::Own { port } => format!("postgres://postgres@127.0.0.1:{port}/postgres"),
        };
        url.parse::<PgConnectOptions>()
            .expect("tests/run gives a URL")
            .disable_statement_logging()
    }
}

#[expect(clippy::panic, reason = "a test without its server must not pass")]
fn missing(key: &str) -> ! {
    panic!("{key} is not set: run the tests with tests/run, which starts the servers")
}

/// The authority that signed the certificate of [`Server::Fifteen`]; the newest has none.
pub fn authority() -> PathBuf {
    let key = "BREAKGLASS_TEST_AUTHORITY";
    setting(key).unwrap_or_else(|| missing(key)).into()
}

fn setting(key: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests are configured by tests/run alone"
    )]
    std::env::var(key).ok()
}

/// One database of its own on a server, with a superuser's connection to it.
#[derive(Debug)]
pub struct Database {
    /// Which server it is on.
    pub server: Server,
    /// What it is called there; also a prefix for roles that nobody else uses.
    pub name: String,
    connection: PgConnection,
}

impl Database {
    /// Makes a database. It goes away with the server.
    pub async fn create(server: Server) -> Self {
        let name = unique_name();
        let superuser = server.superuser();
        let mut first = superuser.connect().await.expect("a superuser can connect");
        let create = format!("CREATE DATABASE {name}");
        sqlx::raw_sql(AssertSqlSafe(create))
            .execute(&mut first)
            .await
            .expect("a new database");
        first.close().await.expect("goodbye");
        let connection = superuser
            .database(&name)
            .connect()
            .await
            .expect("the new database");
        Self {
            server,
            name,
            connection,
        }
    }

    /// Runs statements as the superuser.
    pub async fn run(&mut self, sql: impl Into<String>) {
        let sql = sql.into();
        let done = sqlx::raw_sql(AssertSqlSafe(sql.clone()))
            .execute(&mut self.connection)
            .await;
        done.unwrap_or_else(|error| panic_with(&sql, &error));
    }

    /// The single value that a query answers as the superuser, as text.
    pub async fn ask(&mut self, sql: impl Into<String>) -> Option<String> {
        let sql = format!("SELECT ({})::text", sql.into());
        let answer = sqlx::query_scalar(AssertSqlSafe(sql.clone())).fetch_one(&mut self.connection);
        answer
            .await
            .unwrap_or_else(|error| panic_with(&sql, &error))
    }

    /// Waits until a query answers this, for at most 10 s.
    pub async fn until(&mut self, sql: &str, answer: &str) {
        let wait = async {
            while self.ask(format!("({sql})")).await.as_deref() != Some(answer) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let wait = tokio::time::timeout(Duration::from_secs(10), wait).await;
        wait.unwrap_or_else(|_| panic_with(sql, &format!("never answers {answer}")));
    }

    /// How `login` with `password` gets to this database.
    pub fn options(&self, login: &str, password: &str) -> PgConnectOptions {
        self.server
            .superuser()
            .database(&self.name)
            .username(login)
            .password(password)
            .disable_statement_logging()
    }

    /// The same as a URL. The login and the password must be plain letters, digits and `_`.
    pub fn url(&self, login: &str, password: &str) -> String {
        let superuser = self.server.superuser();
        let (host, port) = (superuser.get_host(), superuser.get_port());
        format!("postgres://{login}:{password}@{host}:{port}/{}", self.name)
    }
}

#[expect(clippy::panic, reason = "a harness that can't go on fails its test")]
fn panic_with(sql: &str, error: &dyn std::fmt::Display) -> ! {
    panic!("{sql}: {error}")
}

/// A name that no other test uses, of this run or another.
fn unique_name() -> String {
    let random = RandomState::new().build_hasher().finish();
    format!("t{random:016x}")
}
