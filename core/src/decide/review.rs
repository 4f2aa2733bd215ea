//! The look at a grant after it ended, by somebody who took no part in it.

use super::rights::{check_counts, deciding, known};
use super::{Situation, find};
use crate::command::{Actor, Finding};
use crate::event::Event;
use crate::id::RequestId;
use crate::refusal::Refusal;
use crate::state::{Phase, Request, Review};
use crate::text::Text;

/// A review is due of what was access, where the rule says so.
pub(super) fn open(s: &Situation<'_>, request: &Request) -> Option<Event> {
    let terms = request.terms.as_ref()?;
    let was_access = request.lease.is_some();
    (was_access && terms.reviewed).then(|| Event::ReviewOpened {
        due_at: s.now.plus(terms.review_within),
    })
}

pub(super) fn close(
    s: &Situation<'_>,
    actor: &Actor,
    id: RequestId,
    (finding, note): (Finding, &Text),
) -> Result<Vec<Event>, Refusal> {
    let person = deciding(s, actor)?;
    let request = find(s, id)?;
    let Some(terms) = &request.terms else {
        return Err(Refusal::UnknownRequest(id));
    };
    let took_part = request.concerns(person)
        || request.approvers.contains(person)
        || request.revoked_by.as_ref() == Some(person);
    if took_part {
        return Err(Refusal::OwnReview(id));
    }
    let reviewers = s
        .policy
        .eligible(&terms.reviewers, &request.asked.target, s.facts);
    if !reviewers.contains(person) {
        return Err(Refusal::NotAllowed {
            what: format!("review {id}"),
        });
    }
    check_counts(s, actor)?;
    match request.review {
        Review::Open { .. } => Ok(vec![Event::ReviewClosed {
            finding,
            note: note.hash(),
        }]),
        Review::Closed { at, ref by, .. } => Err(Refusal::TooLate {
            request: id,
            what: "was reviewed already",
            by: Some(by.clone()),
            at,
        }),
        Review::None => Err(Refusal::NotNow {
            request: id,
            why: "has no open review",
        }),
    }
}

pub(super) fn describe(
    s: &Situation<'_>,
    actor: &Actor,
    id: RequestId,
    note: &Text,
) -> Result<Vec<Event>, Refusal> {
    let person = known(s, actor)?;
    let request = find(s, id)?;
    if !request.concerns(person) {
        return Err(Refusal::NotYours(id));
    }
    match &request.phase {
        Phase::Ended { .. } if request.lease.is_some() => {
            Ok(vec![Event::UseDescribed { note: note.hash() }])
        }
        Phase::Ended { .. }
        | Phase::Pending { .. }
        | Phase::Approved { .. }
        | Phase::Active { .. }
        | Phase::Ending(_)
        | Phase::Denied { .. }
        | Phase::Withdrawn { .. }
        | Phase::Lapsed { .. } => Err(Refusal::NotNow {
            request: id,
            why: "hasn't ended",
        }),
    }
}
