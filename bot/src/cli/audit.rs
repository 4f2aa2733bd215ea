//! `breakglass audit`: was the log tampered with, and what does it say?

mod accept;
mod verify;

use std::path::PathBuf;

use breakglass_core::id::RequestId;
use breakglass_core::log::{KeyError, VerifyingKey};
use breakglass_store::StoreError;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::list::reason;
use super::{Exit, Session, session};
use crate::config::Config;
use crate::database::{Role, connect, unreachable};
use crate::trouble::Trouble;

/// Check and read the log; works with the server down, too
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Check every record against the signed head and older checkpoints; exits 3 on tampering
    Verify(Verify),
    /// Print the records of a request, as the log has them
    Show {
        /// BG-4821, or 4821
        id: RequestId,
    },
    /// Print the newest signed checkpoint, to be kept elsewhere
    Checkpoint,
    /// Go on with a log that is older than its checkpoint, since a backup was put back: ends everything that is live and
    /// leaves the house in lockdown; with the server stopped
    Accept {
        /// Why: announced, and kept beside the log
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
    },
}

/// By what the log is judged.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The log's public key, as it was noted elsewhere; without it the configured key counts
    #[arg(long, value_name = "VKEY", value_parser = vkey)]
    key: Option<Box<VerifyingKey>>,
    /// An older checkpoint that the log must extend; may be given more than once
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
}

fn vkey(text: &str) -> Result<Box<VerifyingKey>, KeyError> {
    VerifyingKey::parse(text).map(Box::new)
}

#[derive(Debug, Serialize)]
struct Checkpoint {
    checkpoint: String,
}

impl Audit {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.need_config()?;
        match self {
            Self::Verify(Verify { key, checkpoint }) => {
                verify::run(session, &config, key.map(|key| *key), &checkpoint)
            }
            Self::Show { id } => show(session, &config, id),
            Self::Checkpoint => print_checkpoint(session, &config),
            Self::Accept { reason } => accept::run(session, &config, reason),
        }
    }
}

fn show(session: &Session, config: &Config, id: RequestId) -> anyhow::Result<Exit> {
    let records = session::wait(async {
        let database = connect(&config.store, Role::Server).await?;
        let records = database.records_of(id).await;
        database.close().await?;
        records.map_err(|error| troubled(config, &error).into())
    })?;
    if records.is_empty() {
        let mend = "`breakglass requests list --all` tells which there are.";
        return Err(Trouble::new(format!("the log has nothing on {id}"), mend).into());
    }
    session.output().facts(&records, |records| {
        let line = |record| serde_json::to_string(record).unwrap_or_default();
        records.iter().map(line).collect::<Vec<_>>().join("\n")
    });
    Ok(Exit::Done)
}

fn print_checkpoint(session: &Session, config: &Config) -> anyhow::Result<Exit> {
    let checkpoint = session::wait(async {
        let database = connect(&config.store, Role::Server).await?;
        let checkpoint = database.checkpoint().await;
        database.close().await?;
        checkpoint.map_err(|error| troubled(config, &error).into())
    })?;
    let none = || Trouble::new("the log has no head yet", "Start the server once.");
    let checkpoint = Checkpoint {
        checkpoint: checkpoint.ok_or_else(none)?,
    };
    session
        .output()
        .facts(&checkpoint, |facts| facts.checkpoint.clone());
    Ok(Exit::Done)
}

/// A database without our tables is the commonest fault of these commands.
fn troubled(config: &Config, error: &StoreError) -> Trouble {
    let trouble = unreachable(&config.store, error);
    trouble.and_details(["`breakglass migrate status` tells whether the tables are there"])
}
