//! What a look at a whole target shows that no grant explains.

use std::collections::BTreeSet;

use super::Situation;
use super::end::begin;
use crate::command::{Outcome, Report, Sight, Sighting};
use crate::effect::STUCK_TRIES;
use crate::event::{Cause, Difference, Event, Seen};
use crate::state::{GrantPhase, Holding, Phase, Request, Wanted};

/// Failures between two alarms on a leftover, once they come a minute apart.
const ALARM_TRIES: u32 = 60;

/// Only what was seen of a holding as it stands speaks of it: nothing that changed since the look.
fn is_current(s: &Situation<'_>, sighting: &Sighting) -> bool {
    let holding = s.state.holdings.get(&sighting.holding);
    holding.map_or(0, |holding| holding.version) == sighting.version
}

/// The oldest grant that is live by the log, but whose access isn't there.
fn lost<'a>(s: &Situation<'a>, sighting: &Sighting) -> Option<&'a Request> {
    let holding = s.state.holdings.get(&sighting.holding)?;
    let missing = sighting.sight == Sight::Missing && is_current(s, sighting);
    if !missing || holding.wanted() != Wanted::Settled {
        return None;
    }
    let mut grants = holding.grants.iter();
    // What is over by the clock ends by the clock.
    let (id, _) =
        grants.find(|(_, grant)| grant.phase == GrantPhase::Active && s.now < grant.not_after)?;
    s.state.requests.get(id)
}

/// The grant that was said to be removed by hand, and whose access is still there.
fn refuted<'a>(s: &Situation<'a>, sighting: &Sighting) -> Option<&'a Request> {
    if sighting.sight != Sight::Ours || !is_current(s, sighting) {
        return None;
    }
    let Wanted::Absent { requests } = s.state.holdings.get(&sighting.holding)?.wanted() else {
        return None;
    };
    let attested = |request: &&Request| match &request.phase {
        Phase::Ending(ending) => ending.attested.is_some(),
        Phase::Pending { .. }
        | Phase::Approved { .. }
        | Phase::Active { .. }
        | Phase::Ended { .. }
        | Phase::Denied { .. }
        | Phase::Withdrawn { .. }
        | Phase::Lapsed { .. } => false,
    };
    let mut requests = requests.iter().filter_map(|id| s.state.requests.get(id));
    requests.find(attested)
}

/// The request that a sighting speaks of, if it speaks of one.
pub(super) fn about<'a>(s: &Situation<'a>, sighting: &Sighting) -> Option<&'a Request> {
    lost(s, sighting).or_else(|| refuted(s, sighting))
}

pub(super) fn reconcile(s: &Situation<'_>, sighting: &Sighting) -> Vec<Event> {
    if let Some(request) = lost(s, sighting) {
        return begin(s, request, Cause::Lost, (None, None));
    }
    if refuted(s, sighting).is_some() {
        return vec![Event::AttestationRefuted];
    }
    if !is_current(s, sighting) {
        return Vec::new();
    }
    let holding = s.state.holdings.get(&sighting.holding);
    let differences = match &sighting.sight {
        Sight::Missing => Vec::new(),
        Sight::Ours => {
            let explained = holding.is_some_and(Holding::is_ours);
            if explained {
                Vec::new()
            } else {
                vec![Difference::Leftover]
            }
        }
        Sight::Foreign(now) => foreign(holding, now),
    };
    let event = |difference| Event::Reconciled {
        holding: sighting.holding.clone(),
        difference,
    };
    differences.into_iter().map(event).collect()
}

/// What was seen before isn't told again, until it went away.
fn foreign(holding: Option<&Holding>, now: &BTreeSet<String>) -> Vec<Difference> {
    let none = BTreeSet::new();
    let before = holding.map_or(&none, |holding| &holding.foreign);
    let gone: Vec<String> = before.difference(now).cloned().collect();
    let found: Vec<String> = now.difference(before).cloned().collect();
    let mut differences = Vec::new();
    if !gone.is_empty() {
        differences.push(Difference::ForeignGone { how: gone });
    }
    if !found.is_empty() {
        differences.push(Difference::Foreign { how: found });
    }
    differences
}

/// What came of taking away what no grant covered.
pub(super) fn leftover(s: &Situation<'_>, report: &Report) -> Vec<Event> {
    let holding = s.state.holdings.get(&report.holding);
    let leftover = holding.and_then(|holding| holding.leftover);
    if leftover.is_none_or(|leftover| leftover.since_version > report.version) {
        return Vec::new();
    }
    let difference = match &report.outcome {
        Outcome::Taken {
            read_back,
            sessions_ended,
            remains,
        } => Seen::of(*read_back).map(|seen| Difference::LeftoverTaken {
            seen,
            sessions_ended: *sessions_ended,
            remains: remains.clone(),
        }),
        Outcome::Failed { fault, why, tries } => {
            let alarm = *tries == STUCK_TRIES || *tries > 0 && *tries % ALARM_TRIES == 0;
            alarm.then(|| Difference::LeftoverKept {
                fault: *fault,
                why: why.clone(),
                tries: *tries,
            })
        }
        Outcome::Given | Outcome::AlreadyHeld { .. } => None,
    };
    let event = |difference| Event::Reconciled {
        holding: report.holding.clone(),
        difference,
    };
    difference.map(event).into_iter().collect()
}
