//! What a case expects, compared with what came out.

use std::collections::BTreeSet;
use std::fmt::Display;

use crate::document::{Field, Table};
use crate::id::{GuardId, PersonId, RuleId};
use crate::policy::Policy;
use crate::ruling::{Answer, Denial, Quorum, Ruling, Selector, Terms};
use crate::time::Length;

use super::Case;
use super::case::person;

/// What should come out; what is absent may be anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Yes or no.
    pub answer: Expectation,
    /// The rule that allows it.
    pub rule: Option<RuleId>,
    /// The guard that forbids it.
    pub guard: Option<GuardId>,
    /// Who must approve; empty: nobody.
    pub approvals: Option<Vec<Quorum>>,
    /// The longest lease.
    pub max_duration: Option<Length>,
    /// Whether approvals by these people would do.
    pub quorum: Option<(BTreeSet<PersonId>, Fills)>,
    /// The least risk.
    pub risk_at_least: Option<u8>,
    /// The greatest risk.
    pub risk_at_most: Option<u8>,
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// `expect = "allow"`
    Allow,
    /// `expect = "deny"`
    Deny,
}

/// Whether approvals fill a quorum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fills {
    /// `quorum = true`
    Enough,
    /// `quorum = false`
    NotEnough,
}

impl Expected {
    pub(super) fn read(table: &Table<'_>, policy: &Policy) -> Option<Self> {
        let answers = [("allow", Expectation::Allow), ("deny", Expectation::Deny)];
        let answer = table.need("expect").one_of(&answers);
        let rule = table.get("rule");
        let guard = table.get("guard");
        let expected = Self {
            rule: rule.parse(),
            guard: guard.parse(),
            approvals: approvals(&table.get("approvals")),
            max_duration: table.get("max_duration").length(),
            quorum: quorum(table, policy),
            risk_at_least: table.get("risk_at_least").integer(0..=100),
            risk_at_most: table.get("risk_at_most").integer(0..=100),
            // Last, so that every key was asked for before it gives up.
            answer: answer?,
        };
        if expected
            .rule
            .as_ref()
            .is_some_and(|id| policy.rule(id).is_none())
        {
            rule.fault("there is no such rule");
        }
        if expected
            .guard
            .as_ref()
            .is_some_and(|id| policy.guard(id).is_none())
        {
            guard.fault("there is no such guard");
        }
        Some(expected)
    }

    pub(super) fn differences(&self, policy: &Policy, case: &Case, ruling: &Ruling) -> Vec<String> {
        let mut differences = match &ruling.answer {
            Answer::Allow(paths) => match paths.first() {
                Some(best) => self.differences_from_allow(policy, case, &best.terms),
                None => vec!["it is allowed by nothing".to_owned()],
            },
            Answer::Deny(denial) => self.differences_from_deny(denial),
        };
        let risk = ruling.risk.score;
        if self.risk_at_least.is_some_and(|least| risk < least)
            || self.risk_at_most.is_some_and(|most| risk > most)
        {
            differences.push(format!("the risk is {risk}"));
        }
        differences
    }

    fn differences_from_allow(&self, policy: &Policy, case: &Case, terms: &Terms) -> Vec<String> {
        let mut differences = Vec::new();
        if self.answer == Expectation::Deny {
            differences.push(format!("expected deny, but {} allows it", terms.rule));
        }
        differences.extend(differs("rule", self.rule.as_ref(), &terms.rule));
        if let Some(guard) = &self.guard {
            differences.push(format!("guard {guard} doesn't forbid it"));
        }
        if let Some(approvals) = &self.approvals
            && sorted(approvals) != sorted(&terms.approvals)
        {
            let (wanted, found) = (in_words(approvals), in_words(&terms.approvals));
            differences.push(format!("expected approvals {wanted}, not {found}"));
        }
        differences.extend(differs(
            "max_duration",
            self.max_duration.as_ref(),
            &terms.max_duration,
        ));
        if let Some((approvers, wanted)) = &self.quorum {
            differences.extend(quorum_differs(policy, case, terms, (approvers, *wanted)));
        }
        differences
    }

