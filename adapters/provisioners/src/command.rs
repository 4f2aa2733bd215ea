//! `kind = "command"`: a program of the operator's own gives, takes and looks.
//!
//! It is started without a shell, with `provision`, `deprovision`, `inspect` or `list` as its last argument and
//! the holding as JSON on stdin; `docs/command.md` is its contract.

mod answer;
mod config;
mod run;
#[cfg(test)]
mod tests;

use std::os::unix::fs::PermissionsExt;

use async_trait::async_trait;
use breakglass_core::id::{HoldingId, ProvisionerId, RequestId};
use breakglass_core::port::provisioner::{
    Capabilities, Deprovisioned, Finding, FindingLevel, Listing, Observation, Presence, Provision,
    ProvisionError, Provisioned, Provisioner,
};
use breakglass_core::time::Timestamp;
use nix::unistd::{AccessFlags, access};
use serde::Serialize;

pub use config::{Config, read_program};

use run::{NoRun, Run};

/// Runs the configured program for each call.
#[derive(Debug)]
pub struct CommandProvisioner {
    config: Config,
}

/// What the program reads on stdin. Fields are added, never changed, as long as `version` is 1.
#[derive(Serialize)]
struct Input<'a> {
    version: u8,
    provisioner: &'a str,
    #[serde(flatten)]
    about: About<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<RequestId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    begin_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    begin_by_ms: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_after_ms: Option<Timestamp>,
}

/// What a call is about.
#[derive(Serialize)]
#[serde(untagged)]
enum About<'a> {
    Holding {
        account: &'a str,
        entitlement: &'a str,
    },
    Target {
        entitlements: &'a [String],
    },
}

impl<'a> Input<'a> {
    fn of(holding: &'a HoldingId) -> Self {
        let about = About::Holding {
            account: &holding.account,
            entitlement: &holding.entitlement,
        };
        Self::about(&holding.provisioner, about)
    }

    fn about(provisioner: &'a ProvisionerId, about: About<'a>) -> Self {
        Self {
            version: 1,
            provisioner: provisioner.as_str(),
            about,
            request: None,
            begin_by: None,
            begin_by_ms: None,
            not_after: None,
            not_after_ms: None,
        }
    }
}

impl CommandProvisioner {
    /// An adapter that runs `config.program`.
    pub const fn new(config: Config) -> Self {
        Self { config }
    }

    async fn run(&self, verb: &str, input: &Input<'_>) -> Result<Run, NoRun> {
        let input = serde_json::to_vec(input).map_err(|error| NoRun::Lost(error.into()))?;
        run::run(&self.config, verb, &input).await
    }
}

#[async_trait]
impl Provisioner for CommandProvisioner {
    fn capabilities(&self) -> Capabilities {
        self.config.capabilities.clone()
    }

    fn host(&self) -> String {
        self.config.program.display().to_string()
    }

    async fn provision(&self, call: &Provision) -> Result<Provisioned, ProvisionError> {
        let input = Input {
            request: Some(call.request),
            begin_by: Some(call.begin_by.to_string()),
            begin_by_ms: Some(call.begin_by),
            not_after: Some(call.not_after.to_string()),
            not_after_ms: Some(call.not_after),
            ..Input::of(&call.holding)
        };
        answer::provisioned(&self.config, self.run("provision", &input).await)
    }

    async fn deprovision(&self, holding: &HoldingId) -> Result<Deprovisioned, ProvisionError> {
        let run = self.run("deprovision", &Input::of(holding)).await;
        answer::deprovisioned(&self.config, run)
    }

    async fn inspect(&self, holding: &HoldingId) -> Result<Observation, ProvisionError> {
        if !self.config.capabilities.reads_back {
            return Ok(Observation {
                ours: Presence::Unknowable,
                foreign: Vec::new(),
            });
        }
        let run = self.run("inspect", &Input::of(holding)).await;
        answer::observed(&self.config, run)
    }

