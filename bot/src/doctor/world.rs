//! Which parts the world has that the server depends on.

use std::collections::BTreeSet;
use std::sync::Arc;

use breakglass_core::policy::Policy;
use breakglass_core::port::chat::Chat;

use super::{Examination, store};
use crate::chats;
use crate::clock::Clock;
use crate::config::{Config, ProvisionerConfig};

/// All of them.
pub fn world<'e>(
    config: &'e Config,
    policy: Option<&'e Policy>,
    clock: &'e Arc<dyn Clock>,
) -> Vec<Examination<'e>> {
    let mut world = vec![Examination::new("store", store::examine(config, clock))];
    world.extend(beyond_store(config, policy, clock));
    world
}

/// Those that may be away while the server runs: chat, and every target.
pub fn beyond_store<'e>(
    config: &'e Config,
    policy: Option<&Policy>,
    clock: &Arc<dyn Clock>,
) -> Vec<Examination<'e>> {
    let mut world: Vec<_> = chat(config, policy, clock).into_iter().collect();
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
