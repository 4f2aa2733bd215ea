//! Examining the store: reachable, migrated, guarded, its clock, and the head of its log.

use std::sync::Arc;

use breakglass_core::log::Head;
use breakglass_core::port::provisioner::Finding;
use breakglass_store::{Database, StoreError, read_checkpoint};

use crate::clock::Clock;
use crate::config::Config;
use crate::database::{Role, causes, clock_ahead_millis, connect};
use crate::log_key;

/// Replicas judge deadlines by their own clocks, so none may be further off than this.
const OFF_MILLIS_MAX: i64 = 1_000;

/// Everything about the store, from the outside in; what rests on something that fails is left out.
pub async fn examine(config: &Config, clock: &Arc<dyn Clock>) -> Vec<Finding> {
    let store = &config.store;
    let database = match connect(store, Role::Server).await {
        Ok(database) => database,
        Err(trouble) => return vec![trouble.into_finding()],
    };
    let mut findings = vec![Finding::ok(format!("{} answers", store.shown()))];
    match examine_tables(&database).await {
        Ok(Some(finding)) => findings.push(finding),
        Ok(None) => {
            findings.push(Finding::ok("all tables are there"));
            let rest = async {
                findings.extend(examine_guards(config, &database).await?);
                findings.push(examine_clock(&database, clock).await?);
                findings.push(examine_head(config, &database).await?);
                Ok::<(), StoreError>(())
            };
            if let Err(error) = rest.await {
                findings.push(broken(&error));
            }
        }
        Err(error) => findings.push(broken(&error)),
    }
    if let Err(error) = database.close().await {
        findings.push(broken(&error));
    }
    findings
}

fn broken(error: &StoreError) -> Finding {
    Finding::failure(
        causes(error).join(": "),
        "See whether the database is up, and what its own log says.",
    )
}

async fn examine_tables(database: &Database) -> Result<Option<Finding>, StoreError> {
    let steps = database.steps().await?;
    let missing: Vec<_> = steps
        .into_iter()
        .filter(|step| !step.applied)
        .map(|step| step.name)
        .collect();
    let finding = || {
        Finding::failure(
            format!("missing: {}", missing.join(", ")),
            "Run `breakglass migrate up`.",
        )
    };
    Ok((!missing.is_empty()).then(finding))
}

async fn examine_guards(config: &Config, database: &Database) -> Result<Vec<Finding>, StoreError> {
    let surroundings = database.surroundings().await?;
    let mut findings = Vec::new();
    if surroundings.unguarded.is_empty() {
        findings.push(Finding::ok(
            "triggers keep records and policies from being changed",
        ));
    } else {
        findings.push(Finding::failure(
            format!("triggers are gone or disabled: {}", surroundings.unguarded.join(", ")),
            "Find out who did that, and run `breakglass audit verify`. They are part of `breakglass migrate up` \
             on a new database.",
        ));
    }
    if !surroundings.owned.is_empty() {
        let role = config.store.role().unwrap_or_default();
        findings.push(Finding::warning(
            format!(
                "{role} can drop the triggers: it owns {}",
                surroundings.owned.join(", ")
            ),
            "Let another role own the tables: `[store] owner_url`, docs/running.md.",
        ));
    }
    Ok(findings)
}

async fn examine_clock(database: &Database, clock: &Arc<dyn Clock>) -> Result<Finding, StoreError> {
    let ahead = clock_ahead_millis(database, clock).await?;
    Ok(if ahead.abs() > OFF_MILLIS_MAX {
        Finding::failure(
            format!("our clock is {ahead} ms off the database's"),
            "Let both follow the same time servers (chrony, systemd-timesyncd).",
        )
    } else {
        Finding::ok("our clock and the database's agree")
    })
}

async fn examine_head(config: &Config, database: &Database) -> Result<Finding, StoreError> {
    let Some(note) = database.checkpoint().await? else {
        return Ok(Finding::ok(
            "the log is empty: its key is made at the first start",
        ));
    };
    let key = match log_key::read(&config.log) {
        Ok(key) => key,
        Err(error) => return Ok(crate::trouble::Trouble::from(error).into_finding()),
    };
    let key = key.verifying_key();
    let tampering = |what: String| {
        Finding::failure(
            what,
            "Run `breakglass audit verify`. Nothing is granted on such a log.",
        )
    };
    let head = match Head::open(&note, key) {
        Ok(head) => head,
        Err(error) => return Ok(tampering(format!("the head of the log: {error}"))),
    };
    let kept = read_checkpoint(&config.log.checkpoint_file).ok().flatten();
    let kept = kept.and_then(|text| Head::open(&text, key).ok());
    if let Some(kept) = kept.filter(|kept| kept.size > head.size) {
        return Ok(tampering(format!(
            "the log has {} records, and had {} when the checkpoint was written: it was cut, or an old copy was put back",
            head.size, kept.size
        )));
    }
    Ok(Finding::ok(format!(
        "the log's head is signed with our key ({} records, {key})",
        head.size
    )))
}
