//! `breakglass demo-target`: what the demo's provisioners run; not for people.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::output;

/// A target of the demo, as a program of an operator's own would be
#[derive(Debug, Args)]
pub(super) struct DemoTarget {
    /// Where the holdings are
    folder: PathBuf,
    /// `provision`, `deprovision`, `inspect` or `list`
    action: String,
}

impl DemoTarget {
    pub(super) fn run(self) -> ExitCode {
        let target = crate::demo::DemoTarget {
            folder: self.folder,
            action: self.action,
        };
        let (answer, code) = target.run(&mut std::io::stdin().lock());
        output::fact(&answer);
        ExitCode::from(code)
    }
}
