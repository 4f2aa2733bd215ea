//! Who is there, what they can ask for, and the policies that come into force: parsed once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use breakglass_core::command::Actor;
use breakglass_core::document::SourceFile;
use breakglass_core::id::{GroupId, HoldingId, PersonId, Platform, PolicyHash, RoleId, TargetId};
use breakglass_core::policy::Policy;
use breakglass_core::text::Text;

/// Everybody. The last is a guest, who may ask but never decide.
pub(crate) const PEOPLE: [&str; 8] = ["maya", "bo", "dana", "cy", "ines", "lee", "tess", "gus"];

/// What can be asked for: target, role, provisioner, entitlement.
pub(crate) const ROLES: [(&str, &str, &str, &str); 3] = [
    ("orders-db", "admin", "orders", "orders_admin"),
    ("orders-db", "read", "orders", "orders_read"),
    ("doors", "open", "doors", "doors_open"),
];

/// What is the same in every run.
#[derive(Debug)]
pub(crate) struct Cast {
    pub(crate) people: Vec<PersonId>,
    pub(crate) policies: Vec<Policy>,
    by_hash: BTreeMap<PolicyHash, usize>,
    pub(crate) roles: Vec<(TargetId, RoleId)>,
    pub(crate) dba: GroupId,
    pub(crate) security: GroupId,
    pub(crate) reason: Text,
}

pub(crate) static CAST: LazyLock<Cast> = LazyLock::new(Cast::new);

impl Cast {
    fn new() -> Self {
        let usual = include_str!("policy.toml");
        let texts = [
            usual.to_owned(),
            usual.replace("max_duration = \"30m\"", "max_duration = \"12m\""),
            usual.replace(
                "\"two-of-dba\"\nwho = [\"group:sre\"]",
                "\"two-of-dba\"\nwho = [\"group:leads\"]",
            ),
        ];
        let policies: Vec<Policy> = texts.iter().map(|text| parse(text)).collect();
        let by_hash = policies.iter().enumerate();
        let by_hash = by_hash.map(|(place, policy)| (policy.hash().clone(), place));
        Self {
            people: PEOPLE.iter().map(|id| id.parse().unwrap()).collect(),
            by_hash: by_hash.collect(),
            policies,
            roles: ROLES
                .iter()
                .map(|(target, role, ..)| (target.parse().unwrap(), role.parse().unwrap()))
                .collect(),
            dba: "dba".parse().unwrap(),
            security: "security".parse().unwrap(),
            reason: Text::new("replication slot stuck", "00").unwrap(),
        }
    }

    pub(crate) fn policy(&self, hash: Option<&PolicyHash>) -> &Policy {
        let place = hash.and_then(|hash| self.by_hash.get(hash));
        &self.policies[place.copied().unwrap_or_default()]
    }

    /// Who is in which group that chat keeps, to begin with.
    pub(crate) fn groups(&self) -> BTreeMap<GroupId, BTreeSet<PersonId>> {
        let some = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect();
        BTreeMap::from([
            (self.dba.clone(), some(&["bo", "dana", "cy", "gus"])),
            (self.security.clone(), some(&["cy", "ines", "lee"])),
        ])
    }
}

fn parse(text: &str) -> Policy {
    let file = SourceFile {
        name: "policy.toml".to_owned(),
        text: text.to_owned(),
    };
    Policy::parse(&[file]).unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// The holding that somebody would have by a role.
pub(crate) fn holding(role: usize, account: &str) -> HoldingId {
    let (_, _, provisioner, entitlement) = ROLES[role % ROLES.len()];
    HoldingId {
        provisioner: provisioner.parse().unwrap(),
        account: account.to_owned(),
        entitlement: entitlement.to_owned(),
    }
}

/// Somebody at one of their accounts; at Discord only if they have one there.
pub(crate) fn by(person: &PersonId, platform: Platform) -> Actor {
    let listed = CAST.policies[0].person(person);
    let on = |platform| listed.and_then(|listed| listed.account_on(platform));
    let (platform, account) = on(platform)
        .map(|account| (platform, account))
        .or_else(|| on(Platform::Slack).map(|account| (Platform::Slack, account)))
        .unwrap_or((Platform::Slack, ""));
    Actor::Person {
        person: person.clone(),
        platform,
        account: account.to_owned(),
    }
}
