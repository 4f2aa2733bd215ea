//! Lets a test run collect what every app sent to every workspace, also in processes of its own.

use std::fs::{File, OpenOptions, create_dir_all};
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use crate::mint;

/// Names a folder; in it each workspace and guild adds a file of one JSON line for each call, in a folder of its
/// platform.
const FOLDER: &str = "BREAKGLASS_SANDBOX_CALLS";

/// The file of this workspace or guild, if a folder is named.
#[expect(
    clippy::disallowed_methods,
    reason = "a test run collects from all its processes, which no option reaches"
)]
pub(crate) fn open(platform: &str) -> Option<File> {
    let folder = Path::new(&std::env::var(FOLDER).ok()?).join(platform);
    let name = format!("{}-{}.jsonl", std::process::id(), mint::word(8));
    let mut options = OpenOptions::new();
    options.create_new(true).append(true);
    let file = create_dir_all(&folder).and_then(|()| options.open(folder.join(name)));
    if let Err(fault) = &file {
        tracing::error!(target: "breakglass_sandbox", %fault, folder = %folder.display(), "calls are not collected");
    }
    file.ok()
}

/// Adds one call.
pub(crate) fn add(file: &mut File, call: &impl Serialize) {
    let mut line = serde_json::to_vec(call).unwrap_or_default();
    line.push(b'\n');
    if let Err(fault) = file.write_all(&line) {
        tracing::error!(target: "breakglass_sandbox", %fault, "a call was not collected");
    }
}
