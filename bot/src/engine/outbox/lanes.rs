//! Which lane an effect goes into, how urgent it is, and what it must not overtake.

use breakglass_core::dispatch::{BACKOFF_MILLIS_MAX, Class, Job, Lane};
use breakglass_core::effect::{Effect, Topic, Wakes};
use breakglass_core::id::Platform;
use breakglass_core::notice::{Audience, CardKind};
use breakglass_core::time::Timestamp;
use breakglass_store::Waiting;

use super::Engine;
use crate::engine::turns::Turns;

/// Messages sent to one channel or person at the same time. One keeps them in order.
const CHANNEL_ROOM: u8 = 1;

/// Pages sent by one pager at the same time: one that hangs holds up few of the others.
const PAGER_ROOM: u8 = 4;

/// The longest that a chat makes us wait, in milliseconds.
const PAUSE_MILLIS_MAX: i64 = 3_600_000;

/// How many effects of a lane are in hand at a time.
pub(super) fn room(engine: &Engine, lane: &Lane) -> u8 {
    match lane {
        Lane::Channel(..) | Lane::Person(..) => CHANNEL_ROOM,
        Lane::Pager(_) => PAGER_ROOM,
        Lane::Target(id) => engine.turns.get(id).map_or(1, Turns::room),
    }
}

/// An effect as the dispatch machine sees it.
pub(super) fn job(waiting: &Waiting, now: Timestamp) -> Job {
    let platform = waiting.platform.unwrap_or(Platform::Cli);
    let channel = |name: &str| Lane::Channel(platform, name.to_owned());
    let card = |kind: CardKind, request| format!("card:{platform}:{kind:?}:{request}");
    let (lane, class, key) = match &waiting.effect {
        Effect::Converge { holding, gives } => (
            Lane::Target(holding.provisioner.clone()),
            if *gives {
                Class::Start
            } else {
                Class::Deprovision
            },
            format!("converge:{holding:?}"),
        ),
        Effect::Draw {
            card: kind,
            request,
            over,
        } => (
            channel(channel_of(*kind)),
            if *over { Class::Rest } else { Class::Start },
            card(*kind, request),
        ),
        Effect::Page { by, topic, .. } => {
            let lane = match by {
                Wakes::Pager(pager) => Lane::Pager(pager.clone()),
                Wakes::Alarms => channel("security"), // the store writes a row for each pager
            };
            (lane, class(*topic), format!("page:{}", waiting.id))
        }
        Effect::Post { to, topic, .. } => match to {
            Audience::Person(person) => (
                Lane::Person(platform, person.clone()),
                class(*topic),
                format!("direct:{platform}:{person}"),
            ),
            Audience::ApproversThread(request) => (
                channel("approvers"),
                class(*topic),
                card(CardKind::Approvers, request),
            ),
            Audience::SecurityThread(request) => (
                channel("security"),
                class(*topic),
                card(CardKind::Security, request),
            ),
            Audience::Security => (
                channel("security"),
                class(*topic),
                format!("security:{}", waiting.id),
            ),
        },
    };
    Job {
        id: waiting.id,
        lane,
        class,
        key: key.into(),
        due_at: due_at(waiting, now),
        digestible: matches!(&waiting.effect, Effect::Post { topic, .. } if digestible(*topic)),
    }
}

/// What wasn't tried yet is due: its date is that of its record, by a clock that is set. What is further off than anybody
/// waits was put off by a clock that ran ahead: it is due now. What somebody works on isn't before they are through.
fn due_at(waiting: &Waiting, now: Timestamp) -> Timestamp {
    let most = match waiting.effect {
        Effect::Converge { .. } | Effect::Page { .. } => BACKOFF_MILLIS_MAX,
        Effect::Draw { .. } | Effect::Post { .. } => PAUSE_MILLIS_MAX,
    };
    let is_off = waiting.due_at.millis_since(now) > most;
    let due_at = if is_off || waiting.attempts == 0 {
        waiting.due_at.min(now)
    } else {
        waiting.due_at
    };
    if waiting.is_free(now) {
        due_at
    } else {
        due_at.max(waiting.claimed_until)
    }
}

const fn channel_of(kind: CardKind) -> &'static str {
    match kind {
        CardKind::Approvers => "approvers",
        CardKind::Security => "security",
    }
}

const fn class(topic: Topic) -> Class {
    match topic {
        Topic::NotRemoved
        | Topic::BrokenGlass
        | Topic::House
        | Topic::Refused
        | Topic::RightLost
        | Topic::Reconciled => Class::Alarm,
        Topic::AskedToAct | Topic::Unanswered | Topic::GlassOffered | Topic::ConfirmNeeded => {
            Class::Start
        }
        Topic::Received
        | Topic::Preflight
        | Topic::Decided
        | Topic::EndingSoon
        | Topic::Over
        | Topic::Progress
        | Topic::Skipped
        | Topic::Linked
        | Topic::ReviewDue => Class::Rest,
    }
}

/// Does a line in a digest do for it? What asks somebody to act, and every alarm, stands by itself.
const fn digestible(topic: Topic) -> bool {
    match topic {
        Topic::Progress | Topic::Skipped | Topic::Reconciled => true,
        Topic::Received
        | Topic::Preflight
        | Topic::ConfirmNeeded
        | Topic::Decided
        | Topic::EndingSoon
        | Topic::Over
        | Topic::AskedToAct
        | Topic::Unanswered
        | Topic::GlassOffered
        | Topic::BrokenGlass
        | Topic::ReviewDue
        | Topic::NotRemoved
        | Topic::Linked
        | Topic::House
        | Topic::RightLost
        | Topic::Refused => false,
    }
}

#[cfg(test)]
mod tests {
    use breakglass_core::id::HoldingId;

    use super::*;

    fn waiting(effect: Effect) -> Waiting {
        Waiting {
            id: 1,
            effect,
            platform: None,
            effect_id: "1.0".to_owned(),
            seq: 1,
            due_at: Timestamp::default(),
            attempts: 0,
            claimed_until: Timestamp::default(),
            trouble: None,
        }
    }

    #[test]
    fn what_ends_passes_what_is_given_at_the_same_target() {
        let holding = HoldingId {
            provisioner: "db".parse().unwrap(),
            account: "maya".to_owned(),
            entitlement: "admin".to_owned(),
        };
        let [ends, gives] = [false, true].map(|gives| {
            let holding = holding.clone();
            let errand = waiting(Effect::Converge { holding, gives });
            job(&errand, Timestamp::from_millis(9))
        });
        assert_eq!(ends.lane, gives.lane);
        assert!(ends.class < gives.class);
        assert_eq!(ends.key, gives.key, "never both at a time");
    }
}
