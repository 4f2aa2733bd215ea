//! Does the policy fit the configuration? What neither of them can tell alone, and no network is needed for.

mod live;

use std::collections::{BTreeMap, BTreeSet};

use breakglass_core::document::nearest;
use breakglass_core::id::{PersonId, Platform, ProvisionerId};
use breakglass_core::policy::{Policy, account};
use breakglass_core::port::provisioner::{Finding, FindingLevel};

use crate::config::{Config, ProvisionerConfig};
use crate::policy_files::PolicyError;

pub use live::changed_under;

/// The policy in the configured file, if it checks and fits.
pub fn load_policy(config: &Config) -> Result<Policy, PolicyError> {
    let policy = crate::policy_files::load(&config.policy_file)?;
    fit(config, &policy)?;
    Ok(policy)
}

/// Refuses a policy that doesn't fit.
pub fn fit(config: &Config, policy: &Policy) -> Result<(), PolicyError> {
    let failures = misfits(config, policy)
        .into_iter()
        .filter(|finding| finding.level == FindingLevel::Failure);
    let lines: Vec<_> = failures
        .map(|finding| format!("{}. {}", finding.what, finding.mend))
        .collect();
    if lines.is_empty() {
        Ok(())
    } else {
        Err(PolicyError::Misfits(lines))
    }
}

/// Everything that doesn't fit, failures and warnings.
pub fn misfits(config: &Config, policy: &Policy) -> Vec<Finding> {
    let mut findings = unknown_provisioners(config, policy);
    for provisioner in &config.provisioners {
        if !policy
            .targets()
            .any(|target| target.provisioner == provisioner.id)
        {
            let what = format!(
                "no target of the policy uses provisioner {:?}",
                provisioner.id
            );
            findings.push(Finding::warning(
                what,
                "Remove it once nothing is live there (`breakglass check --store`), or add a [[target]] that names it.",
            ));
            continue;
        }
        findings.extend(logins(policy, provisioner));
    }
    findings.extend(pagers(config, policy));
    findings.extend(reach(config, policy));
    findings.extend(untold_groups(config, policy));
    findings
}

fn unknown_provisioners(config: &Config, policy: &Policy) -> Vec<Finding> {
    let configured: BTreeSet<&ProvisionerId> =
        config.provisioners.iter().map(|one| &one.id).collect();
    let unknown = policy
        .targets()
        .filter(|target| !configured.contains(&target.provisioner));
    let tell = |target: &breakglass_core::policy::Target| {
        let named = target.provisioner.as_str();
        let what = format!(
            "target {:?} names provisioner {named:?}, which isn't configured",
            target.id
        );
        let meant = nearest(named, configured.iter().map(|id| id.as_str()));
        let meant = meant
            .map(|meant| format!(" Did you mean {meant:?}?"))
            .unwrap_or_default();
        Finding::failure(
            what,
            format!(
                "Add a [[provisioner]] with this id to {}.{meant}",
                config.file.display()
            ),
        )
    };
    unknown.map(tell).collect()
}

/// A pager that isn't there wakes nobody up, and one that nobody names doesn't either.
fn pagers(config: &Config, policy: &Policy) -> Vec<Finding> {
    let file = config.file.display();
    let configured: BTreeSet<_> = config.pagers.iter().map(|one| &one.id).collect();
    let unknown = policy.pagers().filter(|(_, id)| !configured.contains(id));
    let unknown = unknown.map(|(named_by, id)| {
        let meant = nearest(id.as_str(), configured.iter().map(|id| id.as_str()));
        let meant = meant
            .map(|meant| format!(" Did you mean {meant:?}?"))
            .unwrap_or_default();
        Finding::failure(
            format!("{named_by} names pager {id:?}, which isn't configured"),
            format!("Add a [[pager]] with this id to {file}.{meant}"),
        )
    });
    let named: BTreeSet<_> = policy.pagers().map(|(_, id)| id).collect();
    let idle = config.pagers.iter();
    let idle = idle.filter(|one| !one.alarms && !named.contains(&one.id));
    let idle = idle.map(|one| {
        let what = format!("pager {:?} takes no alarms, and the policy doesn't name it", one.id);
        Finding::warning(
            what,
            "Remove it, set `alarms = true`, or name it by `page = \"…\"` in a group or escalation.",
        )
    });
    unknown.chain(idle).collect()
}

