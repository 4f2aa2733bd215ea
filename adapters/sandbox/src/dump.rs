//! Lets a test run collect what every app sent to every workspace, also in processes of its own.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use crate::call::Call;
use crate::mint;

/// Names a folder; each workspace adds a file of one JSON line for each call to it.
const FOLDER: &str = "BREAKGLASS_SANDBOX_CALLS";

/// The file of this workspace, if a folder is named.
#[expect(
    clippy::disallowed_methods,
    reason = "a test run collects from all its processes, which no option reaches"
)]
pub(crate) fn open() -> Option<File> {
    let folder = std::env::var(FOLDER).ok()?;
    let name = format!("{}-{}.jsonl", std::process::id(), mint::word(8));
    let file = OpenOptions::new()
        .create_new(true)
        .append(true)
        .open(Path::new(&folder).join(name));
    if let Err(fault) = &file {
        tracing::error!(target: "breakglass_sandbox", %fault, folder, "calls are not collected");
    }
    file.ok()
}

/// Adds one call.
pub(crate) fn add(file: &mut File, call: &Call) {
    let mut line = serde_json::to_vec(call).unwrap_or_default();
    line.push(b'\n');
    if let Err(fault) = file.write_all(&line) {
        tracing::error!(target: "breakglass_sandbox", %fault, "a call was not collected");
    }
}
