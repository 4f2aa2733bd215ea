//! What `doctor` checks: the server, our login's rights, and that it has no more of them than it needs.

use std::time::Duration;

use breakglass_core::port::provisioner::{Finding, FindingLevel};
use tokio::time::timeout;

use super::connection::Connections;
use super::error;

/// Level, what was seen, what to do.
type Row = (String, String, String);

/// Lines for `doctor`.
pub(super) async fn examine(
    connections: &Connections,
    limit: Duration,
    entitlements: &[String],
) -> Vec<Finding> {
    let mut connection = match connections.take().await {
        Ok(connection) => connection,
        Err(error) => {
            let mend =
                "Check `url`, the password, pg_hba.conf and the network between here and there.";
            return vec![Finding::failure(error.to_string(), mend)];
        }
    };
    let look = sqlx::query_as::<_, Row>(include_str!("examine.sql"))
        .bind(entitlements)
        .bind(connections.is_local())
        .fetch_all(&mut connection);
    match timeout(limit, look).await {
        Ok(Ok(rows)) => {
            connections.give_back(connection);
            rows.into_iter().map(finding).collect()
        }
        Ok(Err(error)) => vec![Finding::failure(
            error::calling(&error).to_string(),
            "See docs/postgres.md.",
        )],
        Err(_) => vec![Finding::failure(
            "no answer to our questions",
            "See what holds the server up.",
        )],
    }
}

fn finding((level, what, mend): Row) -> Finding {
    let level = match level.as_str() {
        "ok" => FindingLevel::Ok,
        "warning" => FindingLevel::Warning,
        _ => FindingLevel::Failure,
    };
    Finding { level, what, mend }
}
