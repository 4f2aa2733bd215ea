//! How grants end, and that ends are final.

use super::world::{Wish, World, by, failed, gone, operator, person, stranger, text, wish};
use crate::command::{Actor, Command, Fault, Outcome, Sight};
use crate::deadline::Deadline;
use crate::event::{Cause, Event, Seen};
use crate::id::RequestId;
use crate::state::{Phase, Wanted};

const READ: &str = "orders-db/read";

/// Another grant on what `maya` has, for so long.
fn another(world: &mut World, duration: &str) -> RequestId {
    let id = world.ask(&Wish {
        again: true,
        duration: Some(duration),
        ..wish("maya", READ)
    });
    world.approve("dana", id);
    assert_eq!(world.approve("cy", id), "approval_given approved");
    id
}

fn wanted(world: &World, id: RequestId) -> Wanted {
    world.state.holdings[&world.request(id).asked.holding].wanted()
}

fn seen(world: &World, id: RequestId) -> Seen {
    let Phase::Ended { seen, .. } = &world.request(id).phase else {
        panic!("{:?}", world.request(id).phase);
    };
    seen.clone()
}

fn cause(world: &World, id: RequestId) -> Cause {
    let (Phase::Ending(ending) | Phase::Ended { ending, .. }) = &world.request(id).phase else {
        panic!("{:?}", world.request(id).phase);
    };
    ending.cause
}

#[test]
fn a_lease_ends_by_the_clock() {
    let mut world = World::new();
    let id = world.active();
    world.pass("30m");
    world.pass_millis(-1);
    assert_eq!(world.due(id, Deadline::Expire), "nothing");
    world.pass_millis(1);
    assert_eq!(world.due(id, Deadline::Expire), "ending_started");
    assert_eq!(world.due(id, Deadline::Expire), "nothing");
    assert_eq!(cause(&world, id), Cause::Expired);
    assert_eq!(wanted(&world, id), Wanted::Absent { requests: vec![id] });
    assert_eq!(world.report(id, gone()), "ended review_opened");
    assert_eq!(world.report(id, gone()), "nothing");
    assert_eq!(wanted(&world, id), Wanted::Settled);
}

#[test]
fn who_may_end_a_grant() {
    let check = |actor: &Actor, revoked: &str, given_back: &str| {
        let mut world = World::new();
        let id = world.active();
        let mut other = world.clone();
        let revoke = Command::Revoke {
            request: id,
            reason: text("not now"),
        };
        assert_eq!(world.give(actor, &revoke), revoked, "{actor:?}");
        let give_back = Command::GiveBack { request: id };
        assert_eq!(other.give(actor, &give_back), given_back, "{actor:?}");
    };
    let not_yours = "refused: not_yours";
    let not_allowed = "refused: not_allowed";
    let unknown = "refused: unknown_person";
    check(&by("maya"), not_allowed, "ending_started");
    check(&by("ines"), "ending_started", not_yours);
    check(&by("dana"), "ending_started", not_yours);
    check(&by("bo"), "ending_started", not_yours);
    check(&by("zoe"), not_allowed, not_yours);
    check(&by("gus"), "refused: guest", not_yours);
    check(&operator(), "ending_started", unknown);
    check(&Actor::Server, "ending_started", unknown);
    check(&Actor::Worker, not_allowed, unknown);
    check(&stranger(), unknown, unknown);
}

#[test]
fn an_approver_may_revoke_what_they_approved() {
    let mut world = World::new();
    world.amend("revoke = [\"group:security\"]", "");
    let id = world.ask(&wish("maya", "crm/read"));
    world.approve("lee", id);
    world.report(id, Outcome::Given);
    assert_eq!(world.revoke("ines", id), "refused: not_allowed");
    assert_eq!(world.revoke("lee", id), "ending_started");
}

#[test]
fn even_the_deactivated_give_back() {
    let mut world = World::new();
    let id = world.active();
    world.facts.inactive.insert(person("maya"));
    assert_eq!(world.give_back("maya", id), "ending_started");
}

