//! The newest signed checkpoint as a file, so that it is outside of the database and easy to copy elsewhere.

use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use crate::store::Store;

/// Reads the checkpoint; absent if there is no such file yet.
pub fn read_checkpoint(file: &Path) -> io::Result<Option<String>> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Puts the checkpoint in the file's place at once: whoever reads sees the old one or the new one, also after
/// a crash.
pub fn keep_checkpoint(file: &Path, checkpoint: &str) -> io::Result<()> {
    let mut name = file.file_name().ok_or(ErrorKind::InvalidInput)?.to_owned();
    name.push(".new");
    let beside = file.with_file_name(name);
    let mut new = std::fs::File::create(&beside)?;
    new.write_all(checkpoint.as_bytes())?;
    new.sync_all()?;
    std::fs::rename(&beside, file)?;
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    std::fs::File::open(folder)?.sync_all()
}

impl Store {
    /// Keeps the newest checkpoint in the file, looking for news this often. What isn't trusted
    /// is never written. Never ends; drop it after the store is closed.
    pub async fn keep_checkpoints(&self, file: PathBuf, every: Duration) {
        let mut status = self.status();
        let mut kept = String::new();
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let newest = status.borrow_and_update().checkpoint.clone();
            if newest != kept && !newest.is_empty() {
                match write(&file, &newest).await {
                    Ok(()) => kept = newest,
                    Err(error) => {
                        tracing::error!(%error, file = %file.display(), "can't keep the checkpoint");
                    }
                }
            }
            ticks.tick().await;
        }
    }
}

async fn write(file: &Path, checkpoint: &str) -> io::Result<()> {
    let (file, checkpoint) = (file.to_owned(), checkpoint.to_owned());
    let written = tokio::task::spawn_blocking(move || keep_checkpoint(&file, &checkpoint));
    written
        .await
        .unwrap_or_else(|error| Err(io::Error::other(error)))
}
