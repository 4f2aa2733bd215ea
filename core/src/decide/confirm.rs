//! Breaking the glass, never unasked: confirming a path without approvals, or asking approvers instead.

use std::collections::BTreeSet;

use super::approve::approved;
use super::rights::{acting, check_counts};
use super::terms::{Recheck, change, question, recheck};
use super::{Situation, check_open, check_pending, find};
use crate::command::Actor;
use crate::event::Event;
use crate::id::{Digest, RequestId};
use crate::refusal::Refusal;
use crate::ruling::Answer;
use crate::state::Phase;

pub(super) fn confirm(
    s: &Situation<'_>,
    actor: &Actor,
    id: RequestId,
    digest: &Digest,
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
    if *digest != request.digest {
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
