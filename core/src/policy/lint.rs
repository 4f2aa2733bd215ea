//! What is wrong with a policy as a whole, although each part of it can be read.

mod claims;
mod limits;
mod mentions;
mod names;
mod quorums;
mod reach;
mod roster;

#[cfg(test)]
mod tests;

use crate::document::Fault;

use super::draft::Draft;

use roster::Roster;

/// What the lints found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// With these the policy can't be used.
    pub(super) errors: Vec<Fault>,
    /// It can, but its author should look.
    pub(super) warnings: Vec<Fault>,
}

/// Runs all lints.
pub(super) fn check(draft: &Draft) -> Findings {
    let mut findings = Findings::default();
    let roster = Roster::new(draft);
    names::check(draft, &mut findings);
    mentions::check(draft, &mut findings);
    limits::check(draft, &roster, &mut findings);
    quorums::check(&draft.rules, &roster, &mut findings);
    claims::check(draft, &mut findings);
    reach::check(draft, &roster, &mut findings);
    findings.warnings.sort();
    findings
}
