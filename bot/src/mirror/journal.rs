//! The file of live grants: a line for each change, written anew when most of it is past.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use breakglass_core::id::RequestId;
use serde::{Deserialize, Serialize};

use super::Held;

/// Past lines that are kept at least, so that a small file isn't written anew all the time.
const PAST_MAX: usize = 4_096;

#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    lines: usize,
    /// The last change that is on the disk.
    kept: u64,
    /// What went wrong since the file was last whole; it is written anew before anything rests on it.
    broken: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    grant: RequestId,
    /// Absent once it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    held: Option<Held>,
}

impl Journal {
    /// What the file says, which is written anew. What follows a line that a crash cut short was
    /// never relied on.
    pub(super) fn open(path: &Path) -> io::Result<(Self, BTreeMap<RequestId, Held>)> {
        let mut held = BTreeMap::new();
        match fs::read_to_string(path) {
            Ok(text) => {
                for line in text.lines() {
                    let Ok(line) = serde_json::from_str::<Line>(line) else {
                        tracing::warn!(file = %path.display(), "the list of live grants was cut short");
                        break;
                    };
                    match line.held {
                        Some(one) => held.insert(line.grant, one),
                        None => held.remove(&line.grant),
                    };
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let all = held.iter().map(|(id, held)| (*id, held.clone()));
        let file = write_anew(path, all)?;
        let journal = Self {
            path: path.to_owned(),
            file,
            lines: held.len(),
            kept: 0,
            broken: false,
        };
        Ok((journal, held))
    }

    /// Appends a change; `many` is how many grants there are.
    pub(super) fn write(&mut self, grant: RequestId, held: Option<&Held>, many: usize) {
        self.lines += 1;
        let line = Line {
            grant,
            held: held.cloned(),
        };
        let wrote = line_of(&line).and_then(|line| self.file.write_all(&line));
        if let Err(error) = wrote {
            tracing::error!(%error, file = %self.path.display(), "the list of live grants can't be written");
            self.broken = true;
        }
        self.broken |= self.lines > 2 * many + PAST_MAX;
    }

    /// Writes the file anew if it has to be.
    pub(super) fn mend(
        &mut self,
        held: impl ExactSizeIterator<Item = (RequestId, Held)>,
    ) -> io::Result<()> {
        if self.broken {
            self.lines = held.len();
            self.file = write_anew(&self.path, held)?;
            self.broken = false;
        }
        Ok(())
    }

    pub(super) fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    pub(super) fn kept(&mut self, stamp: u64) {
        self.kept = self.kept.max(stamp);
    }

    pub(super) const fn is_kept(&self, stamp: u64) -> bool {
        self.kept >= stamp && !self.broken
    }
}

fn line_of(line: &Line) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Writes all of it beside the file, and puts it in its place once it is on the disk.
fn write_anew(path: &Path, held: impl Iterator<Item = (RequestId, Held)>) -> io::Result<File> {
    let beside = path.with_extension("new");
    let mut options = File::options();
    let options = options.create(true).write(true).truncate(true).mode(0o600);
    let mut text = io::BufWriter::new(options.open(&beside)?);
    for (grant, held) in held {
        let line = Line {
            grant,
            held: Some(held),
        };
        text.write_all(&line_of(&line)?)?;
    }
    let file = text.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(file)
}
