//! Which parts the world has that the server depends on.

use std::collections::BTreeSet;
use std::sync::Arc;

use breakglass_core::id::Platform;
use breakglass_core::policy::{Group, Policy};
use breakglass_core::port::chat::Named;

use super::{Examination, store};
use crate::chats;
use crate::clock::Clock;
use crate::config::{Config, PagerConfig, ProvisionerConfig};
use crate::pagers;

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

/// Those that may be away while the server runs: chat, every target, every pager.
pub fn beyond_store<'e>(
    config: &'e Config,
    policy: Option<&Policy>,
    clock: &Arc<dyn Clock>,
) -> Vec<Examination<'e>> {
    let chats = chats::platforms(config).into_iter();
    let mut world: Vec<_> = chats
        .map(|platform| chat(config, platform, policy, clock))
        .collect();
    world.extend(config.provisioners.iter().map(|one| target(one, policy)));
    world.extend(config.pagers.iter().map(|one| pager(one, clock)));
    world
}

fn chat<'e>(
    config: &Config,
    platform: Platform,
    policy: Option<&Policy>,
    clock: &Arc<dyn Clock>,
) -> Examination<'e> {
    let named = policy.map(|policy| named(policy, platform));
    let adapter = chats::one(config, platform, clock);
    Examination::new(platform.as_str(), async move {
        let named = named.unwrap_or_default();
        match adapter {
            Ok(Some(adapter)) => adapter.chat().examine(&named).await,
            Ok(None) => Vec::new(),
            Err(trouble) => vec![trouble.into_finding()],
        }
    })
}

/// What the policy names of a chat.
fn named(policy: &Policy, platform: Platform) -> Named {
    let targets = policy.targets();
    let channels = targets.filter_map(|target| target.approvers_channel_on(platform));
    let of_group = |group: &Group| {
        let lists = group.member_lists().chain(group.on_call_lists());
        let here = lists.filter(|(chat, _)| *chat == platform);
        let named = here.map(|(_, list)| (list.to_owned(), group.id.clone()));
        named.collect::<Vec<_>>()
    };
    Named {
        channels: channels.map(str::to_owned).collect(),
        groups: policy.groups().flat_map(of_group).collect(),
    }
}

fn pager<'e>(config: &PagerConfig, clock: &Arc<dyn Clock>) -> Examination<'e> {
    let pager = pagers::build(config, clock);
    Examination::new(format!("pager {}", config.id), async move {
        pager.examine().await
    })
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
