//! A server set up as a target by the SQL of our documentation, with one person's login on it.
#![expect(
    clippy::expect_used,
    reason = "a harness that can't go on fails its test"
)]

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use super::{Database, Server};

/// What an operator is told to run.
const SETUP: &str = include_str!("../../../docs/postgres-setup.sql");
/// Every password here.
const PASSWORD: &str = "open_sesame";

/// Roles that may be given, our own login that may give them, and a person who has none of them.
#[derive(Debug)]
pub struct Target {
    /// The database it is in.
    pub database: Database,
    /// Our login.
    pub us: String,
    /// The person's login.
    pub login: String,
    /// A role that may be given.
    pub admin: String,
    /// Another.
    pub read: String,
}

impl Target {
    /// Sets all of it up, by the documented SQL with other names in it.
    pub async fn create(server: Server) -> Self {
        let mut database = Database::create(server).await;
        let name = database.name.clone();
        let named = |what: &str| format!("{name}_{what}");
        let (us, login) = (named("us"), named("maya"));
        let (admin, read) = (named("admin"), named("read"));
        let roles = format!("CREATE ROLE {admin}; CREATE ROLE {read}; CREATE TABLE secret (x int)");
        database.run(roles).await;
        database
            .run(format!("GRANT SELECT, INSERT ON secret TO {admin}"))
            .await;
        let setup = SETUP
            .replace("breakglass", &us)
            .replace("change me", PASSWORD)
            .replace("DATABASE orders", &format!("DATABASE {name}"))
            .replace("orders_admin", &admin)
            .replace("orders_read", &read);
        database.run(setup).await;
        let mut target = Self {
            database,
            us,
            login: login.clone(),
            admin,
            read,
        };
        target.add_login(&login).await;
        target
    }

    /// One more person, who may be called anything.
    pub async fn add_login(&mut self, login: &str) {
        let login = login.replace('"', "\"\"");
        self.database
            .run(format!(
                "CREATE ROLE \"{login}\" LOGIN PASSWORD '{PASSWORD}'"
            ))
            .await;
    }

    /// How our login gets there, for the config.
    pub fn url(&self) -> String {
        self.database.url(&self.us, PASSWORD)
    }

    /// `HOST:PORT`, as it stands in the URL.
    pub fn address(&self) -> String {
        let superuser = self.database.server.superuser();
        format!("{}:{}", superuser.get_host(), superuser.get_port())
    }

    /// A session of the person.
    pub async fn session(&self) -> PgConnection {
        let options = self.database.options(&self.login, PASSWORD);
        options.connect().await.expect("a person can log in")
    }

    /// Does the server itself say that the person has the rights of `role`?
    pub async fn has(&mut self, role: &str) -> bool {
        let login = self.login.clone();
        let question = format!("pg_has_role('{login}', '{role}', 'USAGE')");
        self.database.ask(question).await.as_deref() == Some("true")
    }
}

/// Runs one statement in somebody's session; the error's text if it fails.
pub async fn say(session: &mut PgConnection, sql: &str) -> Result<(), String> {
    let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&mut *session)
        .await;
    if done.is_err() {
        // The server says what failed before it lets go of the transaction; it answers again when that is gone. A session that
        // was ended doesn't, which the error has said by then.
        _ = session.ping().await;
    }
    done.map(|_| ()).map_err(|error| error.to_string())
}
