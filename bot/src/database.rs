//! The configured database, connected; with what to do when it can't be, or its tables aren't there.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use breakglass_store::{Database, Step, StoreError};
use secrecy::ExposeSecret;
use tokio::net::TcpStream;
use url::Url;

use crate::clock::Clock;
use crate::config::StoreConfig;
use crate::trouble::Trouble;

/// How long a server may take to take a connection.
const PROBE: Duration = Duration::from_secs(3);

/// Who connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The server's own, which may add to the log and never change it.
    Server,
    /// The owner of the tables, where one is configured.
    Owner,
}

/// Connects. A file is made only for its owner.
pub async fn connect(store: &StoreConfig, role: Role) -> Result<Database, Trouble> {
    let owner = store.owner_url.as_ref().filter(|_| role == Role::Owner);
    if role == Role::Server
        && let Some(file) = store.file()
        && !Path::new(&file).exists()
    {
        let what = format!("there is no store at {file} yet");
        return Err(Trouble::new(what, "`breakglass migrate up` makes it."));
    }
    let url = owner.unwrap_or(&store.url).expose_secret();
    match Database::connect(url).await {
        Ok(database) => Ok(database),
        Err(error) => Err(match probe(url).await {
            // Of a server, the driver tells no more than that it waited too long.
            Some(seen) => unreachable(store, &error).details([seen]),
            None => unreachable(store, &error),
        }),
    }
}

/// A pool only says that it timed out; whether anybody listens there tells more.
async fn probe(url: &str) -> Option<String> {
    let url = Url::parse(url)
        .ok()
        .filter(|url| url.scheme().starts_with("postgres"))?;
    let (host, port) = (url.host_str()?.to_owned(), url.port().unwrap_or(5432));
    let connecting = TcpStream::connect((host.trim_matches(['[', ']']), port));
    Some(match tokio::time::timeout(PROBE, connecting).await {
        Ok(Ok(_)) => match tokio::time::timeout(PROBE, Database::refusal(url.as_str())).await {
            Ok(Some(why)) => format!("{host}:{port} says: {why}"),
            Ok(None) | Err(_) => format!("{host}:{port} takes connections, and was too slow"),
        },
        Ok(Err(error)) => format!("{host}:{port}: {error}"),
        Err(_) => format!("{host}:{port} doesn't answer within {} s", PROBE.as_secs()),
    })
}

/// Makes the tables that are missing, and gives all steps. Where an owner is configured, the server's own role
/// gets its rights, and no more.
pub async fn migrate(store: &StoreConfig) -> Result<Vec<Step>, Trouble> {
    let database = connect(store, Role::Owner).await?;
    let failed = |error| unreachable(store, &error);
    database.migrate().await.map_err(failed)?;
    if let (Some(_), Some(role)) = (&store.owner_url, store.role()) {
        database.grant_rights(&role).await.map_err(failed)?;
    }
    let steps = database.steps().await.map_err(failed)?;
    database.close().await.map_err(failed)?;
    Ok(steps)
}

/// Connects and sees that the tables are as this binary needs them.
pub async fn connect_migrated(store: &StoreConfig) -> Result<Database, Trouble> {
    let database = connect(store, Role::Server).await?;
    let steps = database
        .steps()
        .await
        .map_err(|error| unreachable(store, &error))?;
    let missing: Vec<_> = steps
        .into_iter()
        .filter(|step| !step.applied)
        .map(|step| step.name)
        .collect();
    if missing.is_empty() {
        return Ok(database);
    }
    let what = format!("the tables in {} are older than this binary", store.shown());
    Err(Trouble::new(
        what,
        "`breakglass migrate up` makes what is missing; it never rewrites the log.",
    )
    .details(missing.into_iter().map(|step| format!("missing: {step}"))))
}

/// How far our clock is ahead of the database's, in milliseconds, beyond what the way there may explain.
pub async fn clock_ahead_millis(
    database: &Database,
    clock: &Arc<dyn Clock>,
) -> Result<i64, StoreError> {
    let before = clock.now();
    let theirs = database.now().await?;
    let after = clock.now();
    Ok(before.millis_since(theirs).max(0) - theirs.millis_since(after).max(0))
}

/// What a database that doesn't answer is told as.
pub fn unreachable(store: &StoreConfig, error: &StoreError) -> Trouble {
    let what = format!("can't use the store at {}", store.shown());
    let mend = if store.is_sqlite() {
        "See that its folder exists and that this user may write there."
    } else {
        "See that PostgreSQL runs there, that it takes connections from this machine (pg_hba.conf), \
         and that user, password and database are right."
    };
    let trouble = Trouble::new(what, mend).details(causes(error));
    if store.is_sqlite() {
        trouble
    } else {
        trouble.ask("Whoever runs that database.")
    }
}

/// Why, down to what the driver says, each once. Drivers name no password.
pub fn causes(error: &StoreError) -> Vec<String> {
    let mut causes = vec![error.to_string()];
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if causes.last().is_none_or(|last| !last.contains(&text)) {
            causes.push(text);
        }
        next = cause.source();
    }
    causes
}
