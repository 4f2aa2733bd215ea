//! A database for the store, set up by the SQL of our documentation: an owner, and the server's own role.
#![expect(
    clippy::expect_used,
    reason = "a harness that can't go on fails its test"
)]

use super::{Database, Server};

/// What an operator is told to run.
const DOCUMENTED: &str = include_str!("../../../docs/running.md");

/// Every password here.
const PASSWORD: &str = "secret";

/// The database, with the roles that `docs/running.md` asks for.
#[derive(Debug)]
pub struct StoreDatabase {
    /// A superuser's way in.
    pub database: Database,
    /// Who owns the tables and migrates.
    pub owner: String,
    /// Who `serve` runs as; it owns no table.
    pub role: String,
}

impl StoreDatabase {
    /// Makes the database and the roles; there are no tables in it yet.
    pub async fn create(server: Server) -> Self {
        let mut database = Database::create(server).await;
        let (owner, role) = (
            format!("{}_owner", database.name),
            format!("{}_bot", database.name),
        );
        let (_, sql) = DOCUMENTED.split_once("```sql\n").expect("the SQL is there");
        let (sql, _) = sql.split_once("```").expect("and ends");
        for line in sql
            .lines()
            .filter(|line| !line.starts_with("CREATE DATABASE"))
        {
            let line = line
                .replace('…', PASSWORD)
                .replace("DATABASE breakglass", "DATABASE \u{0}");
            let line = line
                .replace("breakglass_owner", &owner)
                .replace("breakglass", &role);
            database.run(line.replace('\u{0}', &database.name)).await;
        }
        let give = format!("ALTER DATABASE {} OWNER TO {owner}", database.name);
        database.run(give).await;
        Self {
            database,
            owner,
            role,
        }
    }

    /// How the server gets there.
    pub fn url(&self) -> String {
        self.database.url(&self.role, PASSWORD)
    }

    /// How `migrate` gets there.
    pub fn owner_url(&self) -> String {
        self.database.url(&self.owner, PASSWORD)
    }
}
