//! An approver's yes, and the decision once the quorum is there.

use super::rights::{check_counts, check_sure, count, deciders, deciding, filling, slots};
use super::terms::{Recheck, only_unapproved, recheck, void_lost};
use super::{Situation, check_open, check_pending, find};
use crate::command::Actor;
use crate::event::{Approval, Approved, Event};
use crate::id::{Digest, PersonId, RequestId};
use crate::refusal::Refusal;
use crate::ruling::{Selector, Terms};
use crate::state::{Phase, Request};
use crate::time::Length;

pub(super) fn approve(
    s: &Situation<'_>,
    actor: &Actor,
    id: RequestId,
    (digest, cut): (&Digest, Option<Length>),
) -> Result<Vec<Event>, Refusal> {
    let person = deciding(s, actor)?;
    let request = find(s, id)?;
    let (terms, approval) = check(s, actor, request, (person, digest, cut))?;
    check_sure(s, request)?;
    let lost = void_lost(s, request, terms);
    let mut events: Vec<Event> = lost.into_iter().collect();
    let standing = standing(request, &events);
    let slots = slots(s, request, terms);
    let mut people: Vec<PersonId> = standing.iter().map(|given| given.person.clone()).collect();
    let before = filling(terms, &slots, &people).filled.len();
    people.push(person.clone());
    let filling = filling(terms, &slots, &people);
    if filling.filled.len() == before {
        let open = terms
            .approvals
            .iter()
            .zip(&filling.missing)
            .filter(|(_, missing)| **missing > 0);
        let needed: Vec<Selector> = open.flat_map(|(quorum, _)| quorum.from.clone()).collect();
        return Err(Refusal::SlotFilled {
            request: id,
            needed,
        });
    }
    if filling.is_complete() {
        // Everything is checked again at the decision: the policy, the people, the facts.
        match recheck(s, request, terms) {
            Recheck::Same => {}
            Recheck::Changed(event) | Recheck::Denied(event) => return Ok(vec![event]),
            Recheck::OtherWay => return Ok(vec![only_unapproved()]),
        }
    }
    let mut given = standing;
    given.push(approval.clone());
    events.push(Event::ApprovalGiven { approval });
    if filling.is_complete() {
        events.push(approved(s, request, terms, (filling.filled, &given)));
    }
    Ok(events)
}

/// Everything that must hold for a single approval.
fn check<'a>(
    s: &Situation<'a>,
    actor: &Actor,
    request: &'a Request,
    (person, digest, cut): (&PersonId, &Digest, Option<Length>),
) -> Result<(&'a Terms, Approval), Refusal> {
    let id = request.id;
    let Some(terms) = &request.terms else {
        check_pending(s, request)?;
        return Err(Refusal::NotNow {
            request: id,
            why: "isn't waiting",
        });
    };
    let slots = slots(s, request, terms);
    if request.concerns(person) {
        return Err(Refusal::OwnRequest {
            request: id,
            others: count(&slots),
        });
    }
    if !slots.iter().any(|slot| slot.contains(person)) {
        return Err(Refusal::NotAnApprover {
            request: id,
            deciders: deciders(request, terms),
        });
    }
    check_pending(s, request)?;
    check_open(s)?;
    check_counts(s, actor)?;
    if matches!(&request.phase, Phase::Pending { confirm, .. } if !confirm.is_empty()) {
        return Err(Refusal::NotConfirmed(id));
    }
    if *digest != request.digest {
        return Err(Refusal::Changed(id));
    }
    if request
        .approvals
        .iter()
        .any(|approval| approval.person == *person)
    {
        return Err(Refusal::AlreadyApproved { request: id });
    }
    if cut.is_some_and(|cut| cut.secs() == 0 || cut > request.asked.duration) {
        return Err(Refusal::Cut {
            asked: request.asked.duration,
        });
    }
    let Actor::Person { platform, .. } = actor else {
        return Err(Refusal::UnknownPerson);
    };
    let approval = Approval {
        person: person.clone(),
        platform: *platform,
        digest: digest.clone(),
        cut,
        at: s.now,
    };
    Ok((terms, approval))
}

/// Approvals that still count after `events`.
fn standing(request: &Request, events: &[Event]) -> Vec<Approval> {
    let mut approvals = request.approvals.clone();
    for event in events {
        if let Event::ApprovalsVoided { people } = event {
            approvals.retain(|approval| !people.contains(&approval.person));
        }
    }
    approvals
}

/// The decision to grant: its end is part of it.
pub(super) fn approved(
    s: &Situation<'_>,
    request: &Request,
    terms: &Terms,
    (filled, approvals): (Vec<(PersonId, u8)>, &[Approval]),
) -> Event {
    let cuts = approvals.iter().filter_map(|approval| approval.cut);
    let most = request.asked.duration.min(terms.max_duration);
    let lease = cuts.fold(most, Length::min);
    let provision_by = s.now.plus(terms.provision_within);
    Event::Approved(Box::new(Approved {
        lease,
        provision_by,
        end_by: provision_by.plus(lease),
        filled,
        facts: s.facts.clone(),
    }))
}
