//! Terms and digest of a request, and ruling it again when something changed.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::rights::{slots, speaks_on};
use super::{CONFIRM_WITHIN, Situation, find};
use crate::event::{Asked, Event, TermsChanged};
use crate::id::{Digest, PersonId, RequestId};
use crate::refusal::Refusal;
use crate::ruling::{Answer, Denial, Path, Question, Ruling, Terms};
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
        // Its requester is told at the click, and can still ask for approval.
        Recheck::OtherWay if terms.approvals.is_empty() => Vec::new(),
        Recheck::OtherWay => vec![only_unapproved()],
    })
}

/// The end of a request for approval where the policy knows only the way without.
pub(super) fn only_unapproved() -> Event {
    denied(Denial::because(
        "It can't be had by approval any more, only by breaking the glass: ask again.",
    ))
}

fn denied(denial: Denial) -> Event {
    Event::Denied {
        reason: None,
        denial: Some(Box::new(denial)),
    }
}

/// What the policy says of a pending request now.
pub(super) enum Recheck {
    /// It can go on by the same terms.
    Same,
    /// It goes on by others.
    Changed(Event),
    /// It could go on only by the way that its requester didn't choose.
    OtherWay,
    /// It can't go on.
    Denied(Event),
}

/// Asks the policy again. Whether approvers are asked or the glass is broken is the requester's choice: a
/// request stays on its way, even where another has opened or its own has closed.
pub(super) fn recheck(s: &Situation<'_>, request: &Request, terms: &Terms) -> Recheck {
    let ruling = s.policy.answer(&question(&request.asked), s.facts, s.now);
    let paths = match &ruling.answer {
        Answer::Allow(paths) => paths,
        Answer::Deny(denial) => return Recheck::Denied(denied(denial.clone())),
    };
    if !means_the_same(s, &request.asked) {
        return Recheck::Denied(denied(Denial::because(
            "The role stands for something else now: ask again.",
        )));
    }
    if paths.iter().any(|path| path.terms == *terms) {
        return Recheck::Same;
    }
    let unapproved = terms.approvals.is_empty();
    let mut same_way = paths
        .iter()
        .filter(|path| path.terms.approvals.is_empty() == unapproved);
    match same_way.next() {
        Some(path) => Recheck::Changed(change(s, request, &ruling, path)),
        None => Recheck::OtherWay,
    }
}

/// Does the role still stand for what was frozen when it was asked for?
pub(super) fn means_the_same(s: &Situation<'_>, asked: &Asked) -> bool {
    let target = s.policy.target(&asked.target);
    let role = s.policy.role(&asked.target, &asked.role);
    target.is_some_and(|target| target.provisioner == asked.holding.provisioner)
        && role.is_some_and(|role| role.grants == asked.holding.entitlement)
}

/// Approvals whose givers lost the right since, or the account they gave it from.
pub(super) fn void_lost(s: &Situation<'_>, request: &Request, terms: &Terms) -> Option<Event> {
    let slots = slots(s, request, terms);
    let lost: Vec<PersonId> = request
        .approvals
        .iter()
        .filter(|approval| {
            let person = &approval.person;
            !slots.iter().any(|slot| slot.contains(person))
                || !speaks_on(s, person, approval.platform)
        })
        .map(|approval| approval.person.clone())
        .collect();
    (!lost.is_empty()).then_some(Event::ApprovalsVoided { people: lost })
}
