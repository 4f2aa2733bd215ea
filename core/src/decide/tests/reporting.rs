//! What targets answer, on time, late, twice.

use super::world::{Wish, World, failed, gone, held, person, urgent, wish};
use crate::command::{Actor, Command, Fault, Outcome, Removal, Report};
use crate::deadline::Deadline;
use crate::effect::{Effect, Topic};
use crate::event::{Cause, Seen};
use crate::port::provisioner::Presence;
use crate::state::{Phase, Wanted};

pub(super) fn topics(effects: &[Effect]) -> Vec<Topic> {
    let topic = |effect: &Effect| match effect {
        Effect::Post { topic, .. } => Some(*topic),
        Effect::Converge { .. } | Effect::Draw { .. } | Effect::Page { .. } => None,
    };
    effects.iter().filter_map(topic).collect()
}

pub(super) fn converges(effects: &[Effect]) -> bool {
    effects
        .iter()
        .any(|effect| matches!(effect, Effect::Converge { .. }))
}

#[test]
fn what_stands_in_the_way_is_told_when_it_begins_and_when_it_ends() {
    let preflight = |id, trouble: Option<&str>| Command::Preflight {
        request: id,
        trouble: trouble.map(str::to_owned),
    };
    let mut world = World::new();
    let id = world.ask(&wish("maya", "orders-db/read"));
    let give = |world: &mut World, trouble| world.give(&Actor::Worker, &preflight(id, trouble));
    assert_eq!(give(&mut world, None), "nothing");
    assert_eq!(give(&mut world, Some("doesn't answer")), "preflighted");
    assert_eq!(world.effects.len(), 3, "both cards and the requester");
    assert_eq!(give(&mut world, Some("doesn't answer yet")), "nothing");
    assert_eq!(give(&mut world, None), "preflighted");
    assert_eq!(world.effects.len(), 2, "both cards");
    assert_eq!(give(&mut world, Some("doesn't answer")), "preflighted");
    world.approve("dana", id);
    assert_eq!(world.approve("cy", id), "approval_given approved");
    assert_eq!(give(&mut world, None), "nothing", "it is decided");
}

#[test]
fn the_lease_runs_from_the_start_of_the_attempt_and_is_written_once() {
    let mut world = World::new();
    let id = world.approved();
    world.pass("1m");
    let attempt = world.attempt(id);
    let started_at = world.now;
    world.pass("20s");
    assert_eq!(world.report_from(&attempt, Outcome::Given), "activated");
    let lease = world.request(id).lease;
    assert_eq!(
        lease,
        Some((started_at, started_at.plus("30m".parse().unwrap())))
    );
    world.pass("1m");
    assert_eq!(world.report(id, Outcome::Given), "nothing");
    assert_eq!(world.report_from(&attempt, Outcome::Given), "nothing");
    assert_eq!(world.request(id).lease, lease);
}

#[test]
fn the_lease_never_ends_later_than_the_decision_said() {
    let mut world = World::new();
    let id = world.approved();
    let Phase::Approved { end_by, .. } = world.request(id).phase else {
        panic!();
    };
    world.pass("5m");
    world.pass_millis(-1);
    assert_eq!(world.report(id, Outcome::Given), "activated");
    let (_, expires_at) = world.request(id).lease.unwrap();
    assert_eq!(expires_at.millis(), end_by.millis() - 1);
}

#[test]
fn a_clock_that_jumped_back_since_the_attempt_began_lengthens_nothing() {
    let mut world = World::new();
    let id = world.approved();
    world.pass("4m");
    let attempt = world.attempt(id);
    world.pass_millis(-240_000);
    assert_eq!(world.report_from(&attempt, Outcome::Given), "activated");
    let (_, expires_at) = world.request(id).lease.unwrap();
    assert_eq!(expires_at, world.now.plus("30m".parse().unwrap()));
}

