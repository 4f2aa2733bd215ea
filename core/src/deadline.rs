//! What falls due when: kept as rows, so that a restart forgets none.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::ruling::Terms;
use crate::state::{Ending, Phase, Request, Review};
use crate::time::{Length, Timestamp};

/// How long a deprovisioning may take before people are told.
pub const STUCK_AFTER: Length = Length::from_secs(60);

/// The pauses between the alarms after the first; from the last on it stays.
pub const ALARM_PAUSES: [Length; 4] = [
    Length::from_mins(5),
    Length::from_mins(15),
    Length::from_mins(30),
    Length::from_mins(60),
];

/// The holder is told this long before the end, or after three quarters of a short lease.
pub const REMIND_BEFORE_MAX: Length = Length::from_mins(5);

/// Leases shorter than this end without a reminder.
pub const REMIND_LEASE_MIN: Length = Length::from_mins(4);

/// Windows shorter than this are over before a reminder is of use.
pub const SILENCE_WINDOW_MIN: Length = Length::from_mins(2);

/// Something that happens to a request by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deadline {
    /// Nobody answered or confirmed.
    Lapse,
    /// More people are asked: this step, from 0.
    Escalate(u8),
    /// Nobody decided so far, and it is time to say so.
    Silence,
    /// It never became access.
    GiveUp,
    /// The holder is told that it ends soon.
    Remind,
    /// The lease is over.
    Expire,
    /// Taking it away takes too long.
    Stick,
    /// The review is late.
    ReviewOverdue,
}

impl Deadline {
    /// The name it is stored by.
    pub fn name(self) -> String {
        match self {
            Self::Lapse => "lapse".to_owned(),
            Self::Escalate(step) => format!("escalate-{step}"),
            Self::Silence => "silence".to_owned(),
            Self::GiveUp => "give_up".to_owned(),
            Self::Remind => "remind".to_owned(),
            Self::Expire => "expire".to_owned(),
            Self::Stick => "stick".to_owned(),
            Self::ReviewOverdue => "review_overdue".to_owned(),
        }
    }

    /// The deadline stored by that name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "lapse" => Some(Self::Lapse),
            "silence" => Some(Self::Silence),
            "give_up" => Some(Self::GiveUp),
            "remind" => Some(Self::Remind),
            "expire" => Some(Self::Expire),
            "stick" => Some(Self::Stick),
            "review_overdue" => Some(Self::ReviewOverdue),
            _ => name
                .strip_prefix("escalate-")?
                .parse()
                .ok()
                .map(Self::Escalate),
        }
    }
}

/// All that will fall due for a request as it stands.
pub fn deadlines(request: &Request) -> Vec<(Deadline, Timestamp)> {
    match &request.phase {
        Phase::Pending { lapses_at, confirm } => {
            let mut due = vec![(Deadline::Lapse, *lapses_at)];
            if confirm.is_empty() {
                let others = next_escalation(request).into_iter().chain(silence(request));
                due.extend(others.filter(|(_, at)| at < lapses_at));
            }
            due
        }
        Phase::Approved { provision_by, .. } => vec![(Deadline::GiveUp, *provision_by)],
        Phase::Active { expires_at } => {
            let mut due = vec![(Deadline::Expire, *expires_at)];
            due.extend(reminder(request, *expires_at));
            due
        }
        Phase::Ending(ending) if ending.attested.is_none() => {
            vec![(Deadline::Stick, next_alarm(ending))]
        }
        Phase::Ended { .. } => match request.review {
            Review::Open {
                due_at,
                overdue: false,
            } => vec![(Deadline::ReviewOverdue, due_at)],
            Review::Open { .. } | Review::None | Review::Closed { .. } => Vec::new(),
        },
        Phase::Ending(_)
        | Phase::Denied { .. }
        | Phase::Withdrawn { .. }
        | Phase::Lapsed { .. } => Vec::new(),
    }
}

fn next_alarm(ending: &Ending) -> Timestamp {
    if !ending.stuck {
        return ending.since.plus(STUCK_AFTER);
    }
    let (times, last_at) = ending.alarmed.unwrap_or((0, ending.since));
    let last = ALARM_PAUSES[ALARM_PAUSES.len() - 1];
    let pause = usize::try_from(times)
        .ok()
        .and_then(|times| ALARM_PAUSES.get(times));
    last_at.plus(*pause.unwrap_or(&last))
}

fn next_escalation(request: &Request) -> Option<(Deadline, Timestamp)> {
    let step = request.escalated;
    let escalation = request.terms.as_ref()?.escalate.get(usize::from(step))?;
    Some((
        Deadline::Escalate(step),
        request.waiting_since.plus(escalation.after),
    ))
}

/// Half of the window, or the first step of the escalation if that is earlier.
fn silence(request: &Request) -> Option<(Deadline, Timestamp)> {
    let terms = request.terms.as_ref()?;
    if request.unanswered || terms.window < SILENCE_WINDOW_MIN {
        return None;
    }
    let half = Length::from_secs(terms.window.secs() / 2);
    let first = terms.escalate.first().map_or(half, |step| step.after);
    let at = request.waiting_since.plus(half.min(first));
    Some((Deadline::Silence, at))
}

/// Does a step of the escalation ask everybody again by the time that silence is spoken of?
pub(crate) fn is_escalated_by_then(terms: &Terms) -> bool {
    let first = terms.escalate.first();
    first.is_some_and(|step| step.after.secs() <= terms.window.secs() / 2)
}

fn reminder(request: &Request, expires_at: Timestamp) -> Option<(Deadline, Timestamp)> {
    let (started_at, _) = request.lease?;
    let lease_secs = expires_at.millis_since(started_at) / 1000;
    if request.reminded || lease_secs < i64::from(REMIND_LEASE_MIN.secs()) {
        return None;
    }
    let before = u32::try_from(lease_secs / 4)
        .unwrap_or(u32::MAX)
        .min(REMIND_BEFORE_MAX.secs());
    Some((
        Deadline::Remind,
        expires_at.minus(Length::from_secs(before)),
    ))
}
