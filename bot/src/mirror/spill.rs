//! What was taken away while nothing could be recorded: a file with room made beforehand, since a full disk may be why.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use breakglass_core::command::Removal;
use serde_json::from_slice;

/// Room for some 10,000 removals, in bytes.
const ROOM: u64 = 2 * 1024 * 1024;

/// Removals that the log doesn't have yet, in a file of fixed size: lines, then zeros.
#[derive(Debug)]
pub struct Spill {
    written: Mutex<Written>,
}

#[derive(Debug)]
struct Written {
    file: File,
    removals: Vec<Removal>,
    end: u64,
}

impl Spill {
    /// Opens it, and makes it with all its room if it isn't there. A line that a crash cut short is passed over: what
    /// it tells of is taken away again, to no effect, and told again.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut options = File::options();
        let options = options.create(true).read(true).write(true).truncate(false);
        let file = options.mode(0o600).open(path)?;
        let mut bytes = vec![0; usize::try_from(ROOM).map_err(io::Error::other)?];
        let length = file.metadata()?.len();
        if length < ROOM {
            // Zeros that are written, and not a hole, take their room on the disk.
            file.write_all_at(&bytes, 0)?;
            file.sync_all()?;
        } else {
            file.read_exact_at(&mut bytes, 0)?;
        }
        let mut written = Written {
            file,
            removals: Vec::new(),
            end: 0,
        };
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let Ok(removal) = from_slice(line) else {
                break;
            };
            written.removals.push(removal);
            written.end += u64::try_from(line.len()).map_err(io::Error::other)?;
        }
        Ok(Self {
            written: Mutex::new(written),
        })
    }

    /// Writes one down; on the disk when it returns. The same grant's is written once.
    pub fn write(&self, removal: Removal) -> io::Result<()> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if written
            .removals
            .iter()
            .any(|other| other.request == removal.request)
        {
            return Ok(());
        }
        let mut line = serde_json::to_vec(&removal)?;
        line.push(b'\n');
        let length = u64::try_from(line.len()).map_err(io::Error::other)?;
        if written.end + length > ROOM {
            return Err(io::ErrorKind::StorageFull.into());
        }
        written.file.write_all_at(&line, written.end)?;
        written.file.sync_data()?;
        written.end += length;
        written.removals.push(removal);
        Ok(())
    }

    /// What the log doesn't have yet, oldest first.
    pub fn removals(&self) -> Vec<Removal> {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.removals.clone()
    }

    /// The log has these: they are forgotten.
    pub fn clear(&self) -> io::Result<()> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let zeros = vec![0; usize::try_from(written.end).map_err(io::Error::other)?];
        written.file.write_all_at(&zeros, 0)?;
        written.file.sync_data()?;
        written.end = 0;
        written.removals.clear();
        Ok(())
    }
}