#[test]
fn access_that_came_too_late_is_taken_away() {
    for millis in [0, 1] {
        let mut world = World::new();
        let id = world.approved();
        world.pass("4m");
        let attempt = world.attempt(id);
        world.pass("1m");
        world.pass_millis(millis);
        let said = world.report_from(&attempt, Outcome::Given);
        assert_eq!(said, "ending_started");
        assert!(converges(&world.effects));
        assert_eq!(world.report(id, gone()), "ended");
        let Phase::Ended { ending, .. } = &world.request(id).phase else {
            panic!();
        };
        assert_eq!(ending.cause, Cause::NotGranted);
        assert_eq!(world.request(id).lease, None);
    }
}

#[test]
fn a_lease_shorter_than_the_attempt_took_never_begins() {
    let mut world = World::new();
    let id = world.ask(&Wish {
        duration: Some("10s"),
        ..wish("maya", "orders-db/read")
    });
    world.approve("dana", id);
    world.approve("cy", id);
    let attempt = world.attempt(id);
    world.pass("10s");
    let said = world.report_from(&attempt, Outcome::Given);
    assert_eq!(said, "ending_started");
}

#[test]
fn what_could_not_be_given_in_time_is_given_up() {
    let mut world = World::new();
    let id = world.approved();
    assert_eq!(
        world.report(id, failed(Fault::Passing, 1)),
        "provision_failed"
    );
    world.pass("5m");
    world.pass_millis(-1);
    assert_eq!(world.due(id, Deadline::GiveUp), "nothing");
    world.pass_millis(1);
    assert_eq!(world.due(id, Deadline::GiveUp), "ending_started");
    // Half of it may have been done.
    assert!(converges(&world.effects));
    assert_eq!(world.due(id, Deadline::GiveUp), "nothing");
    let Phase::Ending(ending) = &world.request(id).phase else {
        panic!();
    };
    assert_eq!(ending.why.as_deref(), Some("no answer"));
    assert_eq!(world.report(id, gone()), "ended");
}

#[test]
fn a_lasting_failure_ends_it_at_once() {
    let mut world = World::new();
    let id = world.approved();
    let said = world.report(id, failed(Fault::Lasting, 1));
    assert_eq!(said, "provision_failed ending_started");
    assert_eq!(
        world.report(id, failed(Fault::Passing, 1)),
        "deprovision_failed"
    );
    assert_eq!(world.report(id, gone()), "ended");
}

#[test]
fn standing_access_is_neither_granted_nor_taken() {
    let mut world = World::new();
    let id = world.approved();
    assert_eq!(world.report(id, held()), "ending_started ended");
    let holding = &world.state.holdings[&world.request(id).asked.holding];
    assert_eq!(holding.wanted(), Wanted::Settled);
    let Phase::Ended { seen, remains, .. } = &world.request(id).phase else {
        panic!();
    };
    assert_eq!(*seen, Seen::Standing);
    assert_eq!(remains.len(), 1);
    assert_eq!(world.report(id, held()), "nothing");
}

#[test]
fn an_answer_to_an_attempt_from_before_the_decision_says_nothing_of_it() {
    // Not by the clock, which can be set back, but by what the attempt went by.
    let mut world = World::new();
    let id = world.ask(&wish("maya", "orders-db/read"));
    let attempt = world.attempt(id);
    world.approve("dana", id);
    world.approve("cy", id);
    for outcome in [Outcome::Given, held(), failed(Fault::Lasting, 9)] {
        assert_eq!(world.report_from(&attempt, outcome), "nothing");
    }
    assert_eq!(world.phase(id), "approved");
    world.pass_millis(-1_000);
    assert_eq!(world.report(id, Outcome::Given), "activated");
}

