//! No from an approver, and taking a request back.

use super::rights::{acting, count, deciders, deciding, slots};
use super::{Situation, check_pending, find};
use crate::command::Actor;
use crate::event::Event;
use crate::id::{Digest, RequestId};
use crate::policy::Power;
use crate::refusal::Refusal;
use crate::state::Phase;
use crate::text::Text;

/// One no is enough, from anybody who could have said yes, or who has the power to deny.
pub(super) fn deny(
    s: &Situation<'_>,
    actor: &Actor,
    id: RequestId,
    (digest, reason): (&Digest, &Text),
) -> Result<Vec<Event>, Refusal> {
    let person = deciding(s, actor)?;
    let request = find(s, id)?;
    let Some(terms) = &request.terms else {
        check_pending(s, request)?;
        return Err(Refusal::NotNow {
            request: id,
            why: "isn't waiting",
        });
    };
    let slots = slots(s, request, terms);
    let able = slots.iter().any(|slot| slot.contains(person));
    let power = s
        .policy
        .may(Power::Deny, person, Some(&request.asked.target), s.facts)
        .is_true();
    if request.concerns(person) {
        return Err(Refusal::OwnRequest {
            request: id,
            others: count(&slots),
        });
    }
    if !able && !power {
        return Err(Refusal::NotAnApprover {
            request: id,
            deciders: deciders(request, terms),
        });
    }
    check_pending(s, request)?;
    if matches!(&request.phase, Phase::Pending { confirm, .. } if !confirm.is_empty()) {
        return Err(Refusal::NotConfirmed(id));
    }
    if *digest != request.digest {
        return Err(Refusal::Changed(id));
    }
    Ok(vec![Event::Denied {
        reason: Some(reason.hash()),
        denial: None,
    }])
}

pub(super) fn withdraw(
    s: &Situation<'_>,
    actor: &Actor,
    id: RequestId,
) -> Result<Vec<Event>, Refusal> {
    let person = acting(s, actor)?;
    let request = find(s, id)?;
    if !request.concerns(person) {
        return Err(Refusal::NotYours(id));
    }
    check_pending(s, request)?;
    Ok(vec![Event::Withdrawn])
}
