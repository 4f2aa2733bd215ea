//! Breaking the glass, never unasked: confirming a path without approvals, asking approvers instead, or taking it
//! after all when they are silent.

use std::collections::BTreeSet;

use super::approve::approved;
use super::rights::{acting, check_counts, check_sure};
use super::terms::{Recheck, change, digest, means_the_same, question, recheck};
use super::{CONFIRM_WITHIN, Situation, check_open, check_pending, find};
use crate::command::Actor;
use crate::event::{Event, Offered, TermsChanged};
use crate::id::{Digest, PersonId, RequestId};
use crate::refusal::Refusal;
use crate::ruling::Answer;
use crate::state::{Phase, Request};

pub(super) fn confirm(
    s: &Situation<'_>,
    actor: &Actor,
    id: RequestId,
    shown: &Digest,
) -> Result<Vec<Event>, Refusal> {
    let person = acting(s, actor)?;
    let request = find(s, id)?;
    if !request.concerns(person) {
        return Err(Refusal::NotYours(id));
    }
    check_pending(s, request)?;
    check_open(s)?;
    if request.asked.requester != *person {
        check_counts(s, actor)?;
    }
    let (Phase::Pending { confirm, .. }, Some(terms)) = (&request.phase, &request.terms) else {
        return Err(Refusal::NotNow {
            request: id,
            why: "isn't waiting",
        });
    };
    if let Some(offer) = request.offer.as_ref().filter(|one| one.digest == *shown) {
        return take(s, person, request, offer);
    }
    if *shown != request.digest {
        return Err(Refusal::Changed(id));
    }
    if !terms.approvals.is_empty() {
        return Err(Refusal::NotNow {
            request: id,
            why: "waits for approvers",
        });
    }
    if !confirm.contains(person) {
        return Err(Refusal::NotNow {
            request: id,
            why: "has your confirmation already",
        });
    }
    check_sure(s, request)?;
    let mut events = match recheck(s, request, terms) {
        Recheck::Same => vec![Event::Confirmed {
            person: person.clone(),
        }],
        Recheck::Changed(event) | Recheck::Denied(event) => return Ok(vec![event]),
        Recheck::OtherWay => {
            return Err(Refusal::NotNow {
                request: id,
                why: "can't be had without approval any more; ask for approval instead",
            });
        }
    };
    let others: BTreeSet<_> = confirm.iter().filter(|other| *other != person).collect();
    if others.is_empty() {
        events.push(approved(s, request, terms, (Vec::new(), &[])));
    }
    Ok(events)
}

/// The way without approvals that the policy knows as well, for who asked for themselves and waits in vain.
pub(super) fn offer(s: &Situation<'_>, request: &Request) -> Option<Event> {
    let asked = &request.asked;
    if asked.requester != asked.beneficiary || check_open(s).is_err() || !means_the_same(s, asked) {
        return None;
    }
    let ruling = s.policy.answer(&question(asked), s.facts, s.now);
    let Answer::Allow(paths) = ruling.answer else {
        return None;
    };
    let path = paths
        .into_iter()
        .find(|path| path.terms.approvals.is_empty())?;
    let offer = Offered {
        digest: digest(asked, Some(&path.terms)),
        terms: path.terms,
        until: s.now.plus(CONFIRM_WITHIN),
    };
    Some(Event::GlassOffered {
        offer: Box::new(offer),
    })
}

/// Takes the offer: from here on the request goes that way, confirmed by the click that took it.
fn take(
    s: &Situation<'_>,
    person: &PersonId,
    request: &Request,
    offer: &Offered,
) -> Result<Vec<Event>, Refusal> {
    let not_now = |why| {
        Err(Refusal::NotNow {
            request: request.id,
            why,
        })
    };
    if s.now >= offer.until {
        return not_now(
            "was offered without approval for 5 minutes, which are over; approvers are still asked",
        );
    }
    match recheck(s, request, &offer.terms) {
        Recheck::Same => {}
        Recheck::Denied(event) => return Ok(vec![event]),
        Recheck::Changed(_) | Recheck::OtherWay => {
            return not_now("can't be had without approval any more; approvers are still asked");
        }
    }
    let changed = TermsChanged {
        terms: offer.terms.clone(),
        risk: request.risk.clone(),
        digest: offer.digest.clone(),
        lapses_at: s.now.plus(CONFIRM_WITHIN),
        confirm: vec![person.clone()],
        facts: s.facts.clone(),
    };
    Ok(vec![
        Event::TermsChanged(Box::new(changed)),
        Event::Confirmed {
            person: person.clone(),
        },
        approved(s, request, &offer.terms, (Vec::new(), &[])),
    ])
}

pub(super) fn ask_for_approval(
    s: &Situation<'_>,
    actor: &Actor,
    id: RequestId,
) -> Result<Vec<Event>, Refusal> {
    let person = acting(s, actor)?;
    let request = find(s, id)?;
    if request.asked.requester != *person {
        return Err(Refusal::NotYours(id));
    }
    check_pending(s, request)?;
    check_open(s)?;
    let unconfirmed =
        matches!(&request.phase, Phase::Pending { confirm, .. } if !confirm.is_empty());
    if !unconfirmed {
        return Err(Refusal::NotNow {
            request: id,
            why: "waits for approvers already",
        });
    }
    let ruling = s.policy.answer(&question(&request.asked), s.facts, s.now);
    let Answer::Allow(paths) = &ruling.answer else {
        return Err(Refusal::NotNow {
            request: id,
            why: "isn't allowed by any rule any more",
        });
    };
    let Some(path) = paths.iter().find(|path| !path.terms.approvals.is_empty()) else {
        return Err(Refusal::NotNow {
            request: id,
            why: "has no rule by which approvers can be asked",
        });
    };
    if !path.fillable {
        let needed = path
            .terms
            .approvals
            .iter()
            .map(|quorum| u32::from(quorum.count))
            .sum();
        let about = format!("{}/{}", request.asked.target, request.asked.role);
        return Err(Refusal::NoApprovers { needed, about });
    }
    Ok(vec![change(s, request, &ruling, path)])
}
