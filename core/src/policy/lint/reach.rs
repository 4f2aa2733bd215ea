//! Rules and guards that can never match, and rules that another always comes before.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::id::TargetId;
use crate::policy::draft::Draft;
use crate::policy::guard::GuardDraft;
use crate::policy::rule::RuleDraft;
use crate::policy::{Condition, RolePattern, Rule};
use crate::ruling::{Quorum, Selector};

use super::Findings;
use super::roster::Roster;

pub(super) fn check(draft: &Draft, roster: &Roster<'_>, findings: &mut Findings) {
    let always: Vec<_> = draft
        .guards
        .iter()
        .filter(|drafted| is_absolute(drafted))
        .collect();
    let broad = ByBreadth::new(&draft.rules);
    for (position, drafted) in draft.rules.iter().enumerate() {
        let rule = &drafted.rule;
        if is_nobody(&rule.who, &rule.roles, roster) {
            findings.errors.push(
                drafted
                    .place
                    .fault("this rule can never match: it is for nobody"),
            );
        } else if is_impossible(rule.when.as_ref()) {
            findings.errors.push(
                drafted
                    .when
                    .fault("can never be true, so the rule never matches"),
            );
        } else if let Some(guard) = always.iter().find(|guard| forbids(guard, rule, roster)) {
            let guard = &guard.guard.id;
            let message = format!("this rule can never allow: guard {guard} always forbids it");
            findings.errors.push(drafted.place.fault(message));
        } else if let Some(other) = broad.shadowing(position, &draft.rules, roster) {
            let message = format!("this rule is shadowed: {} always comes before it", other.id);
            findings.errors.push(drafted.place.fault(message));
        }
    }
    for drafted in &draft.guards {
        let guard = &drafted.guard;
        if is_nobody(&guard.who, &guard.roles, roster) {
            findings.errors.push(
                drafted
                    .place
                    .fault("this guard can never match: it is for nobody"),
            );
        } else if is_impossible(guard.when.as_ref()) {
            findings.errors.push(
                drafted
                    .when
                    .fault("can never be true, so the guard never matches"),
            );
        }
    }
}

fn is_nobody(who: &[Selector], roles: &[RolePattern], roster: &Roster<'_>) -> bool {
    let targets = roster.targets_of(roles);
    let nobody = |people: Option<BTreeSet<_>>| people.is_some_and(|p| p.is_empty());
    // What isn't listed at all, or an empty list, is told by itself.
    !who.is_empty()
        && !targets.is_empty()
        && targets
            .iter()
            .all(|target| nobody(roster.people_of(who, Some(target))))
}

fn is_impossible(condition: Option<&Condition>) -> bool {
    condition.is_some_and(|condition| !condition.is_possible())
}

fn is_absolute(drafted: &GuardDraft) -> bool {
    drafted.guard.when.is_none() && drafted.guard.unless.is_none()
}

fn forbids(drafted: &GuardDraft, rule: &Rule, roster: &Roster<'_>) -> bool {
    covers_roles(&drafted.guard.roles, &rule.roles) && roster.covers(&drafted.guard.who, &rule.who)
}

fn covers_roles(wide: &[RolePattern], narrow: &[RolePattern]) -> bool {
    narrow
        .iter()
        .all(|one| wide.iter().any(|other| other.covers(one)))
}

/// Rules by what they are about and for whom, so that not every pair has to be compared.
struct ByBreadth(BTreeMap<(Option<TargetId>, Selector), Vec<usize>>);

impl ByBreadth {
    fn new(rules: &[RuleDraft]) -> Self {
        let mut by: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (position, drafted) in rules.iter().enumerate() {
            for pattern in &drafted.rule.roles {
                for who in &drafted.rule.who {
                    by.entry((pattern.target.clone(), who.clone()))
                        .or_default()
                        .push(position);
                }
            }
        }
        Self(by)
    }

    /// A rule that is a path whenever this one is, and always comes before it.
    fn shadowing<'d>(
        &self,
        position: usize,
        rules: &'d [RuleDraft],
        roster: &Roster<'_>,
    ) -> Option<&'d Rule> {
        let rule = &rules[position].rule;
        let (pattern, who) = (rule.roles.first()?, rule.who.first()?);
        let targets = [pattern.target.clone(), None];
        let others = roster.covering(who).into_iter().flat_map(|who| {
            targets
                .clone()
                .into_iter()
                .filter_map(move |target| self.0.get(&(target, who.clone())))
        });
        others
            .flatten()
            .filter(|other| **other != position)
            .map(|other| (*other, &rules[*other].rule))
            .find(|other| comes_before(*other, (position, rule)) && includes(other.1, rule, roster))
            .map(|(_, other)| other)
    }
}

/// By the order of paths, if both can be filled.
fn comes_before((at, other): (usize, &Rule), (position, rule): (usize, &Rule)) -> bool {
    let order = |rule: &Rule| (rule.approvals_needed(), Reverse(rule.settings.max_duration));
    let is_as_long = other.settings.max_duration >= rule.settings.max_duration;
    is_as_long && (order(other), at) < (order(rule), position)
}

/// Does `other` match whenever `rule` does, can it be filled by whoever fills `rule`, and is it no worse?
fn includes(other: &Rule, rule: &Rule, roster: &Roster<'_>) -> bool {
    // The requester chooses between breaking the glass and asking, so neither shadows the other.
    let choice = other.is_break_glass() && !rule.is_break_glass();
    let condition = match (&other.when, &rule.when) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(wide), Some(narrow)) => narrow.implies(wide),
    };
    let incident = !other.incident.required
        || rule.incident.required
            && (other.incident.written.is_none()
                || other.incident.written == rule.incident.written);
    !choice
        && condition
        && incident
        && covers_roles(&other.roles, &rule.roles)
        && roster.covers(&other.who, &rule.who)
        && roster.covers(&other.on_behalf, &rule.on_behalf)
        && is_easier(&other.approvals, &rule.approvals, roster)
}

/// Does every slot of `easy` have one in `hard` that is filled by fewer people or by more of them?
fn is_easier(easy: &[Quorum], hard: &[Quorum], roster: &Roster<'_>) -> bool {
    let mut left: Vec<_> = hard.iter().collect();
    easy.iter().all(|quorum| {
        let at = left.iter().position(|other| {
            quorum.count <= other.count && roster.covers(&quorum.from, &other.from)
        });
        at.map(|at| left.swap_remove(at)).is_some()
    })
}
