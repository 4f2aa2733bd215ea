//! What a worker saw at a target, and what follows for the grants on that holding.

use super::end::{begin, kept};
use super::reconcile::leftover;
use super::rights::has_left;
use super::{Situation, check_open, review};
use crate::command::{Fault, Outcome, Removal, Report};
use crate::effect::STUCK_TRIES;
use crate::event::{Cause, Event, Seen};
use crate::id::{PagerId, RequestId};
use crate::state::{Ending, GrantPhase, Holding, Phase, Request};

/// Why a call that took something away failed all the same.
const STILL_THERE: &str = "the target still shows the access";

pub(super) fn report(s: &Situation<'_>, report: &Report) -> Vec<Event> {
    match waiting(s, report) {
        Some(request) => for_request(s, request, report),
        None => leftover(s, report),
    }
}

/// Whether something stands in the way is told when that changes, not each time that it is looked at.
pub(super) fn preflight(s: &Situation<'_>, id: RequestId, trouble: Option<&str>) -> Vec<Event> {
    let Some(request) = s.state.requests.get(&id) else {
        return Vec::new();
    };
    let changed = trouble.is_some() != request.preflight.is_some();
    if !request.awaits_approval() || !changed {
        return Vec::new();
    }
    vec![Event::Preflighted {
        trouble: trouble.map(str::to_owned),
    }]
}

/// The request that a report speaks to: the oldest that waits for what was done.
pub(super) fn waiting<'a>(s: &Situation<'a>, report: &Report) -> Option<&'a Request> {
    let holding = s.state.holdings.get(&report.holding)?;
    let id = first(holding, report)?;
    s.state.requests.get(&id)
}

/// Only what was done for a grant as it stands speaks of it: not what was begun before it was decided, or
/// before its end was.
fn first(holding: &Holding, report: &Report) -> Option<RequestId> {
    let in_phase = |phase: GrantPhase| {
        let mut of_phase = holding
            .grants
            .iter()
            .filter(move |(_, grant)| grant.phase == phase);
        of_phase
            .find(|(_, grant)| grant.since_version <= report.version)
            .map(|(id, _)| *id)
    };
    match report.outcome {
        Outcome::Taken { .. } => in_phase(GrantPhase::Ending),
        Outcome::Given | Outcome::AlreadyHeld { .. } | Outcome::Failed { .. } => {
            in_phase(GrantPhase::Approved).or_else(|| in_phase(GrantPhase::Ending))
        }
    }
}

fn for_request(s: &Situation<'_>, request: &Request, report: &Report) -> Vec<Event> {
    match (&request.phase, &report.outcome) {
        (Phase::Approved { .. }, Outcome::Given) => given(s, request, report),
        (Phase::Approved { .. }, Outcome::AlreadyHeld { how }) => standing(s, request, how),
        (Phase::Approved { .. }, Outcome::Failed { fault, why, tries }) => {
            not_given(s, request, (*fault, why, *tries))
        }
        (
            Phase::Ending(ending),
            Outcome::Taken {
                read_back,
                sessions_ended,
                remains,
            },
        ) => match Seen::of(*read_back) {
            Some(seen) => taken(s, request, (seen, *sessions_ended, remains)),
            None => not_taken(ending, (Fault::Passing, STILL_THERE, ending.tries + 1)),
        },
        // The target was asked to give it for another grant, or that one began meanwhile.
        (Phase::Ending(_), Outcome::Given | Outcome::AlreadyHeld { .. }) => kept(s, request),
        (Phase::Ending(ending), Outcome::Failed { fault, why, tries }) => {
            let kept = kept(s, request);
            if kept.is_empty() {
                not_taken(ending, (*fault, why, *tries))
            } else {
                kept
            }
        }
        (
            Phase::Pending { .. }
            | Phase::Approved { .. }
            | Phase::Active { .. }
            | Phase::Ended { .. }
            | Phase::Denied { .. }
            | Phase::Withdrawn { .. }
            | Phase::Lapsed { .. },
            Outcome::Given
            | Outcome::AlreadyHeld { .. }
            | Outcome::Taken { .. }
            | Outcome::Failed { .. },
        ) => Vec::new(),
    }
}

