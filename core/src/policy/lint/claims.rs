//! Doors that open by what the requester says about the incident, and nothing that supports it.

use crate::policy::Condition;
use crate::policy::draft::Draft;

use super::Findings;

const HINT: &str = "verify them (severity_verified, incident_verified), add another fact, \
                    or say accept_claims = true";

pub(super) fn check(draft: &Draft, findings: &mut Findings) {
    for drafted in &draft.rules {
        let rule = &drafted.rule;
        let rests = rule.when.as_ref().is_some_and(Condition::rests_on_claims);
        if rule.is_break_glass() && rests && !rule.accept_claims {
            let message = format!("break-glass would rest on claims alone; {HINT}");
            findings.errors.push(drafted.when.fault(message));
        }
    }
    for drafted in &draft.guards {
        let guard = &drafted.guard;
        if guard.accept_claims {
            continue;
        }
        if guard
            .unless
            .as_ref()
            .is_some_and(Condition::rests_on_claims)
        {
            let message = format!("this exception rests on claims alone; {HINT}");
            findings.errors.push(drafted.unless.fault(message));
        }
        if guard
            .when
            .as_ref()
            .is_some_and(Condition::opposite_rests_on_claims)
        {
            let message = format!("a requester gets round this by what they claim; {HINT}");
            findings.warnings.push(drafted.when.fault(message));
        }
    }
}
