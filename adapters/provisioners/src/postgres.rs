//! `kind = "postgres"`: membership of a role on the person's own login, on PostgreSQL 15 and newer.
//!
//! Ours is the membership whose grantor is our own login. From 16 on every grantor has a membership of its
//! own; until 15 there is one, and where it is somebody else's we grant nothing and revoke nothing.
//! `docs/postgres.md` says what is promised and what isn't.

mod config;
mod connection;
mod error;
mod examine;
mod name;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use breakglass_core::id::{HoldingId, ProvisionerId, RequestId};
use breakglass_core::port::provisioner::{
    Capabilities, Deprovisioned, Finding, Listing, Observation, Place, Presence, Provision,
    ProvisionError, Provisioned, Provisioner,
};
use breakglass_core::time::{Length, Timestamp};
use sqlx::postgres::PgConnection;
use tokio::time::error::Elapsed;
use tokio::time::timeout;

pub use config::Config;

use connection::Connections;

/// Grants and revokes memberships through a login of our own.
pub struct PostgresProvisioner {
    host: String,
    limit: Duration,
    server_limit: Duration,
    parallel_max: u8,
    connections: Connections,
}

impl fmt::Debug for PostgresProvisioner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresProvisioner")
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

impl PostgresProvisioner {
    /// An adapter to the server that `config` names. It connects with the first call.
    pub fn new(config: &Config) -> Self {
        Self {
            host: config.host(),
            limit: config.limit(),
            server_limit: config.server_limit(),
            parallel_max: config.parallel_max,
            connections: Connections::new(config.options(), config.parallel_max.into()),
        }
    }

    /// Keeps the connection if it can be used again, and tells what the outcome means.
    fn finish<T>(
        &self,
        connection: PgConnection,
        outcome: Result<sqlx::Result<T>, Elapsed>,
    ) -> Result<T, ProvisionError> {
        match outcome {
            Ok(Ok(answer)) => {
                self.connections.give_back(connection);
                Ok(answer)
            }
            Ok(Err(error)) => {
                if error::spares_connection(&error) {
                    self.connections.give_back(connection);
                }
                Err(error::calling(&error))
            }
            Err(Elapsed { .. }) => Err(ProvisionError::Unknown(format!(
                "no answer within {} s",
                self.limit.as_secs()
            ))),
        }
    }

    /// Runs one of our blocks, by the server's version, and reads what it left as its answer.
    async fn run(
        &self,
        block: fn(Option<u32>) -> &'static str,
        settings: Settings<'_>,
    ) -> Result<String, ProvisionError> {
        let mut connection = self.connections.take().await?;
        let block = block(connection.server_version_num());
        let call = run(&mut connection, block, settings, self.server_limit);
        let outcome = timeout(self.limit, call).await;
        self.finish(connection, outcome)
    }
}

/// What our blocks read. A block takes no parameters, and so no name is ever part of its text.
struct Settings<'a> {
    holding: &'a HoldingId,
    request: Option<RequestId>,
    begin_by: Timestamp,
}

/// `limit` is how long the server may take from here on. A block that reaches it later, when we have given up
/// and perhaps looked and decided otherwise, does nothing.
async fn run(
    connection: &mut PgConnection,
    block: &'static str,
    settings: Settings<'_>,
    limit: Duration,
) -> sqlx::Result<String> {
    let request = settings.request.map(|request| format!(" {request}"));
    sqlx::query(include_str!("postgres/settings.sql"))
        .bind(&settings.holding.entitlement)
        .bind(&settings.holding.account)
        .bind(settings.begin_by.millis())
        .bind(i64::try_from(limit.as_millis()).unwrap_or(i64::MAX))
        .bind(format!("breakglass{}", request.unwrap_or_default()))
        .execute(&mut *connection)
        .await?;
    sqlx::raw_sql(block).execute(&mut *connection).await?;
    sqlx::query_scalar("SELECT current_setting('breakglass.answer')")
        .fetch_one(connection)
        .await
}

/// Is our membership there, and in which other ways is the role held? The whole question costs the server several times as
/// much as to learn that there is nothing, which is how it is once access was taken away.
async fn look(
    connection: &mut PgConnection,
    holding: &HoldingId,
) -> sqlx::Result<(bool, Vec<String>)> {
    let held: bool = sqlx::query_scalar(include_str!("postgres/glance.sql"))
        .bind(&holding.entitlement)
        .bind(&holding.account)
        .fetch_one(&mut *connection)
        .await?;
    if !held {
        return Ok((false, Vec::new()));
    }
    sqlx::query_as(include_str!("postgres/inspect.sql"))
        .bind(&holding.entitlement)
        .bind(&holding.account)
        .fetch_one(connection)
        .await
}

