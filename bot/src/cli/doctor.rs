//! `breakglass doctor`: would it work, here and now?

use std::collections::BTreeSet;
use std::sync::Arc;

use breakglass_core::policy::Policy;
use breakglass_core::port::chat::Chat;
use breakglass_core::port::provisioner::FindingLevel;
use clap::Args;

use super::{Exit, Session, session};
use crate::chats;
use crate::check::misfits;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, ProvisionerConfig};
use crate::doctor::{Examination, Examined, examine, failure, ok, store, worst};
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
            ok(format!("{} checks", config.file.display())),
        )];
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let policy = examine_policy(&config, &mut examined);
        examined.extend(session::wait(async {
            Ok(examine(world(&config, policy.as_ref(), &clock)).await)
        })?);
        session.output().facts(&examined, |examined| {
            examined
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n")
        });
        Ok(if worst(&examined) == FindingLevel::Failure {
            Exit::NotDone
        } else {
            Exit::Done
        })
    }
}

fn seen(part: &str, finding: breakglass_core::port::provisioner::Finding) -> Examined {
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
            examined.push(seen("policy", ok(what)));
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
                failure(what, "`breakglass check` tells all of them."),
            ));
            tracing::debug!(trouble = %Trouble::from(error), "the policy");
            None
        }
    }
}

/// Every part of the world that the server depends on, one line each.
fn world<'e>(
    config: &'e Config,
    policy: Option<&'e Policy>,
    clock: &'e Arc<dyn Clock>,
) -> Vec<Examination<'e>> {
    let mut world = vec![Examination::new("store", store::examine(config, clock))];
    world.extend(chat(config, policy, clock));
    world.extend(config.provisioners.iter().map(|one| target(one, policy)));
    world
}

fn chat<'e>(
    config: &Config,
    policy: Option<&Policy>,
    clock: &Arc<dyn Clock>,
) -> Option<Examination<'e>> {
    let named = policy.into_iter().flat_map(Policy::targets);
    let named: BTreeSet<_> = named
        .filter_map(|target| target.slack_approvers_channel.clone())
        .collect();
    let named: Vec<_> = named.into_iter().collect();
    match chats::slack(config, clock) {
        Ok(None) => None,
        Ok(Some(slack)) => Some(Examination::new("slack", async move {
            slack.examine(&named).await
        })),
        Err(trouble) => Some(Examination::new("slack", async {
            vec![trouble.into_finding()]
        })),
    }
}

fn target<'e>(provisioner: &'e ProvisionerConfig, policy: Option<&Policy>) -> Examination<'e> {
    let targets = policy.into_iter().flat_map(Policy::targets);
    let ours = targets.filter(|target| target.provisioner == provisioner.id);
    let entitlements: BTreeSet<String> = ours
        .flat_map(|target| target.roles.iter().map(|role| role.grants.clone()))
        .collect();
    Examination::new(format!("target {}", provisioner.id), async move {
        let entitlements: Vec<_> = entitlements.into_iter().collect();
        provisioner
            .kind
            .clone()
            .build()
            .examine(&entitlements)
            .await
    })
}
