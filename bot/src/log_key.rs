//! The file that holds the log's signing key: read if it is ours alone, made only for an empty log.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use breakglass_core::log::SigningKey;
use nix::unistd::Uid;

use crate::config::LogConfig;
use crate::trouble::Trouble;

/// Far above any key; a larger file is no key.
const BYTES_MAX: u64 = 4096;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum LogKeyError {
    /// It isn't there, and the log has records that only it could sign.
    #[error("the log's key isn't at {}", .0.display())]
    Missing(PathBuf),
    /// Somebody else can read it, or it is somebody else's.
    #[error("the log's key at {} can be read by others (mode {mode:o})", file.display())]
    Open {
        /// The file.
        file: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It is a key, of another log.
    #[error("the key at {} is of the log {found:?}, not {wanted:?}", file.display())]
    Origin {
        /// The file.
        file: PathBuf,
        /// Whose it is.
        found: String,
        /// Whose it should be.
        wanted: String,
    },
    /// It is no key.
    #[error("the file at {} doesn't hold a log's key", .0.display())]
    Malformed(PathBuf),
    /// It can't be read or written.
    #[error("can't use the log's key at {}", .0.display())]
    Io(PathBuf, #[source] io::Error),
}

/// Reads the key of the configured log.
pub fn read(log: &LogConfig) -> Result<SigningKey, LogKeyError> {
    let file = &log.key_file;
    let unopened = |error: io::Error| {
        if error.kind() == io::ErrorKind::NotFound {
            LogKeyError::Missing(file.clone())
        } else {
            LogKeyError::Io(file.clone(), error)
        }
    };
    let opened = File::open(file).map_err(unopened)?;
    let failed = |error| LogKeyError::Io(file.clone(), error);
    let metadata = opened.metadata().map_err(failed)?;
    let mode = metadata.mode() & 0o777;
    let ours = metadata.uid() == Uid::effective().as_raw() || Uid::effective().is_root();
    if mode & 0o077 != 0 || !ours {
        return Err(LogKeyError::Open {
            file: file.clone(),
            mode,
        });
    }
    let mut text = String::new();
    opened
        .take(BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(failed)?;
    let key = SigningKey::parse(&text).map_err(|_| LogKeyError::Malformed(file.clone()))?;
    let found = key.verifying_key().origin();
    if found != log.origin {
        let (found, wanted) = (found.to_owned(), log.origin.clone());
        return Err(LogKeyError::Origin {
            file: file.clone(),
            found,
            wanted,
        });
    }
    Ok(key)
}

/// Reads the key, or, where there is none and the log is empty, makes one with mode 0600.
pub fn read_or_make(log: &LogConfig, log_is_empty: LogIs) -> Result<SigningKey, LogKeyError> {
    match (read(log), log_is_empty) {
        (Err(LogKeyError::Missing(_)), LogIs::Empty) => make(log),
        (outcome, _) => outcome,
    }
}

/// Does the log have records?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogIs {
    /// No: any key will do.
    Empty,
    /// Yes, and they were signed by one key.
    Written,
}

fn make(log: &LogConfig) -> Result<SigningKey, LogKeyError> {
    let file = &log.key_file;
    let failed = |error| LogKeyError::Io(file.clone(), error);
    let key = SigningKey::from_seed(&log.origin, rand::random())
        .map_err(|_| LogKeyError::Malformed(file.clone()))?;
    let mut opened = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .map_err(failed)?;
    writeln!(opened, "{}", key.to_text())
        .and_then(|()| opened.sync_all())
        .map_err(failed)?;
    sync_folder(file).map_err(failed)?;
    Ok(key)
}

/// A key that a power cut takes back leaves a log that nobody can go on with.
fn sync_folder(file: &Path) -> io::Result<()> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

impl From<LogKeyError> for Trouble {
    fn from(error: LogKeyError) -> Self {
        let what = error.to_string();
        match error {
            LogKeyError::Missing(_) => Self::new(
                what,
                "Put the key back from its backup, or mend `[log] key_file`. A new one is made only for an empty log: \
                 nobody could tell a log that goes on under another key from a forged one.",
            )
            .ask("Whoever keeps the backups of this machine's secrets."),
            LogKeyError::Open { file, .. } => Self::new(what, format!(
                "Own it and close it: chmod 600 {}. Whoever could read it can forge the log, so find out who did.",
                file.display()
            )),
            LogKeyError::Origin { .. } => {
                Self::new(what, "Mend `[log] origin` or `[log] key_file`: they must be of the same log.")
            }
            LogKeyError::Malformed(_) => Self::new(
                what,
                "Put the key back from its backup: one line that starts with PRIVATE+KEY+.",
            ),
            LogKeyError::Io(_, why) => {
                Self::new(what, "See that its folder exists and that breakglass may use it.").details([why.to_string()])
            }
        }
    }
}

#[cfg(test)]
mod tests;