/// Could both names be those of roles? If not, nothing can be there.
fn can_exist(holding: &HoldingId) -> bool {
    name::can_exist(&holding.entitlement) && name::can_exist(&holding.account)
}

#[async_trait]
impl Provisioner for PostgresProvisioner {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            reads_back: true,
            ends_sessions: true,
            lists: true,
            expires_by_itself: false,
            settle: Length::from_secs(0),
            parallel_max: self.parallel_max,
        }
    }

    fn host(&self) -> String {
        self.host.clone()
    }

    async fn provision(&self, call: &Provision) -> Result<Provisioned, ProvisionError> {
        let holding = &call.holding;
        if !can_exist(holding) {
            let text = format!("no role or login can be called so: {holding}");
            return Err(ProvisionError::Refused(text));
        }
        let settings = Settings {
            holding,
            request: Some(call.request),
            begin_by: call.begin_by,
        };
        let block = |_| include_str!("postgres/provision.sql");
        let answer = self.run(block, settings).await;
        match answer {
            Ok(how) if how.is_empty() => Ok(Provisioned::Done),
            Ok(how) => Ok(Provisioned::AlreadyHeld { how }),
            Err(error) => Err(error),
        }
    }

    async fn deprovision(&self, holding: &HoldingId) -> Result<Deprovisioned, ProvisionError> {
        if !can_exist(holding) {
            return Ok(Deprovisioned::default());
        }
        let settings = Settings {
            holding,
            request: None,
            begin_by: Timestamp::from_millis(i64::MAX),
        };
        let block = |version: Option<u32>| {
            if version.is_some_and(|version| version >= 160_000) {
                include_str!("postgres/deprovision.sql")
            } else {
                include_str!("postgres/deprovision_15.sql")
            }
        };
        let answer = self.run(block, settings).await?;
        Ok(Deprovisioned {
            sessions_ended: answer.parse().unwrap_or_default(),
        })
    }

    async fn inspect(&self, holding: &HoldingId) -> Result<Observation, ProvisionError> {
        if !can_exist(holding) {
            return Ok(Observation {
                ours: Presence::Absent,
                foreign: Vec::new(),
            });
        }
        let mut connection = self.connections.take().await?;
        let outcome = timeout(self.limit, look(&mut connection, holding)).await;
        let (ours, foreign): (bool, Vec<String>) = self.finish(connection, outcome)?;
        let ours = if ours {
            Presence::Present
        } else {
            Presence::Absent
        };
        Ok(Observation { ours, foreign })
    }

    async fn preflight(&self, holding: &HoldingId) -> Result<(), ProvisionError> {
        if !can_exist(holding) {
            let text = format!("no role or login can be called so: {holding}");
            return Err(ProvisionError::Refused(text));
        }
        let mut connection = self.connections.take().await?;
        let look = sqlx::query_scalar(include_str!("postgres/preflight.sql"))
            .bind(&holding.entitlement)
            .bind(&holding.account)
            .fetch_one(&mut connection);
        let outcome = timeout(self.limit, look).await;
        let refused: Option<String> = self.finish(connection, outcome)?;
        refused.map_or(Ok(()), |why| Err(ProvisionError::Refused(why)))
    }

    async fn list(
        &self,
        _id: &ProvisionerId,
        entitlements: &[String],
    ) -> Result<Listing, ProvisionError> {
        let mut connection = self.connections.take().await?;
        let look = sqlx::query_as(include_str!("postgres/list.sql"))
            .bind(entitlements)
            .fetch_all(&mut connection);
        let outcome = timeout(self.limit, look).await;
        let rows: Vec<(String, String, Option<String>)> = self.finish(connection, outcome)?;
        let mut listing = Listing::default();
        for (account, entitlement, how) in rows {
            let place = Place {
                account,
                entitlement,
            };
            match how {
                Some(how) => _ = listing.foreign.entry(place).or_default().insert(how),
                None => _ = listing.ours.insert(place),
            }
        }
        Ok(listing)
    }

    fn by_hand(&self, holding: &HoldingId) -> String {
        let role = name::identifier(&holding.entitlement);
        let login = name::identifier(&holding.account);
        let us = name::identifier(self.connections.login());
        let of_login = name::literal(&holding.account);
        format!(
            "REVOKE {role} FROM {login} GRANTED BY {us}; \
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = {of_login};"
        )
    }

    async fn examine(&self, entitlements: &[String]) -> Vec<Finding> {
        examine::examine(&self.connections, self.limit, entitlements).await
    }
}
