//! `breakglass policy test`: do the cases come out as their author expects?

use std::fs;
use std::path::{Path, PathBuf};

use breakglass_core::document::SourceFile;
use breakglass_core::policy::cases::{self, Report};
use clap::Args;
use serde_json::json;

use super::{Exit, PolicyFile, Session};
use crate::trouble::Trouble;

/// Run the cases of test files against the policy
#[derive(Debug, Args)]
pub(in crate::cli) struct Test {
    /// Files with `[[case]]` tables
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    policy: PolicyFile,
}

impl Test {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let policy = self.policy.load(session)?;
        let mut report = Report::default();
        for path in &self.files {
            let file = read(path)?;
            let cases = cases::read(&file, &policy).map_err(|faults| {
                let lines = faults.0.iter().map(ToString::to_string);
                let what = format!("the cases of {} don't check", file.name);
                Trouble::new(what, "docs/policy.md explains every key of a case.").details(lines)
            })?;
            report.run(&file.name, &cases, &policy);
        }
        let failures: Vec<_> = report
            .failures
            .iter()
            .map(|failure| {
                json!({
                    "file": failure.file,
                    "case": failure.case,
                    "differences": failure.differences,
                })
            })
            .collect();
        let facts = json!({
            "passed": report.passed,
            "failed": report.failures.len(),
            "failures": failures,
        });
        session.output().facts(&facts, |_| report.to_string());
        Ok(if report.failures.is_empty() {
            Exit::Done
        } else {
            Exit::NotDone
        })
    }
}

fn read(path: &Path) -> Result<SourceFile, Trouble> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| {
        Trouble::new(
            format!("can't read {name}"),
            "Name the files with your cases.",
        )
        .details([error.to_string()])
    })?;
    Ok(SourceFile { name, text })
}