#[test]
fn a_grant_that_is_not_there_yet_can_be_ended() {
    for revoke in [true, false] {
        let mut world = World::new();
        let id = world.approved();
        let said = if revoke {
            world.revoke("ines", id)
        } else {
            world.give_back("maya", id)
        };
        assert_eq!(said, "ending_started");
        // The attempt in hand may have given it: it is taken away.
        assert_eq!(world.report(id, Outcome::Given), "nothing");
        assert_eq!(wanted(&world, id), Wanted::Absent { requests: vec![id] });
        assert_eq!(world.report(id, gone()), "ended");
    }
}

#[test]
fn ended_is_final() {
    let mut world = World::new();
    let id = world.ended();
    let lease = world.request(id).lease;
    for said in [
        world.approve("bo", id),
        world.deny("bo", id),
        world.confirm("maya", id),
        world.withdraw("maya", id),
    ] {
        assert_eq!(said, "refused: too_late");
    }
    assert_eq!(world.give_back("maya", id), "refused: not_now");
    assert_eq!(world.revoke("ines", id), "refused: not_now");
    assert_eq!(world.report(id, Outcome::Given), "nothing");
    assert_eq!(world.due(id, Deadline::Expire), "nothing");
    assert_eq!(world.rule_again(id), "nothing");
    assert_eq!(world.request(id).lease, lease);
}

#[test]
fn the_first_of_two_overlapping_grants_to_end_leaves_the_access() {
    for first_ends in [true, false] {
        let mut world = World::new();
        let one = world.active();
        world.pass("10m");
        let two = another(&mut world, "2h");
        assert_eq!(world.report(two, Outcome::Given), "activated");
        let (ends, stays) = if first_ends { (one, two) } else { (two, one) };
        assert_eq!(
            world.give_back("maya", ends),
            "ending_started ended review_opened"
        );
        assert_eq!(seen(&world, ends), Seen::KeptBy(stays));
        assert_eq!(wanted(&world, stays), Wanted::Settled);
        assert!(!super::reporting::converges(&world.effects));
        assert_eq!(world.give_back("maya", stays), "ending_started");
        let all = Wanted::Absent {
            requests: vec![stays],
        };
        assert_eq!(wanted(&world, stays), all);
        assert_eq!(world.report(stays, gone()), "ended review_opened");
    }
}

#[test]
fn a_grant_that_is_not_there_yet_keeps_nothing() {
    // The second can still fail: until it is there, the first ends by its own read-back.
    let mut world = World::new();
    let one = world.active();
    let two = another(&mut world, "1h");
    assert_eq!(world.give_back("maya", one), "ending_started");
    assert_eq!(
        world.report(two, failed(Fault::Lasting, 1)),
        "provision_failed ending_started"
    );
    let all = Wanted::Absent {
        requests: vec![one, two],
    };
    assert_eq!(wanted(&world, one), all);
    assert_eq!(world.report(one, gone()), "ended review_opened");
    assert!(super::reporting::converges(&world.effects));
    assert_eq!(world.report(two, gone()), "ended");
}

#[test]
fn a_grant_that_waits_for_its_end_is_kept_by_one_that_began_meanwhile() {
    let check = |outcome: Outcome| {
        let mut world = World::new();
        let one = world.ending();
        world.report(one, failed(Fault::Passing, 1));
        let two = another(&mut world, "1h");
        assert_eq!(world.report(two, Outcome::Given), "activated");
        assert!(super::reporting::converges(&world.effects));
        assert_eq!(world.report(one, outcome), "ended review_opened");
        assert_eq!(seen(&world, one), Seen::KeptBy(two));
        assert_eq!(world.phase(two), "active");
        assert_eq!(wanted(&world, two), Wanted::Settled);
    };
    check(Outcome::Given);
    check(super::world::held());
    check(failed(Fault::Passing, 2));
    check(failed(Fault::Lasting, 7));
}

