//! No, and why: what was missing, what was unknown, what could be asked for instead.

use std::collections::BTreeMap;

use crate::fact::Known;
use crate::id::{RoleId, TargetId};
use crate::policy::condition::{Holds, Key};
use crate::policy::{Role, Rule, Target};
use crate::ruling::{Denial, Selector};

use super::{Inquiry, Miss, Stopped, Weighed};

/// How many roles are offered instead.
const COULD_ASK_MAX: usize = 5;

/// How many roles are looked at to find them, so that a refusal takes no longer than a yes.
const LOOKED_AT_MAX: usize = 50;

/// How many rules that nearly matched are explained.
const NEAR_MAX: usize = 5;

impl<'p> Inquiry<'p> {
    pub(super) fn denied_by_guard(&self, stopped: &Stopped<'p>) -> Denial {
        let guard = stopped.guard;
        let mut reasons = vec![format!("{} ({})", guard.reason, guard.id)];
        let mut unknown = self.unknown_keys(&stopped.unknown);
        if stopped.who_unknown {
            unknown.extend(self.unknown_groups(&guard.who));
        }
        reasons.extend(unknown.iter().map(|(fact, why)| {
            format!("{} can't be ruled out: {fact} is unknown ({why})", guard.id)
        }));
        if let Some(why) = &stopped.failed {
            reasons.push(format!("{} can't be ruled out: {why}", guard.id));
        }
        Denial {
            guard: Some(guard.id.clone()),
            longest: None,
            could_ask: self.could_ask(),
            unknown,
            reasons,
        }
    }

    /// No rule is a path: none matches, or only without the incident, or only for less time.
    pub(super) fn denied_by_rules(&self, weighed: &[Weighed<'p>]) -> Denial {
        let open = weighed.iter().filter(|weighed| weighed.miss.is_none());
        let longest = open.map(|weighed| weighed.rule.settings.max_duration).max();
        let mut unknown = BTreeMap::new();
        let mut reasons = Vec::new();
        if let Some(longest) = longest {
            reasons.push(format!("At most {longest} is allowed."));
        } else {
            let (target, role) = self.place();
            for Weighed { rule, miss } in weighed {
                unknown.extend(miss.iter().flat_map(|miss| self.unknown_in(rule, miss)));
            }
            let near = weighed.iter().filter(|weighed| weighed.is_near());
            reasons.extend(near.take(NEAR_MAX).map(|weighed| {
                format!("{}: {}", weighed.rule.id, self.why_not(weighed).join("; "))
            }));
            if reasons.is_empty() {
                let who = &self.beneficiary.id;
                reasons.push(format!("No rule lets {who} have {role} on {target}."));
            }
        }
        let could_ask = if longest.is_some() {
            Vec::new()
        } else {
            self.could_ask()
        };
        Denial {
            guard: None,
            longest,
            could_ask,
            unknown,
            reasons,
        }
    }

    /// In words, why a rule is no path; empty if it is one.
    pub(in crate::policy) fn why_not(&self, weighed: &Weighed<'_>) -> Vec<String> {
        let rule = weighed.rule;
        let (requester, beneficiary) = (&self.requester.id, &self.beneficiary.id);
        match &weighed.miss {
            None => Vec::new(),
            Some(Miss::Beneficiary) => vec![format!("it is not for {beneficiary}")],
            Some(Miss::OnBehalf) => vec![format!("{requester} may not ask for {beneficiary}")],
            Some(miss @ (Miss::BeneficiaryUnknown | Miss::OnBehalfUnknown)) => {
                let unknown = self.unknown_in(rule, miss);
                unknown
                    .iter()
                    .map(|(group, why)| format!("{group} is unknown: {why}"))
                    .collect()
            }
            Some(Miss::Condition(Holds::Failed(why))) => {
                vec![format!("its condition can't be evaluated: {why}")]
            }
            Some(Miss::Condition(Holds::Unknown(keys))) => keys
                .iter()
                .map(|key| self.circumstances.describe(*key))
                .collect(),
            Some(Miss::Condition(Holds::Yes | Holds::No)) => rule
                .when
                .iter()
                .flat_map(|when| when.why_not(&self.circumstances))
                .collect(),
            Some(Miss::Incident) => {
                let like = rule.incident.written.as_ref();
                let like = like.map_or(String::new(), |pattern| format!(" like {pattern}"));
                vec![format!("an incident{like} must be named")]
            }
        }
    }

    /// Roles of the same target, then of others, that would be allowed under the same circumstances.
    fn could_ask(&self) -> Vec<(TargetId, RoleId)> {
        let others = self
            .policy
            .targets()
            .filter(|target| target.id != self.target.id);
        let roles = |target: &'p Target| target.roles.iter().map(move |role| (target, role));
        std::iter::once(self.target)
            .chain(others)
            .flat_map(roles)
            .filter(|(target, role)| (&target.id, &role.id) != (&self.target.id, &self.role.id))
            .take(LOOKED_AT_MAX)
            .filter(|(target, role)| self.would_allow(target, role))
            .take(COULD_ASK_MAX)
            .map(|(target, role)| (target.id.clone(), role.id.clone()))
            .collect()
    }

    fn would_allow(&self, target: &'p Target, role: &'p Role) -> bool {
        let mut other = self.about(target, role);
        let weighed = other.weigh_rules();
        if weighed.iter().all(|weighed| weighed.miss.is_some()) {
            return false;
        }
        other.settle_duration(&weighed);
        other.stopping_guard().is_none()
    }

    fn unknown_in(&self, rule: &Rule, miss: &Miss) -> BTreeMap<String, String> {
        match miss {
            Miss::Condition(Holds::Unknown(keys)) => self.unknown_keys(keys),
            Miss::BeneficiaryUnknown => self.unknown_groups(&rule.who),
            Miss::OnBehalfUnknown => self.unknown_groups(&rule.on_behalf),
            Miss::Condition(Holds::Yes | Holds::No | Holds::Failed(_))
            | Miss::Beneficiary
            | Miss::OnBehalf
            | Miss::Incident => BTreeMap::new(),
        }
    }

    fn unknown_keys(&self, keys: &[Key]) -> BTreeMap<String, String> {
        let why = |key: &Key| {
            self.circumstances
                .unknown(*key)
                .unwrap_or_default()
                .to_owned()
        };
        keys.iter()
            .map(|key| (key.as_str().to_owned(), why(key)))
            .collect()
    }

    fn unknown_groups(&self, selectors: &[Selector]) -> BTreeMap<String, String> {
        let owners = selectors
            .contains(&Selector::OwnersOfTarget)
            .then_some(&self.target.owners);
        let all = selectors.iter().chain(owners.into_iter().flatten());
        all.filter_map(|selector| {
            let Selector::Group(group) = selector else {
                return None;
            };
            match self.facts.members.get(group)? {
                Known::Known(_) => None,
                Known::Unknown(why) => Some((selector.to_string(), why.clone())),
            }
        })
        .collect()
    }
}

impl Weighed<'_> {
    /// Is it for these people, and only something else is missing?
    fn is_near(&self) -> bool {
        match self.miss {
            None | Some(Miss::Beneficiary | Miss::OnBehalf) => false,
            Some(
                Miss::BeneficiaryUnknown
                | Miss::OnBehalfUnknown
                | Miss::Condition(_)
                | Miss::Incident,
            ) => true,
        }
    }
}
