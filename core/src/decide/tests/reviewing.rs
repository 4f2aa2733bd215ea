//! The look afterwards, by somebody who took no part.

use super::world::{Wish, World, gone, person, text, urgent, wish};
use crate::command::{Command, Outcome};
use crate::deadline::Deadline;
use crate::id::RequestId;

/// Asked by `tess` for `maya`, approved by `dana` and `ines`, revoked by `lee`.
fn revoked() -> (World, RequestId) {
    let mut world = World::new();
    let id = world.ask(&Wish {
        beneficiary: "maya",
        ..wish("tess", "orders-db/admin")
    });
    world.approve("dana", id);
    assert_eq!(world.approve("ines", id), "approval_given approved");
    world.report(id, Outcome::Given);
    world.revoke("lee", id);
    assert_eq!(world.report(id, gone()), "ended review_opened");
    (world, id)
}

#[test]
fn nobody_who_took_part_closes_the_review() {
    for (who, said) in [
        ("tess", "refused: own_review"),
        ("maya", "refused: own_review"),
        ("dana", "refused: own_review"),
        ("ines", "refused: own_review"),
        ("lee", "refused: own_review"),
        ("bo", "refused: not_allowed"),
        ("gus", "refused: guest"),
        ("left", "refused: unknown_person"),
        ("cy", "review_closed"),
    ] {
        let (mut world, id) = revoked();
        assert_eq!(world.close_review(who, id), said, "{who}");
    }
}

#[test]
fn whose_approval_was_void_took_part_all_the_same() {
    let mut world = World::new();
    let id = world.ask(&wish("maya", "orders-db/admin"));
    world.approve("lee", id);
    world.amend(
        "escalate = [{ after = \"5m\", to = [\"group:leads\"] }]",
        "",
    );
    assert_eq!(world.rule_again(id), "terms_changed");
    world.approve("ines", id);
    world.approve("dana", id);
    world.report(id, Outcome::Given);
    world.give_back("maya", id);
    world.report(id, gone());
    assert_eq!(world.close_review("lee", id), "refused: own_review");
    assert_eq!(world.close_review("tess", id), "review_closed");
}

#[test]
fn a_review_is_closed_once() {
    let (mut world, id) = revoked();
    assert_eq!(world.close_review("cy", id), "review_closed");
    assert_eq!(world.close_review("cy", id), "refused: too_late");
    world.pass("24h");
    assert_eq!(world.due(id, Deadline::ReviewOverdue), "nothing");
}

#[test]
fn a_late_review_is_said_once_and_can_still_be_closed() {
    let (mut world, id) = revoked();
    world.pass("24h");
    world.pass_millis(-1);
    assert_eq!(world.due(id, Deadline::ReviewOverdue), "nothing");
    world.pass_millis(1);
    assert_eq!(world.due(id, Deadline::ReviewOverdue), "review_overdue");
    assert_eq!(world.due(id, Deadline::ReviewOverdue), "nothing");
    assert_eq!(world.close_review("cy", id), "review_closed");
}

#[test]
fn what_never_was_access_is_not_reviewed() {
    let mut world = World::new();
    let id = world.approved();
    world.give_back("maya", id);
    assert_eq!(world.report(id, gone()), "ended");
    assert_eq!(world.close_review("ines", id), "refused: not_now");
    let pending = world.ask(&wish("maya", "crm/read"));
    assert_eq!(world.close_review("ines", pending), "refused: not_now");
}

#[test]
fn break_glass_is_always_reviewed_and_planned_work_is_not() {
    let mut world = World::new();
    world.amend("review = \"emergency\"", "review = \"never\"");
    for (wish, said) in [
        (urgent("maya", "orders-db/admin"), "ended review_opened"),
        (wish("maya", "staging-db/admin"), "ended"),
    ] {
        let id = world.ask(&wish);
        assert_eq!(world.confirm("maya", id), "confirmed approved");
        world.report(id, Outcome::Given);
        world.give_back("maya", id);
        assert_eq!(world.report(id, gone()), said);
    }
}

#[test]
fn the_holder_describes_what_they_did_when_it_is_over() {
    let (mut world, id) = revoked();
    let describe = |world: &mut World, who: &str, id| {
        let note = text("dropped the slot");
        let command = Command::DescribeUse { request: id, note };
        world.give(&super::world::by(who), &command)
    };
    assert_eq!(describe(&mut world, "maya", id), "use_described");
    assert_eq!(describe(&mut world, "dana", id), "refused: not_yours");
    let other = world.active();
    assert_eq!(describe(&mut world, "maya", other), "refused: not_now");
    world.facts.inactive.insert(person("maya"));
    assert_eq!(describe(&mut world, "maya", id), "use_described");
}