#[test]
fn three_failures_or_a_minute_call_for_people_and_it_is_still_tried() {
    let mut world = World::new();
    let id = world.ending();
    let mut late = world.clone();
    for (tries, said) in [
        (1, "deprovision_failed"),
        (2, "deprovision_failed"),
        (3, "deprovision_failed stuck"),
        (4, "deprovision_failed"),
    ] {
        let failure = failed(Fault::Passing, tries);
        assert_eq!(world.report(id, failure), said);
        assert!(matches!(wanted(&world, id), Wanted::Absent { .. }));
    }
    world.pass("4m");
    assert_eq!(world.due(id, Deadline::Stick), "nothing", "people know");
    assert_eq!(world.report(id, gone()), "ended review_opened");

    late.pass("1m");
    late.pass_millis(-1);
    assert_eq!(late.due(id, Deadline::Stick), "nothing");
    late.pass_millis(1);
    assert_eq!(late.due(id, Deadline::Stick), "stuck");
    assert_eq!(late.due(id, Deadline::Stick), "nothing");
    assert_eq!(
        late.report(id, failed(Fault::Lasting, 3)),
        "deprovision_failed"
    );
    assert_eq!(late.report(id, gone()), "ended review_opened");
}

#[test]
fn ended_is_said_only_of_what_was_read_back_as_absent() {
    use crate::port::provisioner::Presence;
    let mut world = World::new();
    let id = world.ending();
    let taken = |read_back| Outcome::Taken {
        read_back,
        sessions_ended: 0,
        remains: vec!["granted by postgres".to_owned()],
    };
    for tries in 1..=3 {
        let said = world.report(id, taken(Presence::Present));
        let stuck = if tries == 3 { " stuck" } else { "" };
        assert_eq!(said, format!("deprovision_failed{stuck}"));
        assert_eq!(world.phase(id), "ending");
    }
    let mut unread = world.clone();
    assert_eq!(
        world.report(id, taken(Presence::Absent)),
        "ended review_opened"
    );
    assert_eq!(seen(&world, id), Seen::Gone);
    let said = unread.report(id, taken(Presence::Unknowable));
    assert_eq!(said, "ended review_opened");
    assert_eq!(seen(&unread, id), Seen::Unread);
}

#[test]
fn a_read_back_from_before_the_end_was_written_proves_nothing() {
    let mut world = World::new();
    let id = world.approved();
    world.report(id, Outcome::Given);
    let attempt = world.attempt(id);
    world.give_back("maya", id);
    assert_eq!(world.report_from(&attempt, gone()), "nothing");
    assert_eq!(world.phase(id), "ending");
    assert_eq!(world.report(id, gone()), "ended review_opened");
}

#[test]
fn the_holder_is_told_once_before_the_end() {
    let mut world = World::new();
    let id = world.active();
    world.pass("25m");
    world.pass_millis(-1);
    assert_eq!(world.due(id, Deadline::Remind), "nothing");
    world.pass_millis(1);
    assert_eq!(world.due(id, Deadline::Remind), "reminded");
    assert_eq!(world.due(id, Deadline::Remind), "nothing");
}

#[test]
fn what_is_over_ends_whatever_else_fell_due_before() {
    let mut world = World::new();
    let id = world.active();
    world.pass("30m");
    assert_eq!(world.due(id, Deadline::Remind), "ending_started");
    assert_eq!(world.due(id, Deadline::Expire), "nothing");
}

#[test]
fn the_events_of_an_end_name_who_ended_it() {
    let mut world = World::new();
    let id = world.active();
    world.revoke("ines", id);
    let Phase::Ending(ending) = &world.request(id).phase else {
        panic!();
    };
    assert_eq!(ending.by, by("ines"));
    assert_eq!(world.request(id).revoked_by, Some(person("ines")));
    assert!(matches!(
        world.log.last().unwrap().event,
        Event::EndingStarted {
            reason: Some(_),
            ..
        }
    ));
}

