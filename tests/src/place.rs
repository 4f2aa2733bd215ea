//! Where a benchmark keeps its store: an SQLite file, or a database of its own on the tests' PostgreSQL.
#![expect(
    clippy::expect_used,
    reason = "a harness that can't go on fails its test"
)]

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file on this machine.
    Sqlite,
    /// The server that `BREAKGLASS_TEST_POSTGRES` names.
    Postgres,
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    /// As it stands in a table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// An empty database, in a folder that goes away with it.
#[derive(Debug)]
pub struct Place {
    /// How to connect.
    pub url: String,
    folder: TempDir,
}

impl Place {
    /// A new one; nothing where `tests/run` started no server.
    pub async fn new(kind: Kind) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let url = match kind {
            Kind::Sqlite => format!("sqlite://{}", folder.path().join("bench.db").display()),
            Kind::Postgres => postgres(&folder).await?,
        };
        Some(Self { url, folder })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

async fn postgres(folder: &TempDir) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests/run says where its server is"
    )]
    let url = std::env::var("BREAKGLASS_TEST_POSTGRES").ok()?;
    let unique = folder.path().file_name()?.to_str()?;
    let name = format!("b_{}", unique.trim_start_matches('.').to_lowercase());
    let mut server = PgConnection::connect(&url).await.expect("the server");
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&mut server)
        .await
        .expect("a database");
    Some(format!("{}/{name}", url.rsplit_once('/')?.0))
}
