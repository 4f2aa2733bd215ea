//! Quorums that can never be filled.

use std::collections::BTreeSet;

use crate::document::Fault;
use crate::id::PersonId;
use crate::policy::Target;
use crate::policy::fill::can_fill;
use crate::policy::rule::RuleDraft;

use super::Findings;
use super::roster::Roster;

pub(super) fn check(rules: &[RuleDraft], roster: &Roster<'_>, findings: &mut Findings) {
    for drafted in rules {
        let targets = roster.targets_of(&drafted.rule.roles);
        // One target is enough to say: most of the others are like it.
        findings.errors.extend(
            targets
                .iter()
                .find_map(|target| unfillable(drafted, target, roster)),
        );
    }
}

fn unfillable(drafted: &RuleDraft, target: &Target, roster: &Roster<'_>) -> Option<Fault> {
    let mut slots: Vec<(Vec<PersonId>, u8)> = Vec::new();
    for (quorum, place) in drafted.rule.approvals.iter().zip(&drafted.approvals) {
        let people: BTreeSet<_> = roster.deciders_of(&quorum.from, target)?;
        if people.len() < usize::from(quorum.count) {
            let (count, found) = (quorum.count, people.len());
            let message = format!(
                "{count} must approve on {}, but there are {found}",
                target.id
            );
            return Some(place.fault(message));
        }
        slots.push((people.into_iter().cloned().collect(), quorum.count));
    }
    let message = format!(
        "no {} people can fill these slots",
        drafted.rule.approvals_needed()
    );
    (!can_fill(&slots)).then(|| drafted.place.fault(message))
}
