//! Terms and digest of a request, and ruling it again when something changed.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{CONFIRM_WITHIN, Situation, find};
use crate::event::{Asked, Event, TermsChanged};
use crate::id::{Digest, PersonId, RequestId};
use crate::refusal::Refusal;
use crate::ruling::{Answer, Path, Question, Ruling, Terms};
use crate::state::{Phase, Request};
use crate::time::Timestamp;

/// The digest over everything an approver agrees to: what was asked, and the ruling's terms.
pub fn digest(asked: &Asked, terms: Option<&Terms>) -> Digest {
    #[derive(Serialize)]
    struct Agreed<'a> {
        asked: &'a Asked,
        terms: Option<&'a Terms>,
    }
    // Canonical JSON of plain structs can't fail; if it ever did, an empty digest matches no button.
    let bytes = serde_jcs::to_vec(&Agreed { asked, terms }).unwrap_or_default();
    Digest::from_sha256(Sha256::digest(bytes).into())
}

/// The question a request put to the policy, to be asked again.
pub fn question(asked: &Asked) -> Question {
    Question {
        requester: asked.requester.clone(),
        beneficiary: asked.beneficiary.clone(),
        target: asked.target.clone(),
        role: asked.role.clone(),
        duration: Some(asked.duration),
        severity: asked.severity,
        incident: asked.incident.clone(),
        platform: asked.platform,
    }
}

/// Who must confirm a path, and until when it waits.
pub(super) fn waiting(
    s: &Situation<'_>,
    asked: &Asked,
    terms: &Terms,
) -> (Vec<PersonId>, Timestamp) {
    if !terms.approvals.is_empty() {
        return (Vec::new(), s.now.plus(terms.window));
    }
    let mut people = vec![asked.requester.clone()];
    if asked.beneficiary != asked.requester {
        people.push(asked.beneficiary.clone());
    }
    (people, s.now.plus(CONFIRM_WITHIN))
}

/// A pending request goes on by `path`.
pub(super) fn change(s: &Situation<'_>, request: &Request, ruling: &Ruling, path: &Path) -> Event {
    let (confirm, lapses_at) = waiting(s, &request.asked, &path.terms);
    Event::TermsChanged(Box::new(TermsChanged {
        digest: digest(&request.asked, Some(&path.terms)),
        terms: path.terms.clone(),
        risk: ruling.risk.clone(),
        lapses_at,
        confirm,
        facts: s.facts.clone(),
    }))
}

/// Rules a pending request again: no means denied; changed terms void the approvals; else the approvals
/// stay whose givers are still eligible.
pub(super) fn rule_again(s: &Situation<'_>, id: RequestId) -> Result<Vec<Event>, Refusal> {
    let request = find(s, id)?;
    let (Phase::Pending { lapses_at, .. }, Some(terms)) = (&request.phase, &request.terms) else {
        return Ok(Vec::new());
    };
    if s.now >= *lapses_at {
        return Ok(Vec::new());
    }
    Ok(match recheck(s, request, terms) {
        Recheck::Same => void_lost(s, request, terms).into_iter().collect(),
        Recheck::Changed(event) | Recheck::Denied(event) => vec![event],
    })
}

/// What the policy says of a pending request now.
pub(super) enum Recheck {
    /// It can go on by the same terms.
    Same,
    /// It goes on by others.
    Changed(Event),
    /// It can't go on.
    Denied(Event),
}

/// Asks the policy again. A request that went the approvers' way stays on that way, even where a path
/// without approvals has opened meanwhile.
pub(super) fn recheck(s: &Situation<'_>, request: &Request, terms: &Terms) -> Recheck {
    let gone =
        |person: &PersonId| s.policy.person(person).is_none() || s.facts.inactive.contains(person);
    let ruling = s.policy.answer(&question(&request.asked), s.facts, s.now);
    let denied = |denial| Event::Denied {
        reason: None,
        denial: Some(Box::new(denial)),
    };
    let paths = match &ruling.answer {
        Answer::Allow(paths) => paths,
        Answer::Deny(denial) => return Recheck::Denied(denied(denial.clone())),
    };
    if gone(&request.asked.requester) || gone(&request.asked.beneficiary) {
        return Recheck::Denied(denied(crate::ruling::Denial::because(
            "the requester or the beneficiary is not active any more",
        )));
    }
    if paths.iter().any(|path| path.terms == *terms) {
        return Recheck::Same;
    }
    let asks = |path: &&Path| !path.terms.approvals.is_empty();
    let next = paths.iter().find(asks).or_else(|| paths.first());
    match next {
        Some(path) => Recheck::Changed(change(s, request, &ruling, path)),
        None => Recheck::Same,
    }
}

/// Approvals whose givers lost the right since.
pub(super) fn void_lost(s: &Situation<'_>, request: &Request, terms: &Terms) -> Option<Event> {
    let slots = super::rights::slots(s, request, terms);
    let lost: Vec<PersonId> = request
        .approvals
        .iter()
        .map(|approval| &approval.person)
        .filter(|person| !slots.iter().any(|slot| slot.contains(*person)))
        .cloned()
        .collect();
    (!lost.is_empty()).then_some(Event::ApprovalsVoided { people: lost })
}
