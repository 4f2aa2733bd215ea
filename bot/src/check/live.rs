//! Do configuration and policy still know what live grants rest on? Whatever they say now, a grant ends by what was
//! frozen when it was given; only a provisioner that isn't configured any more leaves nobody to take it away.

use std::collections::BTreeMap;
use std::fmt;

use breakglass_core::id::{ProvisionerId, RequestId};
use breakglass_core::policy::{Policy, account};
use breakglass_core::port::provisioner::Finding;
use breakglass_core::state::{Phase, Request};
use breakglass_core::time::Timestamp;

use super::list;
use crate::config::Config;

/// What a live grant rests on that isn't there any more, or is something else now. In the order of how bad it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Lost {
    Provisioner(ProvisionerId),
    Person(String),
    Login {
        person: String,
        provisioner: ProvisionerId,
        now: String,
    },
    Target(String),
    Role(String),
    Moved {
        target: String,
        now: ProvisionerId,
    },
    Entitlement {
        role: String,
        now: String,
    },
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provisioner(id) => write!(f, "provisioner {:?} isn't configured", id.as_str()),
            Self::Person(id) => write!(f, "person {id:?} isn't in the policy"),
            Self::Login {
                person,
                provisioner,
                now,
            } => write!(f, "{person}'s login on {provisioner} is {now} now"),
            Self::Target(id) => write!(f, "target {id:?} isn't in the policy"),
            Self::Role(id) => write!(f, "role {id:?} isn't in the policy"),
            Self::Moved { target, now } => {
                write!(f, "target {target:?} is at provisioner {now} now")
            }
            Self::Entitlement { role, now } => write!(f, "role {role:?} grants {now:?} now"),
        }
    }
}

impl Lost {
    fn mend(&self, last: Option<Timestamp>) -> String {
        let last = last.map_or_else(
            || "they have ended".to_owned(),
            |at| format!("the last of them has ended, at {at}"),
        );
        match self {
            Self::Provisioner(_) => {
                format!(
                    "Nobody can take that access away. Put the [[provisioner]] back until {last}."
                )
            }
            Self::Person(_) => format!(
                "A server takes away at once what somebody has who isn't listed. If that isn't meant, list them until {last}."
            ),
            Self::Login { .. }
            | Self::Target(_)
            | Self::Role(_)
            | Self::Moved { .. }
            | Self::Entitlement { .. } => format!(
                "That access still ends by what was written down when it was given, but nobody can ask for more of it. \
                 Rather wait until {last}, or revoke it: `breakglass grants revoke`."
            ),
        }
    }
}

/// One finding for each thing that live grants rest on and that changed under them, naming the grants.
pub fn changed_under(config: &Config, policy: &Policy, live: &[Request]) -> Vec<Finding> {
    let mut losses: BTreeMap<Lost, Vec<&Request>> = BTreeMap::new();
    for request in live {
        for lost in lost(config, policy, request) {
            losses.entry(lost).or_default().push(request);
        }
    }
    let tell = |(lost, mut requests): (Lost, Vec<&Request>)| {
        requests.sort_by_key(|request| request.id);
        let ids: Vec<RequestId> = requests.iter().map(|request| request.id).collect();
        let last = requests.iter().filter_map(|request| end(request)).max();
        let verb = if ids.len() == 1 { "rests" } else { "rest" };
        let what = format!("{lost}, and {} {verb} on it", list(&ids));
        Finding::failure(what, lost.mend(last))
    };
    losses.into_iter().map(tell).collect()
}

/// When it ends at the latest; nothing, if it should have by now.
fn end(request: &Request) -> Option<Timestamp> {
    match &request.phase {
        Phase::Approved { end_by, .. } => Some(*end_by),
        Phase::Active { expires_at } => Some(*expires_at),
        Phase::Pending { .. }
        | Phase::Ending(_)
        | Phase::Ended { .. }
        | Phase::Denied { .. }
        | Phase::Withdrawn { .. }
        | Phase::Lapsed { .. } => None,
    }
}

fn lost(config: &Config, policy: &Policy, request: &Request) -> Vec<Lost> {
    let asked = &request.asked;
    let frozen = &asked.holding;
    let mut lost = Vec::new();
    let mut provisioners = config.provisioners.iter();
    match provisioners.find(|one| one.id == frozen.provisioner) {
        None => lost.push(Lost::Provisioner(frozen.provisioner.clone())),
        Some(provisioner) => {
            let person = policy.person(&asked.beneficiary);
            let login = person.map(|person| account(person, &provisioner.id, &provisioner.login));
            if let Some(Ok(now)) = login
                && now != frozen.account
            {
                lost.push(Lost::Login {
                    person: asked.beneficiary.to_string(),
                    provisioner: provisioner.id.clone(),
                    now,
                });
            }
        }
    }
    let mut people = vec![&asked.beneficiary, &asked.requester];
    people.dedup();
    let gone = people.into_iter().filter(|id| policy.person(id).is_none());
    lost.extend(gone.map(|id| Lost::Person(id.to_string())));
    let role = format!("{}/{}", asked.target, asked.role);
    match policy.target(&asked.target) {
        None => lost.push(Lost::Target(asked.target.to_string())),
        Some(target) if target.provisioner != frozen.provisioner => lost.push(Lost::Moved {
            target: asked.target.to_string(),
            now: target.provisioner.clone(),
        }),
        Some(target) => match target.role(&asked.role) {
            None => lost.push(Lost::Role(role)),
            Some(now) if now.grants != frozen.entitlement => lost.push(Lost::Entitlement {
                role,
                now: now.grants.clone(),
            }),
            Some(_) => {}
        },
    }
    lost
}