    fn differences_from_deny(&self, denial: &Denial) -> Vec<String> {
        let mut differences = Vec::new();
        let reasons = denial.reasons.join(" ");
        match self.answer {
            Expectation::Allow => differences.push(format!("expected allow, not deny: {reasons}")),
            Expectation::Deny => {}
        }
        if let Some(wanted) = &self.guard
            && denial.guard.as_ref() != Some(wanted)
        {
            let found = denial.guard.as_ref().map_or("no guard", GuardId::as_str);
            differences.push(format!("expected guard {wanted}, not {found}: {reasons}"));
        }
        let more = [
            ("rule", self.rule.is_some()),
            ("approvals", self.approvals.is_some()),
            ("max_duration", self.max_duration.is_some()),
            ("quorum", self.quorum.is_some()),
        ];
        let more = more.into_iter().filter(|(_, wanted)| *wanted);
        differences.extend(more.map(|(what, _)| format!("a denial has no {what}")));
        differences
    }
}

fn differs<T: PartialEq + Display>(what: &str, wanted: Option<&T>, found: &T) -> Option<String> {
    let wanted = wanted.filter(|wanted| *wanted != found)?;
    Some(format!("expected {what} {wanted}, not {found}"))
}

fn quorum_differs(
    policy: &Policy,
    case: &Case,
    terms: &Terms,
    (approvers, wanted): (&BTreeSet<PersonId>, Fills),
) -> Option<String> {
    let (question, names) = (&case.question, approvers.iter().map(PersonId::as_str));
    let names: Vec<_> = names.collect();
    let others = approvers
        .iter()
        .filter(|id| **id != question.requester && **id != question.beneficiary);
    let others = others.cloned().collect();
    let filled = policy.is_filled_by(&terms.approvals, &question.target, &others, &case.facts);
    let found = if filled {
        Fills::Enough
    } else {
        Fills::NotEnough
    };
    let verb = if filled { "fill" } else { "don't fill" };
    (found != wanted).then(|| format!("approvals by {} {verb} the quorum", names.join(", ")))
}

fn quorum(table: &Table<'_>, policy: &Policy) -> Option<(BTreeSet<PersonId>, Fills)> {
    let (approved_by, quorum) = (table.get("approved_by"), table.get("quorum"));
    let approvers = approved_by.items();
    let approvers = approvers.map(|items| items.iter().filter_map(|i| person(i, policy)).collect());
    let fills = quorum.bool();
    if approved_by.is_present() != quorum.is_present() {
        let alone = if quorum.is_present() {
            &quorum
        } else {
            &approved_by
        };
        alone.fault("approved_by and quorum go together");
    }
    Some((
        approvers?,
        if fills? {
            Fills::Enough
        } else {
            Fills::NotEnough
        },
    ))
}

fn approvals(field: &Field<'_>) -> Option<Vec<Quorum>> {
    if field.is_string() {
        field.one_of(&[("none", ())])?;
        return Some(Vec::new());
    }
    let quorum = |table: &Table<'_>| {
        let (from, count) = (table.need("from"), table.need("count"));
        let items = from.items().unwrap_or_default();
        let from = items.iter().filter_map(Field::parse::<Selector>).collect();
        Some(Quorum {
            from,
            count: count.integer(1..=10)?,
        })
    };
    field
        .is_present()
        .then(|| field.tables().iter().filter_map(quorum).collect())
}

fn sorted(approvals: &[Quorum]) -> Vec<(Vec<&Selector>, u8)> {
    let mut sorted: Vec<_> = approvals
        .iter()
        .map(|quorum| {
            let mut from: Vec<_> = quorum.from.iter().collect();
            from.sort_unstable();
            (from, quorum.count)
        })
        .collect();
    sorted.sort_unstable();
    sorted
}

fn in_words(approvals: &[Quorum]) -> String {
    if approvals.is_empty() {
        return "none".to_owned();
    }
    let quorum = |quorum: &Quorum| {
        let from: Vec<_> = quorum.from.iter().map(ToString::to_string).collect();
        format!("{} of {}", quorum.count, from.join(" or "))
    };
    let all: Vec<_> = approvals.iter().map(quorum).collect();
    all.join(" and ")
}
