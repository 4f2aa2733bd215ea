//! `breakglass doctor`: would it work, here and now?

use std::sync::Arc;

use breakglass_core::id::PagerId;
use breakglass_core::policy::Policy;
use breakglass_core::port::pager::PageKind;
use breakglass_core::port::provisioner::{Finding, FindingLevel};
use clap::Args;

use super::{Exit, Session, session};
use crate::check::misfits;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::doctor::world::world;
use crate::doctor::{Examined, examine, worst};
use crate::pagers::{Message, Pagers};
use crate::policy_files;
use crate::trouble::Trouble;

/// Check that it would work: everything `check` does, and chat, store, clock, every target and pager, live
#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Only send a test page by this pager
    #[arg(long, value_name = "ID")]
    page: Option<PagerId>,
}

impl Doctor {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.need_config()?;
        if let Some(pager) = &self.page {
            return page(session, &config, pager);
        }
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

/// Calls somebody, who is told that it is a test.
fn page(session: &Session, config: &Config, pager: &PagerId) -> anyhow::Result<Exit> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let pagers = Pagers::new(config, &clock);
    let message = Message {
        id: format!("test.{}", hex::encode(rand::random::<[u8; 4]>())),
        at: clock.now(),
        kind: PageKind::Test,
        request: None,
        text: "A test page of breakglass. Nothing happened, and nothing is to be done.".to_owned(),
        link: None,
    };
    let sent = session::wait(async { Ok(pagers.send(pager, &message).await) })?;
    let part = format!("pager {pager}");
    let (examined, exit) = match sent {
        Ok(()) => {
            let what = format!(
                "took a test page, id {}; see that somebody got it",
                message.id
            );
            (seen(&part, Finding::ok(what)), Exit::Done)
        }
        Err(error) => {
            let mend =
                "Mend its [[pager]]; `breakglass doctor` looks at it without paging anybody.";
            let finding = Finding::failure(error.to_string(), mend);
            (seen(&part, finding), Exit::NotDone)
        }
    };
    session.output().facts(&examined, ToString::to_string);
    Ok(exit)
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
