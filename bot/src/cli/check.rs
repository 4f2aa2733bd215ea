//! `breakglass check`: do configuration and policy check, without asking anybody else?

use breakglass_core::policy::Policy;
use breakglass_core::port::provisioner::{Finding, FindingLevel};
use clap::Args;
use serde::Serialize;

use super::{Exit, Session};
use crate::chats;
use crate::check::misfits;
use crate::config::Config;
use crate::policy_files::{self, PolicyError};
use crate::trouble::screenful;

/// Check the configuration and the policy: parse, type-check, lint; no network
#[derive(Debug, Args)]
pub(super) struct Check {}

/// What `check` tells. A part that doesn't check is absent.
#[derive(Debug, Serialize)]
struct Checked {
    ok: bool,
    config: Option<String>,
    policy: Option<String>,
    findings: Vec<Finding>,
    #[serde(skip)]
    summary: Vec<String>,
}

impl Check {
    #[expect(clippy::unused_self, reason = "every command is run alike")]
    pub(super) fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let mut checked = Checked {
            ok: false,
            config: None,
            policy: None,
            findings: Vec::new(),
            summary: Vec::new(),
        };
        match session.config() {
            Ok(config) => checked.take(&config),
            Err(error) if session.output().is_json() => {
                let mend = "docs/example/breakglass.toml explains every key.";
                checked.findings = error
                    .lines()
                    .into_iter()
                    .map(|line| Finding::failure(line, mend))
                    .collect();
            }
            Err(error) => return Err(crate::trouble::Trouble::from(error).into()),
        }
        checked.ok = checked
            .findings
            .iter()
            .all(|finding| finding.level != FindingLevel::Failure);
        session.output().facts(&checked, Checked::text);
        Ok(if checked.ok {
            Exit::Done
        } else {
            Exit::NotDone
        })
    }
}

impl Checked {
    fn take(&mut self, config: &Config) {
        self.config = Some(config.digest().to_string());
        self.summary
            .push(format!("{}: {}", config.file.display(), in_short(config)));
        match policy_files::load(&config.policy_file) {
            Ok(policy) => {
                self.policy = Some(policy.hash().to_string());
                self.summary.push(format!(
                    "{}: {}",
                    config.policy_file.display(),
                    in_numbers(&policy)
                ));
                let lint = "Allowed, but probably not meant.";
                self.findings.extend(
                    policy
                        .warnings()
                        .iter()
                        .map(|fault| Finding::warning(fault.to_string(), lint)),
                );
                self.findings.extend(misfits(config, &policy));
            }
            Err(error @ PolicyError::Unreadable { .. }) => {
                let what = format!("{error}: {}", error.lines().join("; "));
                self.findings
                    .push(Finding::failure(what, "`[policy] file` names it."));
            }
            Err(error) => {
                self.findings.extend(
                    error
                        .lines()
                        .into_iter()
                        .map(|line| Finding::failure(line, "")),
                );
            }
        }
    }

    fn text(&self) -> String {
        let mut lines = self.summary.clone();
        let told = self.findings.iter().map(|finding| {
            let level = if finding.level == FindingLevel::Failure {
                "failure"
            } else {
                "warning"
            };
            let mend = if finding.mend.is_empty() {
                String::new()
            } else {
                format!(" {}", finding.mend)
            };
            let stop = if finding.what.ends_with('?') { "" } else { "." };
            format!("[{level}] {}{stop}{mend}", finding.what)
        });
        lines.extend(screenful(told.collect()));
        lines.push(if self.ok {
            "All checks.".to_owned()
        } else {
            "Doesn't check: mend the failures.".to_owned()
        });
        lines.join("\n")
    }
}

fn in_short(config: &Config) -> String {
    let chats = chats::in_short(config).join(", ");
    let provisioners = config
        .provisioners
        .iter()
        .map(|one| format!("{} ({})", one.id, one.kind.as_str()));
    let provisioners: Vec<_> = provisioners.collect();
    let test = config.server.test_mode.then(|| "TEST MODE".to_owned());
    let parts = [
        test,
        Some(chats),
        Some(config.store.shown()),
        Some(provisioners.join(", ")),
    ];
    parts
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("; ")
}

fn in_numbers(policy: &Policy) -> String {
    let roles: usize = policy.targets().map(|target| target.roles.len()).sum();
    let counts = [
        (policy.people().len(), "person", "people"),
        (policy.groups().len(), "group", "groups"),
        (policy.targets().len(), "target", "targets"),
        (roles, "role", "roles"),
        (policy.rules().len(), "rule", "rules"),
        (policy.guards().len(), "guard", "guards"),
    ];
    let counts =
        counts.map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }));
    format!("{}; {}", counts.join(", "), policy.hash())
}