#[test]
fn an_answer_about_what_nobody_holds_is_nothing() {
    let mut world = World::new();
    let id = world.ask(&wish("maya", "orders-db/read"));
    for outcome in [Outcome::Given, held(), gone(), failed(Fault::Lasting, 1)] {
        assert_eq!(world.report(id, outcome.clone()), "nothing");
        let other = Report {
            holding: crate::id::HoldingId {
                account: "somebody".to_owned(),
                ..world.request(id).asked.holding.clone()
            },
            version: 9,
            started_at: world.now,
            outcome,
        };
        let other = Command::Report(Box::new(other));
        assert_eq!(world.give(&Actor::Worker, &other), "nothing");
    }
}

#[test]
fn two_decided_grants_on_one_holding_begin_one_after_the_other() {
    let mut world = World::new();
    let one = world.active();
    let again = Wish {
        again: true,
        ..wish("maya", "orders-db/read")
    };
    let two = world.ask(&again);
    world.approve("dana", two);
    world.approve("bo", two);
    let holding = world.request(two).asked.holding.clone();
    let Wanted::Present { request, .. } = world.state.holdings[&holding].wanted() else {
        panic!();
    };
    assert_eq!(request, two);
    assert_eq!(
        world.report(one, failed(Fault::Passing, 1)),
        "provision_failed"
    );
    assert_eq!(world.phase(one), "active");
    assert_eq!(world.report(two, Outcome::Given), "activated");
    assert_eq!(world.phase(two), "active");
}

#[test]
fn nobody_who_left_meanwhile_gets_it() {
    let leave: [fn(&mut World); 2] = [
        |world| {
            world.facts.inactive.insert(person("maya"));
        },
        |world| {
            let left = super::world::POLICY
                .replace("[[person]]\nid = \"maya\"\nslack = \"U0MAYA\"\n", "")
                .replace("\"maya\", ", "");
            world.load(&left);
        },
    ];
    for leave in leave {
        let mut world = World::new();
        let id = world.approved();
        leave(&mut world);
        assert_eq!(world.report(id, Outcome::Given), "ending_started");
        assert_eq!(world.report(id, gone()), "ended");
    }
}

#[test]
fn a_clock_behind_the_log_grants_nothing() {
    for (millis, ask, given) in [
        (-2000, "requested", "activated"),
        (-2001, "refused: clock_behind", "ending_started"),
    ] {
        let mut world = World::new();
        let id = world.approved();
        let waits = world.ask(&wish("maya", "crm/read"));
        let glass = world.ask(&urgent("maya", "orders-db/admin"));
        // Something else happens later, and then the clock is set back.
        let attempt = world.attempt(id);
        world.pass("3s");
        world.ask(&wish("bo", "crm/read"));
        world.pass_millis(millis);
        assert_eq!(world.try_ask(&wish("dana", "crm/read")), ask, "{millis}");
        let refused = |said: &str| {
            if millis == -2000 {
                said.to_owned()
            } else {
                "refused: clock_behind".to_owned()
            }
        };
        assert_eq!(
            world.approve("lee", waits),
            refused("approval_given approved")
        );
        assert_eq!(world.confirm("maya", glass), refused("confirmed approved"));
        let said = world.report_from(&attempt, Outcome::Given);
        assert_eq!(said, given, "{millis}");
        // Saying no and ending go on.
        assert_eq!(world.deny("ines", world.newest()), "denied");
    }
}

#[test]
fn what_was_taken_away_unrecorded_is_recorded_once_and_ends_by_its_own_read_back() {
    let mut world = World::new();
    let id = world.active();
    let removal = Removal {
        request: id,
        removed_at: world.now,
        read_back: Presence::Absent,
        sessions_ended: 1,
    };
    let record = Command::RecordRemoval(removal);
    assert_eq!(world.give(&Actor::Worker, &record), "removed_unrecorded");
    assert_eq!(world.give(&Actor::Worker, &record), "nothing");
    assert_eq!(world.request(id).removed_at, Some(removal.removed_at));
    assert_eq!(world.request(id).phase_name(), "active");
    world.pass("30m");
    assert_eq!(world.due(id, Deadline::Expire), "ending_started");
    assert_eq!(world.report(id, gone()), "ended review_opened");
}
