//! Going on with a log that is older than a checkpoint kept outside of it: a backup was put back, and somebody says so.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use breakglass_core::id::HoldingId;
use breakglass_core::log::Head;
use breakglass_store::{keep_checkpoint, read_checkpoint};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Answered, answer};
use crate::admin::{AdminRequest, AdminSocket};
use crate::alarms::Alarms;
use crate::clock::{Clocks, SystemClock};
use crate::config::Config;
use crate::database::{connect_migrated, unreachable};
use crate::log_key;
use crate::serve::keeper;
use crate::trouble::Trouble;

/// What was accepted, and what was done for it.
#[derive(Debug)]
pub struct Accepted {
    /// Records that the log has.
    pub size: u64,
    /// Records that it had by the checkpoint.
    pub older: u64,
    /// Where that checkpoint is now.
    pub set_aside: PathBuf,
    /// What this machine knew to be live, each with what keeps it, if something does. The log that was put back may know
    /// nothing of it.
    pub ended: Vec<(HoldingId, Option<String>)>,
    /// The lockdown that it goes on with.
    pub lockdown: Answered,
}

/// Accepts the log as it is, in the name of who runs this process: sets the checkpoint aside, takes back everything that
/// this machine or the log knows to be live, and leaves the house in lockdown.
pub async fn accept(config: &Config, reason: String) -> anyhow::Result<Accepted> {
    // Nobody may build on it meanwhile.
    let alone = AdminSocket::bind(&config.server.admin_socket)?;
    let older = older(config)?;
    let size = whole(config, &older).await?;
    let ended = end_mirrored(config).await?;
    let file = &config.log.checkpoint_file;
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".before-restore-{}", older.size));
    let set_aside = PathBuf::from(name);
    set_checkpoint_aside(config, &set_aside)?;
    let reason = format!(
        "a log of {size} records was accepted, where a checkpoint says {}: {reason}",
        older.size
    );
    let lockdown = AdminRequest::StartLockdown {
        reason,
        revoke_all: true,
    };
    let lockdown = answer(config, lockdown).await?;
    drop(alone);
    Ok(Accepted {
        size,
        older: older.size,
        set_aside,
        ended,
        lockdown,
    })
}

fn older(config: &Config) -> Result<Head, Trouble> {
    let file = &config.log.checkpoint_file;
    let key = log_key::read(&config.log).map_err(Trouble::from)?;
    let read = read_checkpoint(file).map_err(|error| error.to_string());
    let head = read.and_then(|text| {
        let text = text.ok_or("there is no such file")?;
        Head::open(&text, key.verifying_key()).map_err(|error| error.to_string())
    });
    head.map_err(|why| {
        Trouble::new(
            format!("can't use the checkpoint {}: {why}", file.display()),
            "Without one there is nothing to compare the log with, and so nothing to accept.",
        )
    })
}

/// How many records there are, if the log is whole in itself and really older than the checkpoint.
async fn whole(config: &Config, older: &Head) -> anyhow::Result<u64> {
    let failed = |error| unreachable(&config.store, &error);
    let key = log_key::read(&config.log).map_err(Trouble::from)?;
    let database = connect_migrated(&config.store).await?;
    let with = database.audit(key.verifying_key(), std::slice::from_ref(older));
    let with = with.await.map_err(failed)?;
    let alone = database
        .audit(key.verifying_key(), &[])
        .await
        .map_err(failed)?;
    database.close().await.map_err(failed)?;
    let verify = "`breakglass audit verify` tells all of it.";
    if with.is_whole() {
        let what = "the log extends its checkpoint: there is nothing to accept";
        return Err(Trouble::new(what, verify).into());
    }
    match &alone.log {
        Ok(report) if alone.is_whole() => Ok(report.records),
        Ok(_) | Err(_) => {
            let what = "the log isn't an old copy of itself, it was changed";
            let mend = "Keep the database as it is and find out who could write it; put a backup back that is whole.";
            Err(Trouble::new(what, mend).details([verify]).into())
        }
    }
}

/// Takes away all that this machine knows to be live.
async fn end_mirrored(config: &Config) -> anyhow::Result<Vec<(HoldingId, Option<String>)>> {
    let clocks = Clocks::new(Arc::new(SystemClock), &config.store);
    let nobody = (Arc::default(), clocks.dates.clone());
    let alarms = Alarms::new(
        Vec::new(),
        nobody,
        CancellationToken::new(),
        TaskTracker::new(),
    );
    let keeper = keeper(config, alarms, clocks)?;
    let mut ended = Vec::new();
    for holding in keeper.mirror.holdings().into_keys() {
        let trouble = keeper.end_now(&holding).await;
        ended.push((holding, trouble));
    }
    Ok(ended)
}

fn set_checkpoint_aside(config: &Config, aside: &Path) -> Result<(), Trouble> {
    let file = &config.log.checkpoint_file;
    let moved = std::fs::read_to_string(file)
        .and_then(|text| keep_checkpoint(aside, &text))
        .and_then(|()| std::fs::remove_file(file));
    moved.map_err(|error| {
        Trouble::new(
            format!("can't set {} aside: {error}", file.display()),
            "See that this user may write in its folder.",
        )
    })
}