/// The read-back that proves the access starts the lease, counted from the start of that attempt. Proof
/// that comes too late, or while granting is stopped, leads to the end at once.
fn given(s: &Situation<'_>, request: &Request, report: &Report) -> Vec<Event> {
    let Phase::Approved {
        provision_by,
        end_by,
        ..
    } = request.phase
    else {
        return Vec::new();
    };
    let lease = request.granted.unwrap_or_default();
    // A clock that was set back since the attempt began must not lengthen it.
    let started_at = report.started_at.min(s.now);
    let expires_at = started_at.plus(lease).min(end_by);
    let late = s.now >= provision_by || s.now >= expires_at;
    if late {
        let why = "the access came too late".to_owned();
        return begin(s, request, Cause::NotGranted, (None, Some(why)));
    }
    if check_open(s).is_err() {
        let why = "granting was stopped".to_owned();
        return begin(s, request, Cause::NotGranted, (None, Some(why)));
    }
    let people = [&request.asked.requester, &request.asked.beneficiary];
    if people.into_iter().any(|person| has_left(s, person)) {
        let why = "the requester or the beneficiary is not active any more".to_owned();
        return begin(s, request, Cause::NotGranted, (None, Some(why)));
    }
    vec![Event::Activated {
        started_at,
        expires_at,
    }]
}

/// What was done while nothing could be recorded is recorded once. It ends nothing by itself: since then the access may
/// have been given again, so the end is by the clock and a read-back of its own.
pub(super) fn removed(s: &Situation<'_>, removal: &Removal) -> Vec<Event> {
    let event = Event::RemovedUnrecorded {
        removed_at: removal.removed_at,
        read_back: removal.read_back,
        sessions_ended: removal.sessions_ended,
    };
    let request = s.state.requests.get(&removal.request);
    let is_news = request.is_some_and(|request| request.takes(&event));
    is_news.then_some(event).into_iter().collect()
}

/// What came of a page. Only that: whoever reads it decides by the same door as everybody.
pub(super) fn paged(
    s: &Situation<'_>,
    request: Option<RequestId>,
    (pager, page): (&PagerId, &str),
    trouble: Option<&(String, u32)>,
) -> Vec<Event> {
    if request.is_some_and(|id| !s.state.requests.contains_key(&id)) {
        return Vec::new();
    }
    let (pager, page) = (pager.clone(), page.to_owned());
    vec![match trouble {
        None => Event::Paged { pager, page },
        Some((why, tries)) => Event::PageFailed {
            pager,
            page,
            why: why.clone(),
            tries: *tries,
        },
    }]
}

/// Held by other means: nothing was changed, so there is nothing to take away.
fn standing(s: &Situation<'_>, request: &Request, how: &str) -> Vec<Event> {
    let why = format!("it is held already, not from us: {how}");
    let mut events = begin(s, request, Cause::NotGranted, (None, Some(why)));
    if events.len() == 1 {
        events.push(Event::Ended {
            seen: Seen::Standing,
            sessions_ended: 0,
            remains: vec![how.to_owned()],
        });
    }
    events
}

fn not_given(
    s: &Situation<'_>,
    request: &Request,
    (fault, why, tries): (Fault, &str, u32),
) -> Vec<Event> {
    let mut events = vec![Event::ProvisionFailed {
        fault,
        why: why.to_owned(),
        tries,
    }];
    if fault == Fault::Lasting {
        events.extend(begin(
            s,
            request,
            Cause::NotGranted,
            (None, Some(why.to_owned())),
        ));
    }
    events
}

/// It is tried again for ever; people are told once.
fn not_taken(ending: &Ending, (fault, why, tries): (Fault, &str, u32)) -> Vec<Event> {
    let mut events = vec![Event::DeprovisionFailed {
        fault,
        why: why.to_owned(),
        tries,
    }];
    let stuck = tries >= STUCK_TRIES && !ending.stuck;
    events.extend(stuck.then_some(Event::Stuck { tries }));
    events
}

fn taken(
    s: &Situation<'_>,
    request: &Request,
    (seen, sessions_ended, remains): (Seen, u32, &[String]),
) -> Vec<Event> {
    let mut events = vec![Event::Ended {
        seen,
        sessions_ended,
        remains: remains.to_vec(),
    }];
    events.extend(review::open(s, request));
    events
}
