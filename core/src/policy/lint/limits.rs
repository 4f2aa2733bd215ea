//! What a rule without approvals may not do, and settings without effect.

use crate::policy::draft::Draft;
use crate::policy::rule::RuleDraft;
use crate::policy::{Review, Sensitivity};
use crate::time::Length;

use super::Findings;
use super::roster::Roster;

/// The longest lease that nobody approves beforehand in an emergency.
const BREAK_GLASS_MAX: Length = Length::from_mins(4 * 60);

pub(super) fn check(draft: &Draft, roster: &Roster<'_>, findings: &mut Findings) {
    for drafted in &draft.rules {
        errors(drafted, roster, findings);
        warnings(drafted, findings);
    }
    for group in &draft.groups {
        if group.value.members.is_empty() && !group.value.is_kept_in_chat() {
            let message = format!("group {} has no members", group.value.id);
            findings.warnings.push(group.place.fault(message));
        }
    }
}

fn errors(drafted: &RuleDraft, roster: &Roster<'_>, findings: &mut Findings) {
    let rule = &drafted.rule;
    if rule.is_break_glass() && rule.settings.max_duration > BREAK_GLASS_MAX {
        let longest = rule.settings.max_duration;
        let message = format!("break-glass lasts at most {BREAK_GLASS_MAX}, not {longest}");
        findings.errors.push(drafted.max_duration.fault(message));
    }
    if !rule.approvals.is_empty() || rule.is_break_glass() {
        return;
    }
    let sensitive =
        roster
            .targets_of(&rule.roles)
            .into_iter()
            .find(|target| match target.sensitivity {
                Sensitivity::Low | Sensitivity::Medium => false,
                Sensitivity::High | Sensitivity::Critical => true,
            });
    if let Some(target) = sensitive {
        let (id, level) = (&target.id, target.sensitivity.as_str());
        findings.errors.push(drafted.place.fault(format!(
            "planned work without approval is for targets of low and medium sensitivity; \
             {id} is {level}"
        )));
    }
}

fn warnings(drafted: &RuleDraft, findings: &mut Findings) {
    let rule = &drafted.rule;
    if rule.is_reviewed() && rule.settings.reviewers.is_empty() {
        let message = "its grants are reviewed, but there are no reviewers";
        findings.warnings.push(drafted.place.fault(message));
    }
    if rule.is_break_glass() && rule.settings.review == Review::Never {
        findings
            .warnings
            .push(drafted.review.fault("break-glass is reviewed nevertheless"));
    }
    for (escalation, place) in rule.escalate.iter().zip(&drafted.escalate) {
        if rule.approvals.is_empty() {
            findings
                .warnings
                .push(place.fault("nobody is asked, so nobody is asked later"));
        } else if escalation.after >= rule.settings.window {
            let message = format!("the window of {} ends first", rule.settings.window);
            findings.warnings.push(place.fault(message));
        }
    }
}
