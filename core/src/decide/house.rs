//! The house: stopping and resuming all granting, and the policy in force.

use super::Situation;
use super::rights::{check_counts, deciding};
use crate::command::{Actor, Reach};
use crate::event::Event;
use crate::id::PolicyHash;
use crate::policy::Power;
use crate::refusal::Refusal;
use crate::state::Mode;
use crate::text::Text;

/// Stopping may be repeated to reach further: a second lockdown can add the revocation of everything.
pub(super) fn lock(
    s: &Situation<'_>,
    actor: &Actor,
    reason: &Text,
    reach: Reach,
) -> Result<Vec<Event>, Refusal> {
    check_power(s, actor, "start a lockdown")?;
    match &s.state.house.mode {
        Mode::Lockdown {
            reach: have,
            by,
            at,
            ..
        } if *have == reach || *have == Reach::RevokeAll => Err(Refusal::Closed {
            by: by.clone(),
            at: *at,
        }),
        Mode::Open | Mode::Lockdown { .. } => Ok(vec![Event::LockdownStarted {
            reason: reason.hash(),
            reach,
        }]),
    }
}

pub(super) fn unlock(
    s: &Situation<'_>,
    actor: &Actor,
    reason: &Text,
) -> Result<Vec<Event>, Refusal> {
    check_power(s, actor, "end a lockdown")?;
    check_counts(s, actor)?;
    match s.state.house.mode {
        Mode::Open => Ok(Vec::new()),
        Mode::Lockdown { .. } => Ok(vec![Event::LockdownEnded {
            reason: reason.hash(),
        }]),
    }
}

pub(super) fn load_policy(s: &Situation<'_>, hash: &PolicyHash) -> Vec<Event> {
    if s.state.house.policy.as_ref() == Some(hash) {
        return Vec::new();
    }
    vec![Event::PolicyLoaded { hash: hash.clone() }]
}

fn check_power(s: &Situation<'_>, actor: &Actor, what: &str) -> Result<(), Refusal> {
    let allowed = match actor {
        Actor::Operator { .. } => true,
        Actor::Person { .. } => {
            let person = deciding(s, actor)?;
            s.policy
                .may(Power::Lockdown, person, None, s.facts)
                .is_true()
        }
        Actor::Stranger { .. } | Actor::Clock | Actor::Worker | Actor::Server => false,
    };
    if allowed {
        Ok(())
    } else {
        Err(Refusal::NotAllowed {
            what: what.to_owned(),
        })
    }
}
