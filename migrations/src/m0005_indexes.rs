//! Finding the few among the many: with a hundred thousand live grants nothing may look through all of them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Names, tables and columns.
const NEW: [(&str, &str, &[&str]); 4] = [
    // What a commit demanded, without what waits since longer.
    ("outbox_by_wanted", "outbox", &["wanted"]),
    // Who waits, and who holds something, without the rows themselves.
    (
        "request_by_phase",
        "request",
        &["open", "phase", "id", "target", "beneficiary", "requester"],
    ),
    ("request_by_review", "request", &["review", "id"]),
    ("inbox_by_claim", "inbox", &["handled_at", "claimed_until"]),
];

// A holding's key begins with its provisioner, `["orders-postgres",`, and most holdings are open.
const POSTGRES: &str = r#"
CREATE INDEX holding_by_provisioner ON holding (split_part("key", '"', 2), open, as_of);
"#;
const SQLITE: &str = r#"
CREATE INDEX holding_by_provisioner ON holding (substr("key", 3, instr(substr("key", 3), '"') - 1), open, as_of);
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table, columns) in NEW {
            let mut index = Index::create();
            index.name(name).table(table);
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        let of_provisioner = match manager.get_database_backend() {
            DbBackend::Postgres => POSTGRES,
            DbBackend::Sqlite => SQLITE,
            DbBackend::MySql | _ => return Err(DbErr::Migration("not supported".to_owned())),
        };
        let connection = manager.get_connection();
        connection.execute_unprepared(of_provisioner).await?;
        Ok(())
    }
}
