//! What the server's own role may do on PostgreSQL when it owns no table.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr};

/// Tables and what the server does with each. Records and policies are only ever added.
const TABLES: [(&str, &str); 13] = [
    ("seaql_migrations", "SELECT"),
    ("event", "SELECT, INSERT"),
    ("policy", "SELECT, INSERT"),
    ("head", "SELECT, INSERT, UPDATE"),
    ("free_text", "SELECT, INSERT, UPDATE"),
    ("request", "SELECT, INSERT, UPDATE"),
    ("holding", "SELECT, INSERT, UPDATE"),
    ("house", "SELECT, INSERT, UPDATE"),
    ("deadline", "SELECT, INSERT, UPDATE, DELETE"),
    ("inbox", "SELECT, INSERT, UPDATE, DELETE"),
    ("outbox", "SELECT, INSERT, UPDATE, DELETE"),
    ("card", "SELECT, INSERT, UPDATE, DELETE"),
    ("last_start", "SELECT, INSERT, UPDATE"),
];

/// Grants the server's `role` what it needs in the schema that `owner` works in, and takes away whatever else it
/// was granted on these tables before. Roles exist on PostgreSQL only.
pub async fn grant_rights<C: ConnectionTrait>(owner: &C, role: &str) -> Result<(), DbErr> {
    if owner.get_database_backend() != DbBackend::Postgres {
        return Err(DbErr::Migration(
            "roles exist on PostgreSQL only".to_owned(),
        ));
    }
    let role = quoted(role);
    let schema = format!(
        "DO $do$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO %s', current_schema(), {}); END $do$",
        literal(&role)
    );
    owner.execute_unprepared(&schema).await?;
    let sequence = format!("GRANT USAGE ON SEQUENCE outbox_id_seq TO {role}");
    owner.execute_unprepared(&sequence).await?;
    for (table, rights) in TABLES {
        let renew =
            format!("REVOKE ALL ON {table} FROM {role}; GRANT {rights} ON {table} TO {role}");
        owner.execute_unprepared(&renew).await?;
    }
    Ok(())
}

fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