#[test]
fn the_grants_of_people_who_left_end() {
    let check = |id| Command::CheckRights { request: id };
    for make in [World::approved, World::active] {
        let mut world = World::new();
        let id = make(&mut world);
        assert_eq!(world.give(&Actor::Server, &check(id)), "nothing");
        world.facts.inactive.insert(person("maya"));
        assert_eq!(world.give(&Actor::Server, &check(id)), "ending_started");
        assert_eq!(world.give(&Actor::Server, &check(id)), "nothing");
    }
    let mut world = World::new();
    let id = world.active();
    world
        .facts
        .inactive
        .extend([person("dana"), person("ines")]);
    assert_eq!(world.give(&Actor::Server, &check(id)), "nothing", "others");
    world.amend("\"maya\"", "\"mia\"");
    assert_eq!(world.give(&Actor::Server, &check(id)), "ending_started");
    let Phase::Ending(ending) = &world.request(id).phase else {
        panic!("it ends");
    };
    assert_eq!(ending.cause, Cause::Left);
}

#[test]
fn who_lost_the_right_to_ask_keeps_it_and_security_is_told_once() {
    let check = |id| Command::CheckRights { request: id };
    let mut world = World::new();
    let id = world.active();
    let rule = world.request(id).terms.as_ref().unwrap().rule.clone();
    let from = format!("id = \"{rule}\"");
    world.amend(&from, &format!("id = \"{rule}-no-more\""));
    assert_eq!(world.give(&Actor::Server, &check(id)), "right_lost");
    assert!(world.effects.iter().any(|effect| matches!(
        effect,
        crate::effect::Effect::Post {
            topic: crate::effect::Topic::RightLost,
            ..
        }
    )));
    assert_eq!(world.give(&Actor::Server, &check(id)), "nothing");
    assert_eq!(world.phase(id), "active");
}

#[test]
fn the_alarm_sounds_again_with_growing_pauses_until_somebody_answers_for_it() {
    let mut world = World::new();
    let id = world.ending();
    world.pass("60s");
    assert_eq!(world.due(id, Deadline::Stick), "stuck");
    assert_eq!(world.due(id, Deadline::Stick), "nothing");
    world.pass("4m");
    for pause in ["15m", "30m", "1h", "1h", "1h"] {
        assert_eq!(world.due(id, Deadline::Stick), "stuck");
        world.pass(pause);
    }
    let attest = Command::Attest {
        request: id,
        reason: text("revoked by hand in psql"),
    };
    assert_eq!(world.give(&by("maya"), &attest), "refused: not_allowed");
    assert_eq!(world.give(&by("ines"), &attest), "attested");
    assert_eq!(world.give(&operator(), &attest), "refused: not_now");
    assert_eq!(world.due(id, Deadline::Stick), "nothing");
    assert_eq!(world.phase(id), "ending", "it is still tried");
    assert_eq!(world.report(id, gone()), "ended review_opened");
}

#[test]
fn nobody_answers_for_what_is_not_stuck() {
    for make in [World::active, World::ending, World::ended] {
        let mut world = World::new();
        let id = make(&mut world);
        let attest = Command::Attest {
            request: id,
            reason: text("revoked by hand in psql"),
        };
        assert_eq!(world.give(&operator(), &attest), "refused: not_now");
    }
}

#[test]
fn what_was_said_to_be_removed_and_is_still_there_is_told() {
    let mut world = World::new();
    let id = world.ending();
    world.report(id, failed(Fault::Passing, 3));
    assert_eq!(world.see(id, Sight::Ours), "nothing");
    let attest = Command::Attest {
        request: id,
        reason: text("revoked by hand in psql"),
    };
    assert_eq!(world.give(&operator(), &attest), "attested");
    assert_eq!(world.see(id, Sight::Missing), "nothing");
    let mut earlier = world.sighting(id, Sight::Ours);
    earlier.version -= 1;
    let earlier = Command::Reconcile(Box::new(earlier));
    let said = world.give(&Actor::Worker, &earlier);
    assert_eq!(said, "nothing", "seen before something changed");
    assert_eq!(world.see(id, Sight::Ours), "attestation_refuted");
    assert_eq!(world.see(id, Sight::Ours), "nothing", "told once");
    assert!(
        world.due_at(id, Deadline::Stick).is_some(),
        "and alarmed again"
    );
}
