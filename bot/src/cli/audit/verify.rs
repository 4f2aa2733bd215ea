//! `breakglass audit verify`: every record against the signed head, and against checkpoints from elsewhere.

use std::path::{Path, PathBuf};

use breakglass_core::log::{Head, HeadError, Report, Tampering, VerifyingKey};
use breakglass_store::{Audited, read_checkpoint};
use serde::Serialize;

use super::troubled;
use crate::cli::{Exit, Session, output, session};
use crate::config::Config;
use crate::database::{Role, connect};
use crate::log_key;
use crate::trouble::{Trouble, screenful};

/// What was found.
#[derive(Debug, Serialize)]
struct Verified {
    whole: bool,
    key: String,
    /// Where the key is from: `given` or `configured`.
    key_from: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<Report>,
    /// What shows that somebody rewrote the log, in words.
    tampering: Vec<String>,
    /// What else isn't as the log left it.
    differs: Vec<String>,
}

pub(super) fn run(
    session: &Session,
    config: &Config,
    given: Option<VerifyingKey>,
    checkpoints: &[PathBuf],
) -> anyhow::Result<Exit> {
    let key_from = if given.is_some() {
        "given"
    } else {
        "configured"
    };
    let key = given.map_or_else(|| configured_key(config), Ok)?;
    let (older, mut tampering) = older_heads(config, &key, checkpoints)?;
    let audited = session::wait(async {
        let database = connect(&config.store, Role::Server).await?;
        let audited = database.audit(&key, &older).await;
        database.close().await?;
        audited.map_err(|error| troubled(config, &error).into())
    })?;
    let Audited { log, differs } = audited;
    tampering.extend(log.as_ref().err().map(Tampering::to_string));
    let verified = Verified {
        whole: tampering.is_empty() && differs.is_empty(),
        key: key.to_string(),
        key_from,
        log: log.ok(),
        tampering,
        differs,
    };
    session.output().facts(&verified, Verified::text);
    if key_from == "configured" {
        output::say(
            "Checked with the configured key. Whoever holds this machine could have replaced it with the log: \
             compare it with the one you noted, or give that one by --key.",
        );
    }
    Ok(if verified.whole {
        Exit::Done
    } else {
        Exit::Tampering
    })
}

fn configured_key(config: &Config) -> Result<VerifyingKey, Trouble> {
    let read = log_key::read(&config.log).map(|key| key.verifying_key().clone());
    read.map_err(|error| Trouble::from(error).and_details(["the public key can be given by --key"]))
}

/// The given checkpoints, and the one that the server keeps beside the database. One that this key didn't sign
/// is tampering: either it, or the key and the log together, were replaced.
fn older_heads(
    config: &Config,
    key: &VerifyingKey,
    given: &[PathBuf],
) -> Result<(Vec<Head>, Vec<String>), Trouble> {
    let (mut heads, mut tampering) = (Vec::new(), Vec::new());
    let kept = &config.log.checkpoint_file;
    for file in given.iter().chain(std::iter::once(kept)) {
        let read = read_checkpoint(file).map_err(|error| unreadable(file, &error.to_string()))?;
        let Some(text) = read else {
            if file == kept {
                continue;
            }
            return Err(unreadable(file, "there is no such file"));
        };
        match Head::open(&text, key) {
            Ok(head) => heads.push(head),
            Err(HeadError::Malformed) => {
                return Err(unreadable(file, &HeadError::Malformed.to_string()));
            }
            Err(error @ (HeadError::Signature | HeadError::Origin)) => {
                tampering.push(format!("{}: {error}", file.display()));
            }
        }
    }
    Ok((heads, tampering))
}

fn unreadable(file: &Path, why: &str) -> Trouble {
    let what = format!("can't use the checkpoint {}: {why}", file.display());
    Trouble::new(
        what,
        "Give a file that `breakglass audit checkpoint` printed, or a copy of `[log] checkpoint_file`.",
    )
}

impl Verified {
    fn text(&self) -> String {
        let mut lines = Vec::new();
        if self.whole {
            lines.push("The log is whole.".to_owned());
        } else {
            lines.push("TAMPERING: this is not what was signed.".to_owned());
            lines.extend(self.tampering.iter().map(|line| format!("  {line}")));
            let differs = self
                .differs
                .iter()
                .map(|what| format!("{what} is not as the log left it"));
            lines.extend(
                screenful(differs.collect())
                    .into_iter()
                    .map(|line| format!("  {line}")),
            );
            lines.push(
                "Keep the database as it is, and find out who could write it. Nothing is granted while the server \
                 sees this."
                    .to_owned(),
            );
        }
        if let Some(Report {
            records,
            root,
            extends,
        }) = &self.log
        {
            let extends: Vec<_> = extends.iter().map(ToString::to_string).collect();
            lines.push(format!("records  {records}"));
            lines.push(format!("root     {root}"));
            lines.extend(
                (!extends.is_empty())
                    .then(|| format!("extends  checkpoints at {}", extends.join(", "))),
            );
        }
        lines.push(format!("key      {} ({})", self.key, self.key_from));
        lines.join("\n")
    }
}
