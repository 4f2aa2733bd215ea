//! Ending a grant before its time: by its holder, or by somebody with the power.

use super::rights::{deciding, has_left, known};
use super::{Situation, find};
use crate::command::Actor;
use crate::event::{Cause, Event, Seen};
use crate::fact::Known;
use crate::id::RequestId;
use crate::policy::Power;
use crate::refusal::Refusal;
use crate::state::{Phase, Request};
use crate::text::{Text, TextHash};

/// Starts the end of a grant. Where another grant keeps the same access, there is nothing to take away and
/// it ends at once.
pub(super) fn begin(
    s: &Situation<'_>,
    request: &Request,
    cause: Cause,
    (reason, why): (Option<TextHash>, Option<String>),
) -> Vec<Event> {
    let mut events = vec![Event::EndingStarted { cause, reason, why }];
    events.extend(kept(s, request));
    events
}

/// The end of a grant whose access another grant keeps; nothing, if none does.
pub(super) fn kept(s: &Situation<'_>, request: &Request) -> Vec<Event> {
    let holding = s.state.holdings.get(&request.asked.holding);
    let Some(other) = holding.and_then(|holding| holding.kept_by(request.id)) else {
        return Vec::new();
    };
    let mut events = vec![Event::Ended {
        seen: Seen::KeptBy(other),
        sessions_ended: 0,
        remains: Vec::new(),
    }];
    events.extend(super::review::open(s, request));
    events
}

/// Giving back is always possible for whom it concerns, even to somebody deactivated in chat since.
pub(super) fn give_back(
    s: &Situation<'_>,
    actor: &Actor,
    id: RequestId,
) -> Result<Vec<Event>, Refusal> {
    let person = known(s, actor)?;
    let request = find(s, id)?;
    if !request.concerns(person) {
        return Err(Refusal::NotYours(id));
    }
    check_running(request)?;
    Ok(begin(s, request, Cause::GivenBack, (None, None)))
}

pub(super) fn revoke(
    s: &Situation<'_>,
    actor: &Actor,
    id: RequestId,
    reason: &Text,
) -> Result<Vec<Event>, Refusal> {
    let request = find(s, id)?;
    check_may_revoke(s, actor, request, "revoke")?;
    check_running(request)?;
    Ok(begin(
        s,
        request,
        Cause::Revoked,
        (Some(reason.hash()), None),
    ))
}

/// Whoever may revoke may answer for it that it was removed by hand, once people were told that it can't be removed.
pub(super) fn attest(
    s: &Situation<'_>,
    actor: &Actor,
    id: RequestId,
    reason: &Text,
) -> Result<Vec<Event>, Refusal> {
    let request = find(s, id)?;
    check_may_revoke(s, actor, request, "attest")?;
    let why = match &request.phase {
        Phase::Ending(ending) if ending.attested.is_some() => "counts as removed by hand already",
        Phase::Ending(ending) if !ending.stuck => "is being taken away; give it a minute",
        Phase::Ending(_) => {
            let reason = reason.hash();
            return Ok(vec![Event::Attested { reason }]);
        }
        Phase::Ended { .. } => "has ended already",
        Phase::Pending { .. } | Phase::Approved { .. } | Phase::Active { .. } => {
            "isn't being taken away"
        }
        Phase::Denied { .. } | Phase::Withdrawn { .. } | Phase::Lapsed { .. } => {
            "was never granted"
        }
    };
    Err(Refusal::NotNow { request: id, why })
}

/// Ends the grant of somebody who left. Who only lost the right to ask for it keeps it: security is told, once. The
/// facts name as inactive who surely is; what couldn't be looked up ends nothing.
pub(super) fn check_rights(s: &Situation<'_>, id: RequestId) -> Vec<Event> {
    let Some(request) = s.state.requests.get(&id) else {
        return Vec::new();
    };
    let cause = match request.phase {
        Phase::Approved { .. } => Cause::NotGranted,
        Phase::Active { .. } => Cause::Left,
        Phase::Pending { .. }
        | Phase::Ending(_)
        | Phase::Ended { .. }
        | Phase::Denied { .. }
        | Phase::Withdrawn { .. }
        | Phase::Lapsed { .. } => return Vec::new(),
    };
    let asked = &request.asked;
    let people = [
        (&asked.beneficiary, "whom it is for"),
        (&asked.requester, "who asked for it"),
    ];
    if let Some((_, who)) = people.into_iter().find(|(person, _)| has_left(s, person)) {
        let why = format!("{who} is not active any more");
        return begin(s, request, cause, (None, Some(why)));
    }
    let rule = request.terms.as_ref().map(|terms| &terms.rule);
    let rule = rule.and_then(|rule| s.policy.rule(rule));
    let holder = (&asked.beneficiary, Some(&asked.target));
    let may = rule.map_or(Known::Known(false), |rule| {
        s.policy.selects_any(&rule.who, holder.0, holder.1, s.facts)
    });
    let lost = may == Known::Known(false) && !request.right_lost;
    lost.then_some(Event::RightLost).into_iter().collect()
}

/// Refuses who may not end the grant, naming what they wanted with it.
fn check_may_revoke(
    s: &Situation<'_>,
    actor: &Actor,
    request: &Request,
    what: &str,
) -> Result<(), Refusal> {
    if may_revoke(s, actor, request)? {
        return Ok(());
    }
    Err(Refusal::NotAllowed {
        what: format!("{what} {}", request.id),
    })
}

/// Those with the power, the target's owners, whoever approved that request, and operators; the server
/// itself during a lockdown.
fn may_revoke(s: &Situation<'_>, actor: &Actor, request: &Request) -> Result<bool, Refusal> {
    match actor {
        Actor::Operator { .. } | Actor::Server => Ok(true),
        Actor::Person { .. } => {
            let person = deciding(s, actor)?;
            let power = s
                .policy
                .may(Power::Revoke, person, Some(&request.asked.target), s.facts);
            Ok(power.is_true() || request.approvers.contains(person))
        }
        Actor::Stranger { .. } => Err(Refusal::UnknownPerson),
        Actor::Clock | Actor::Worker => Ok(false),
    }
}

fn check_running(request: &Request) -> Result<(), Refusal> {
    let id = request.id;
    match &request.phase {
        Phase::Approved { .. } | Phase::Active { .. } => Ok(()),
        Phase::Pending { .. } => Err(Refusal::NotNow {
            request: id,
            why: "isn't granted; withdraw or deny it",
        }),
        Phase::Ending(_) => Err(Refusal::NotNow {
            request: id,
            why: "is being taken away already",
        }),
        Phase::Ended { .. } => Err(Refusal::NotNow {
            request: id,
            why: "has ended already",
        }),
        Phase::Denied { .. } | Phase::Withdrawn { .. } | Phase::Lapsed { .. } => {
            Err(Refusal::NotNow {
                request: id,
                why: "was never granted",
            })
        }
    }
}
