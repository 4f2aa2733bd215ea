//! `breakglass doctor`: would it work, here and now?

use std::sync::Arc;

use breakglass_core::policy::Policy;
use breakglass_core::port::provisioner::{Finding, FindingLevel};
use clap::Args;

use super::{Exit, Session, session};
use crate::check::misfits;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::doctor::world::world;
use crate::doctor::{Examined, examine, worst};
use crate::policy_files;
use crate::trouble::Trouble;

/// Check that it would work: everything `check` does, and chat, store, clock and every target, live
#[derive(Debug, Args)]
pub(super) struct Doctor {}

impl Doctor {
    #[expect(clippy::unused_self, reason = "every command is run alike")]
    pub(super) fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.need_config()?;
        let mut examined = vec![seen(
            "config",
            Finding::ok(format!("{} checks", config.file.display())),
        )];
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let policy = examine_policy(&config, &mut examined);
        examined.extend(session::wait(async {
            Ok(examine(world(&config, policy.as_ref(), &clock)).await)
        })?);
        session.output().facts(&examined, |examined| {
            let mut lines: Vec<_> = examined.iter().map(ToString::to_string).collect();
            lines.push(in_short(examined));
            lines.join("\n")
        });
        Ok(if worst(&examined) == FindingLevel::Failure {
            Exit::NotDone
        } else {
            Exit::Done
        })
    }
}

/// The last line, which is seen however long the list is.
fn in_short(examined: &[Examined]) -> String {
    let of = |level| {
        let found = examined.iter().filter(|seen| seen.finding.level == level);
        found.count()
    };
    match (of(FindingLevel::Failure), of(FindingLevel::Warning)) {
        (0, 0) => "All is well.".to_owned(),
        (0, warnings) => format!("It works; {} to look at.", counted(warnings, "warning")),
        (failures, _) => format!(
            "It doesn't work yet: {} to mend.",
            counted(failures, "failure")
        ),
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn seen(part: &str, finding: Finding) -> Examined {
    Examined {
        part: part.to_owned(),
        finding,
    }
}

fn examine_policy(config: &Config, examined: &mut Vec<Examined>) -> Option<Policy> {
    match policy_files::load(&config.policy_file) {
        Ok(policy) => {
            let what = format!(
                "{} checks ({})",
                config.policy_file.display(),
                policy.hash()
            );
            examined.push(seen("policy", Finding::ok(what)));
            examined.extend(
                misfits(config, &policy)
                    .into_iter()
                    .map(|finding| seen("policy", finding)),
            );
            Some(policy)
        }
        Err(error) => {
            let faults = error.lines().len();
            let what = format!("{error} ({faults} faults)");
            examined.push(seen(
                "policy",
                Finding::failure(what, "`breakglass check` tells all of them."),
            ));
            tracing::debug!(trouble = %Trouble::from(error), "the policy");
            None
        }
    }
}