    /// That it can look is all that a program shows without doing anything.
    async fn preflight(&self, holding: &HoldingId) -> Result<(), ProvisionError> {
        self.inspect(holding).await.map(drop)
    }

    async fn list(
        &self,
        id: &ProvisionerId,
        entitlements: &[String],
    ) -> Result<Listing, ProvisionError> {
        let input = Input::about(id, About::Target { entitlements });
        answer::listed(&self.config, self.run("list", &input).await)
    }

    fn by_hand(&self, holding: &HoldingId) -> String {
        let (account, entitlement) = (
            shell_word(&holding.account),
            shell_word(&holding.entitlement),
        );
        if let Some(template) = &self.config.by_hand {
            return fill(template, &account, &entitlement);
        }
        let input = serde_json::to_string(&Input::of(holding)).unwrap_or_default();
        let program = self.config.program.display().to_string();
        let words = std::iter::once(&program).chain(&self.config.arguments);
        let words: Vec<_> = words.map(|word| shell_word(word)).collect();
        format!(
            "echo {} | {} deprovision",
            shell_word(&input),
            words.join(" ")
        )
    }

    async fn examine(&self, _entitlements: &[String]) -> Vec<Finding> {
        let mut findings = vec![self.examine_program()];
        if !self.config.capabilities.reads_back {
            findings.push(Finding {
                level: FindingLevel::Warning,
                what: "it can't look whether access is gone, so \"ended\" is said with a warning"
                    .into(),
                mend: "Teach the program `inspect`, then set reads_back = true.".into(),
            });
        } else if !self.config.capabilities.lists {
            findings.push(Finding {
                level: FindingLevel::Warning,
                what: "it can't list what it gave, so what outlives its grant there isn't found"
                    .into(),
                mend: "Teach the program `list`, then set lists = true.".into(),
            });
        }
        findings
    }
}

impl CommandProvisioner {
    fn examine_program(&self) -> Finding {
        const WRITABLE_BY_OTHERS: u32 = 0o022;
        let program = &self.config.program;
        let shown = program.display();
        let finding = |level, what, mend: &str| Finding {
            level,
            what,
            mend: mend.to_owned(),
        };
        let metadata = match std::fs::metadata(program) {
            Ok(metadata) if metadata.is_file() => metadata,
            Ok(_) => {
                return finding(
                    FindingLevel::Failure,
                    format!("{shown} is no file"),
                    "Mend `program`.",
                );
            }
            Err(error) => {
                let what = format!("{shown}: {error}");
                return finding(
                    FindingLevel::Failure,
                    what,
                    "Mend `program`, or put it there.",
                );
            }
        };
        if let Err(errno) = access(program, AccessFlags::X_OK) {
            let what = format!("{shown} can't be run: {}", errno.desc());
            return finding(
                FindingLevel::Failure,
                what,
                "Make it executable for the service's user.",
            );
        }
        if metadata.permissions().mode() & WRITABLE_BY_OTHERS != 0 {
            let what = format!("{shown} can be changed by others than its owner");
            return finding(
                FindingLevel::Warning,
                what,
                "chmod go-w it: who changes it gives access.",
            );
        }
        finding(FindingLevel::Ok, format!("{shown} can be run"), "")
    }
}

/// Fills both places in one pass, so that a name can't smuggle in a place.
fn fill(template: &str, account: &str, entitlement: &str) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        filled.push_str(&rest[..open]);
        rest = &rest[open..];
        let places = [("{account}", account), ("{entitlement}", entitlement)];
        let place = places
            .into_iter()
            .find(|(place, _)| rest.starts_with(place));
        let (place, value) = place.unwrap_or(("{", "{"));
        filled.push_str(value);
        rest = &rest[place.len()..];
    }
    filled + rest
}

/// The word as a shell takes it: what a person pastes must not run something else.
fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./@+:,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