/// Two people with one login would hold each other's access.
fn logins(policy: &Policy, provisioner: &ProvisionerConfig) -> Vec<Finding> {
    let mut holders: BTreeMap<String, Vec<&PersonId>> = BTreeMap::new();
    let mut without = Vec::new();
    for person in policy.people() {
        match account(person, &provisioner.id, &provisioner.login) {
            Ok(login) => holders.entry(login).or_default().push(&person.id),
            Err(_) => without.push(&person.id),
        }
    }
    let mut findings = Vec::new();
    for (login, people) in holders.into_iter().filter(|(_, people)| people.len() > 1) {
        let what = format!(
            "{} share the login {login:?} on {:?}",
            list(&people),
            provisioner.id
        );
        let mend = format!(
            "Give them `accounts = {{ {} = \"…\" }}` of their own.",
            provisioner.id
        );
        findings.push(Finding::failure(what, mend));
    }
    if !without.is_empty() {
        let what = format!(
            "{} can hold nothing on {:?}: no e-mail address",
            list(&without),
            provisioner.id
        );
        let mend = format!(
            "Give them an email, or `accounts = {{ {} = \"…\" }}`.",
            provisioner.id
        );
        findings.push(Finding::warning(what, mend));
    }
    findings
}

/// Can anybody be reached at all?
fn reach(config: &Config, policy: &Policy) -> Option<Finding> {
    let chats: Vec<Platform> = crate::chats::platforms(config);
    let reached = policy.people().any(|person| {
        let mut accounts = chats.iter().map(|chat| person.account_on(*chat));
        accounts.any(|account| account.is_some())
    });
    let names: Vec<&str> = chats.iter().map(|chat| chat.title()).collect();
    let what = format!(
        "nobody in the policy has a {} account, so nobody can ask",
        names.join(" or ")
    );
    let keys: Vec<String> = chats
        .iter()
        .map(|chat| format!("`{chat} = \"…\"`"))
        .collect();
    let mend = format!(
        "Give people {}; `breakglass people import {}` writes them for you.",
        keys.join(" or "),
        chats.first().map_or("slack", |chat| chat.as_str()),
    );
    (!reached).then(|| Finding::warning(what, mend))
}

/// A group that is kept on a chat which isn't configured: nobody tells who is in it beside those whom the policy lists.
fn untold_groups(config: &Config, policy: &Policy) -> Vec<Finding> {
    let chats = crate::chats::platforms(config);
    let mut findings = Vec::new();
    for group in policy.groups() {
        for (chat, key, kept) in [
            (Platform::Slack, "slack_usergroup", &group.slack_usergroup),
            (
                Platform::Slack,
                "on_call_usergroup",
                &group.on_call_usergroup,
            ),
            (Platform::Discord, "discord_role", &group.discord_role),
            (Platform::Discord, "on_call_role", &group.on_call_role),
        ] {
            if kept.is_none() || chats.contains(&chat) {
                continue;
            }
            let (group, chat) = (&group.id, chat.title());
            let what = format!(
                "group {:?} has a {key}, but {chat} isn't configured: what it would tell is unknown, and a rule that needs it doesn't match",
                group.as_str()
            );
            findings.push(Finding::warning(
                what,
                format!("Remove the key, or configure {chat}."),
            ));
        }
    }
    findings
}

fn list<T: ToString>(all: &[T]) -> String {
    const SHOWN_MAX: usize = 5;
    let shown: Vec<_> = all
        .iter()
        .take(SHOWN_MAX)
        .map(ToString::to_string)
        .collect();
    match all.len().saturating_sub(SHOWN_MAX) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests;
