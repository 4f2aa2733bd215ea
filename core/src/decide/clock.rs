//! What happens by itself when a deadline falls due.

use super::Situation;
use super::confirm::offer;
use super::end::{begin, kept};
use crate::deadline::{Deadline, deadlines};
use crate::event::{Cause, Event};
use crate::id::RequestId;
use crate::state::{Phase, Request};

/// Judged by the clock: a deadline that isn't due, or doesn't fit any more, does nothing.
pub(super) fn fall_due(s: &Situation<'_>, id: RequestId, deadline: Deadline) -> Vec<Event> {
    let Some(request) = s.state.requests.get(&id) else {
        return Vec::new();
    };
    let due = deadlines(request)
        .into_iter()
        .any(|(kind, at)| kind == deadline && at <= s.now);
    if !due {
        return Vec::new();
    }
    // Nobody is asked to decide, or told that it ends soon, when it is too late for that. It ends instead: what stayed due
    // could keep the ends of many others from their turn.
    if let Some(end) = end_if_over(s, request) {
        return end;
    }
    match deadline {
        Deadline::Lapse => vec![Event::Lapsed],
        Deadline::Escalate(step) => vec![Event::Escalated { step }],
        Deadline::Silence => {
            let mut events = vec![Event::Unanswered];
            events.extend(offer(s, request));
            events
        }
        Deadline::GiveUp => give_up(s, request),
        Deadline::Remind => vec![Event::Reminded],
        Deadline::Expire => begin(s, request, Cause::Expired, (None, None)),
        Deadline::Stick => stick(s, request),
        Deadline::ReviewOverdue => vec![Event::ReviewOverdue],
    }
}

fn give_up(s: &Situation<'_>, request: &Request) -> Vec<Event> {
    let Phase::Approved { trouble, .. } = &request.phase else {
        return Vec::new();
    };
    let why = trouble
        .clone()
        .unwrap_or_else(|| "it could not be given in time".to_owned());
    begin(s, request, Cause::NotGranted, (None, Some(why)))
}

fn end_if_over(s: &Situation<'_>, request: &Request) -> Option<Vec<Event>> {
    match request.phase {
        Phase::Pending { lapses_at, .. } if s.now >= lapses_at => Some(vec![Event::Lapsed]),
        Phase::Active { expires_at } if s.now >= expires_at => {
            Some(begin(s, request, Cause::Expired, (None, None)))
        }
        Phase::Pending { .. }
        | Phase::Active { .. }
        | Phase::Approved { .. }
        | Phase::Ending(_)
        | Phase::Ended { .. }
        | Phase::Denied { .. }
        | Phase::Withdrawn { .. }
        | Phase::Lapsed { .. } => None,
    }
}

fn stick(s: &Situation<'_>, request: &Request) -> Vec<Event> {
    let Phase::Ending(ending) = &request.phase else {
        return Vec::new();
    };
    let kept = kept(s, request);
    if !kept.is_empty() {
        return kept;
    }
    vec![Event::Stuck {
        tries: ending.tries,
    }]
}
