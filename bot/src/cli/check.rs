//! `breakglass check`: do configuration and policy check, without asking anybody else?

use breakglass_core::policy::Policy;
use breakglass_core::port::provisioner::{Finding, FindingLevel};
use clap::Args;
use serde::Serialize;

use super::session::wait;
use super::{Exit, Session};
use crate::chats;
use crate::check::{changed_under, misfits};
use crate::config::Config;
use crate::database::{connect_migrated, unreachable};
use crate::policy_files::{self, PolicyError};
use crate::trouble::screenful;

/// More live grants than any store has; it only bounds what is read.
const LIVE_MAX: u64 = 1_000_000;

/// Check the configuration and the policy: parse, type-check, lint; no network
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Compare with what is live in the store, too: does it rest on something that was removed or renamed?
    #[arg(long)]
    store: bool,
}

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
    pub(super) fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let mut checked = Checked {
            ok: false,
            config: None,
            policy: None,
            findings: Vec::new(),
            summary: Vec::new(),
        };
        match session.config() {
            Ok(config) => {
                let policy = checked.take(&config);
                if let Some(policy) = policy.filter(|_| self.store) {
                    wait(checked.compare(&config, &policy))?;
                }
            }
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
    fn take(&mut self, config: &Config) -> Option<Policy> {
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
                return Some(policy);
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
        None
    }

    /// Looks whether configuration and policy still know what live grants rest on.
    async fn compare(&mut self, config: &Config, policy: &Policy) -> anyhow::Result<()> {
        let database = match connect_migrated(&config.store).await {
            Ok(database) => database,
            Err(trouble) => {
                self.findings.push(trouble.into_finding());
                return Ok(());
            }
        };
        let live = database.live_grants(LIVE_MAX).await;
        let live = live.map_err(|error| unreachable(&config.store, &error))?;
        database.close().await?;
        self.summary.push(match live.len() {
            0 => "Nothing is live.".to_owned(),
            1 => "1 grant is live.".to_owned(),
            more => format!("{more} grants are live."),
        });
        self.findings.extend(changed_under(config, policy, &live));
        Ok(())
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
