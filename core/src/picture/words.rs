//! The words and signs that mean the same on every picture.

use crate::intent::Button;
use crate::notice::{ActorView, PersonView, RequestView, StateView};
use crate::ruling::Risk;
use crate::time::Timestamp;

use super::line::{Line, inert};

/// One sign and one word for a state.
pub(super) fn mark(request: &RequestView, state: &StateView) -> &'static str {
    match state {
        StateView::Waiting { .. } => "🟡 Waiting",
        StateView::Unconfirmed { .. } => "🟡 Not confirmed",
        StateView::Granting {
            trouble: Some(_), ..
        } => "⚠️ Needs attention",
        StateView::Granting { .. } if request.break_glass => "🚨 Granting without approval",
        StateView::Granting { .. } => "🔵 Granting",
        StateView::Active { .. } if request.break_glass => "🚨 Active without approval",
        StateView::Active { .. } => "🟢 Active",
        StateView::Ending {
            trouble: Some(_), ..
        } => "⚠️ Needs attention",
        StateView::Ending { .. } => "⚪ Ending",
        StateView::Ended { .. } => "⚪ Ended",
        StateView::NotGranted { .. } => "🔴 Not granted",
        StateView::Denied { .. } => "🔴 Denied",
        StateView::Withdrawn { .. } => "⚪ Withdrawn",
        StateView::Lapsed { .. } => "⏱️ Lapsed",
    }
}

/// What stands on a button of this request: planned work breaks no glass.
pub const fn label(request: &RequestView, button: Button) -> &'static str {
    if matches!(button, Button::BreakTheGlass) && !request.break_glass {
        "Get access"
    } else {
        button.label()
    }
}

/// `🟡 Break-glass request BG-4821 · Waiting`
pub(super) fn title(request: &RequestView, state: &StateView) -> String {
    let kind = match (request.break_glass, request.planned) {
        (true, _) => "Break-glass",
        (false, true) => "Planned access",
        (false, false) => "Break-glass request",
    };
    let (sign, word) = mark(request, state).split_once(' ').unwrap_or_default();
    format!("{sign} {kind} {} · {word}", request.id)
}

/// `rule orders-db-two-people · policy 7f3a91c2 · log #1042 5be1c02d`
pub(super) fn witness(request: &RequestView) -> String {
    // A denial by the policy has no rule.
    let rule = if request.rule.is_empty() {
        "–"
    } else {
        &request.rule
    };
    format!(
        "rule {rule} · policy {} · log #{} {}",
        request.policy, request.log_seq, request.log_hash
    )
}

/// Who did it.
pub(super) fn actor(actor: &ActorView) -> String {
    match actor {
        ActorView::Person(person) => inert(&person.name),
        ActorView::Operator(name) => inert(name),
        ActorView::System => "the policy".to_owned(),
    }
}

/// `admin on orders-db`
pub fn access(request: &RequestView) -> String {
    format!("{} on {}", request.role, request.target)
}

/// `65 high: critical target, company-wide, first time`
pub(super) fn risk(risk: &Risk) -> String {
    let level = match risk.score {
        0..25 => "low",
        25..50 => "medium",
        50..75 => "high",
        _ => "critical",
    };
    let factors: Vec<&str> = risk
        .factors
        .iter()
        .map(|factor| factor.why.as_str())
        .collect();
    if factors.is_empty() {
        format!("{} {level}", risk.score)
    } else {
        format!("{} {level}: {}", risk.score, factors.join(", "))
    }
}

/// `INC-2231 (claimed) · SEV1 (claimed)`
pub(super) fn incident(request: &RequestView) -> Option<String> {
    let trust = |verified: bool| if verified { "verified" } else { "claimed" };
    let incident = request
        .incident
        .as_ref()
        .map(|id| format!("{id} ({})", trust(request.incident_verified)));
    let severity = request
        .severity
        .map(|severity| format!("{severity} ({})", trust(request.severity_verified)));
    let parts: Vec<String> = incident.into_iter().chain(severity).collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// `Bo Ek 14:06, Ines Sol 14:07`
pub(super) fn approvers(mut line: Line, approved_by: &[(PersonView, Timestamp)]) -> Line {
    for (index, (person, at)) in approved_by.iter().enumerate() {
        if index > 0 {
            line = line.say(", ");
        }
        line = line.person(person).say(" ").at(*at);
    }
    line
}

/// What a request is about, in one line.
pub fn subject(request: &RequestView) -> Line {
    let line = Line::new()
        .person(&request.requester)
        .say(" wants ")
        .bold(&access(request));
    let line = if request.beneficiary.id == request.requester.id {
        line
    } else {
        line.say(" for ").person(&request.beneficiary)
    };
    line.say(" for ").bold(&request.duration.to_string())
}
