//! The steps on real databases.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement,
};

use super::{Migrator, grant_rights};

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap()
}

/// A database of its own; the folder goes away with the test, the PostgreSQL database with its server.
async fn fresh(backend: DbBackend, folder: &tempfile::TempDir) -> DatabaseConnection {
    if backend == DbBackend::Postgres {
        return connect(&fresh_postgres(folder).await).await;
    }
    connect(&format!(
        "sqlite://{}?mode=rwc",
        folder.path().join("test.db").display()
    ))
    .await
}

async fn fresh_postgres(folder: &tempfile::TempDir) -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests/run says where its server is"
    )]
    let url = std::env::var("BREAKGLASS_TEST_POSTGRES")
        .expect("BREAKGLASS_TEST_POSTGRES is not set: run the tests with tests/run");
    let unique = folder.path().file_name().unwrap().to_str().unwrap();
    let name = format!("m_{}", unique.trim_start_matches('.').to_lowercase());
    connect(&url)
        .await
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    let (server, _) = url.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

async fn refused(database: &DatabaseConnection, sql: &str, why: &str) {
    let error = database.execute_unprepared(sql).await.expect_err(sql);
    assert!(error.to_string().contains(why), "{sql}: {error}");
}

const RECORD: &str = "INSERT INTO event (seq, bytes, nodes, at) VALUES (1, 'one', 'two', 3)";
const POLICY: &str = "INSERT INTO policy (hash, body, kept_at) VALUES ('h', 'text', 1)";

async fn the_log_only_grows(backend: DbBackend) -> DatabaseConnection {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh(backend, &folder).await;
    Migrator::up(&database, None).await.unwrap();
    Migrator::up(&database, None).await.unwrap();
    database.execute_unprepared(RECORD).await.unwrap();
    database.execute_unprepared(POLICY).await.unwrap();
    for table in ["event", "policy"] {
        refused(&database, &format!("DELETE FROM {table}"), "append-only").await;
    }
    refused(&database, "UPDATE event SET bytes = 'x'", "append-only").await;
    refused(&database, "UPDATE policy SET body = 'x'", "append-only").await;
    database
}

#[tokio::test]
async fn the_log_only_grows_on_sqlite() {
    let database = the_log_only_grows(DbBackend::Sqlite).await;
    let replace = RECORD.replace("INSERT", "INSERT OR REPLACE");
    refused(&database, &replace, "append-only").await;
    let replace = POLICY
        .replace("INSERT", "INSERT OR REPLACE")
        .replace("text", "other");
    refused(&database, &replace, "append-only").await;
}

#[tokio::test]
async fn the_log_only_grows_on_postgres() {
    let database = the_log_only_grows(DbBackend::Postgres).await;
    refused(&database, "TRUNCATE event", "append-only").await;
    refused(&database, "TRUNCATE policy", "append-only").await;
}

#[tokio::test]
async fn the_servers_role_owns_nothing_and_can_do_no_more_than_it_needs() {
    let folder = tempfile::tempdir().unwrap();
    let url = fresh_postgres(&folder).await;
    let owner = connect(&url).await;
    Migrator::up(&owner, None).await.unwrap();
    let role = format!("r{}", url.rsplit_once("m_").unwrap().1);
    let create = format!("CREATE ROLE {role} LOGIN PASSWORD 'secret'");
    owner.execute_unprepared(&create).await.unwrap();
    grant_rights(&owner, &role).await.unwrap();
    grant_rights(&owner, &role).await.unwrap();

    let host = url.rsplit_once('@').unwrap().1;
    let server = connect(&format!("postgres://{role}:secret@{host}")).await;
    server.execute_unprepared(RECORD).await.unwrap();
    server.execute_unprepared(POLICY).await.unwrap();
    let outbox = "INSERT INTO outbox (key, platform, body, seq, wanted, due_at) VALUES ('k', '', '', 1, 1, 1)";
    server.execute_unprepared(outbox).await.unwrap();
    assert!(
        Migrator::get_pending_migrations_read_only(&server)
            .await
            .unwrap()
            .is_empty()
    );
    for sql in [
        "UPDATE event SET bytes = 'x'",
        "DELETE FROM event",
        "TRUNCATE event",
        "DELETE FROM head",
        "DELETE FROM request",
        "UPDATE policy SET body = 'x'",
    ] {
        refused(&server, sql, "permission denied").await;
    }
    for sql in [
        "DROP TRIGGER event_append_only ON event",
        "ALTER TABLE event DISABLE TRIGGER ALL",
        "DROP TABLE event",
    ] {
        refused(&server, sql, "must be owner").await;
    }
}

#[tokio::test]
async fn rights_are_for_postgres_only() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh(DbBackend::Sqlite, &folder).await;
    assert!(grant_rights(&database, "somebody").await.is_err());
}

#[tokio::test]
async fn both_databases_get_the_same_tables() {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = fresh(DbBackend::Sqlite, &folder).await;
    Migrator::up(&sqlite, None).await.unwrap();
    let postgres = fresh(DbBackend::Postgres, &folder).await;
    Migrator::up(&postgres, None).await.unwrap();
    let ours = columns(
        &sqlite,
        "SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY 1",
    );
    let theirs = columns(
        &postgres,
        "SELECT table_name || '.' || column_name FROM information_schema.columns \
         WHERE table_schema = 'public' ORDER BY 1",
    );
    let (ours, theirs) = (ours.await, theirs.await);
    assert!(ours.len() > 60, "{ours:?}");
    assert_eq!(ours, theirs);
}

async fn columns(database: &DatabaseConnection, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(database.get_database_backend(), sql);
    let rows = database.query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}
