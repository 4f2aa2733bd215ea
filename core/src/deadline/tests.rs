//! What falls due, and when.

use super::{Deadline, deadlines};
use crate::command::{Fault, Outcome};
use crate::decide::tests::world::{POLICY, Wish, World, failed, urgent, wish};
use crate::id::RequestId;

/// What is due of a request, counted from the start of the test.
#[track_caller]
fn check(world: &World, id: RequestId, expected: &str) {
    let start = World::new().now;
    let due = deadlines(world.request(id)).into_iter().map(|(kind, at)| {
        let secs = at.millis_since(start) / 1000;
        format!("{} {}:{:02}", kind.name(), secs / 60, secs % 60)
    });
    assert_eq!(due.collect::<Vec<_>>().join(", "), expected);
}

#[test]
fn every_state_that_is_not_final_has_a_deadline() {
    let mut world = World::new();
    let id = world.ask(&urgent("maya", "orders-db/admin"));
    check(&world, id, "lapse 5:00");
    world.pass("2m");
    world.ask_for_approval("maya", id);
    check(&world, id, "lapse 12:00, escalate-0 7:00, silence 7:00");
    world.pass("5m");
    world.due(id, Deadline::Escalate(0));
    check(&world, id, "lapse 12:00, silence 7:00");
    world.due(id, Deadline::Silence);
    check(&world, id, "lapse 12:00");
    world.approve("tess", id);
    world.approve("dana", id);
    check(&world, id, "give_up 12:00");
    world.pass("1m");
    world.report(id, Outcome::Given);
    check(&world, id, "expire 38:00, remind 33:00");
    world.pass("25m");
    world.due(id, Deadline::Remind);
    check(&world, id, "expire 38:00");
    world.give_back("maya", id);
    check(&world, id, "stick 34:00");
    world.report(id, failed(Fault::Passing, 3));
    check(&world, id, "stick 38:00");
    world.report(id, crate::decide::tests::world::gone());
    check(&world, id, "review_overdue 1473:00");
    let mut late = world.clone();
    late.pass("24h");
    late.due(id, Deadline::ReviewOverdue);
    check(&late, id, "");
    world.close_review("lee", id);
    check(&world, id, "");
}

#[test]
fn a_request_that_came_to_nothing_has_none() {
    let mut world = World::new();
    let denied = world.ask(&wish("maya", "crm/read"));
    world.deny("lee", denied);
    let withdrawn = world.ask(&wish("maya", "crm/read"));
    world.withdraw("maya", withdrawn);
    let lapsed = world.ask(&wish("maya", "crm/read"));
    world.pass("10m");
    world.due(lapsed, Deadline::Lapse);
    for id in [denied, withdrawn, lapsed] {
        check(&world, id, "");
    }
}

#[test]
fn a_short_lease_is_reminded_of_late_or_not_at_all() {
    for (asked, expected) in [
        ("1h", "expire 60:00, remind 55:00"),
        ("20m", "expire 20:00, remind 15:00"),
        ("8m", "expire 8:00, remind 6:00"),
        ("4m", "expire 4:00, remind 3:00"),
        ("239s", "expire 3:59"),
        ("1s", "expire 0:01"),
    ] {
        let mut world = World::new();
        let id = world.ask(&Wish {
            duration: Some(asked),
            ..wish("maya", "crm/read")
        });
        world.approve("lee", id);
        world.report(id, Outcome::Given);
        check(&world, id, expected);
    }
}

#[test]
fn an_escalation_that_would_come_after_the_window_never_falls_due() {
    let mut world = World::new();
    world.amend("after = \"5m\"", "after = \"10m\"");
    let id = world.ask(&wish("maya", "orders-db/admin"));
    check(&world, id, "lapse 10:00, silence 5:00");
}

#[test]
fn silence_is_spoken_of_at_half_of_the_window_or_at_the_first_step_before_it() {
    for (after, window, expected) in [
        ("5m", "10m", "lapse 10:00, escalate-0 5:00, silence 5:00"),
        ("3m", "10m", "lapse 10:00, escalate-0 3:00, silence 3:00"),
        ("8m", "10m", "lapse 10:00, escalate-0 8:00, silence 5:00"),
        ("5m", "2m", "lapse 2:00, silence 1:00"),
        ("5m", "119s", "lapse 1:59"),
    ] {
        let mut world = World::new();
        let text = POLICY.replace("after = \"5m\"", &format!("after = \"{after}\""));
        world.load(&text.replace("window = \"10m\"", &format!("window = \"{window}\"")));
        let id = world.ask(&wish("maya", "orders-db/admin"));
        check(&world, id, expected);
    }
}

#[test]
fn a_deadline_is_stored_by_a_name() {
    for deadline in [
        Deadline::Lapse,
        Deadline::Escalate(0),
        Deadline::Escalate(255),
        Deadline::Silence,
        Deadline::GiveUp,
        Deadline::Remind,
        Deadline::Expire,
        Deadline::Stick,
        Deadline::ReviewOverdue,
    ] {
        assert_eq!(Deadline::from_name(&deadline.name()), Some(deadline));
    }
    for name in ["", "escalate-", "escalate-256", "escalate--1", "Lapse"] {
        assert_eq!(Deadline::from_name(name), None, "{name}");
    }
}
