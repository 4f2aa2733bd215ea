//! Breaking the glass: never unasked, within five minutes, once.

use super::world::{Wish, World, by, person, urgent, wish};
use crate::command::{Command, Outcome};
use crate::deadline::Deadline;
use crate::id::Digest;

const ADMIN: &str = "orders-db/admin";

#[test]
fn breaking_the_glass_waits_for_the_requester() {
    let mut world = World::new();
    let id = world.ask(&urgent("maya", ADMIN));
    assert_eq!(world.phase(id), "pending");
    assert!(world.effects.is_empty(), "{:?}", world.effects);
    assert_eq!(world.confirm("bo", id), "refused: not_yours");
    assert_eq!(world.confirm("ines", id), "refused: not_yours");
    assert_eq!(world.confirm("maya", id), "confirmed approved");
    assert_eq!(world.confirm("maya", id), "refused: too_late");
    assert_eq!(world.report(id, Outcome::Given), "activated");
    assert_eq!(world.confirm("maya", id), "refused: too_late");
}

#[test]
fn a_confirmation_is_valid_for_five_minutes() {
    for (millis, said) in [
        (-1, "confirmed approved"),
        (0, "refused: too_late"),
        (1, "refused: too_late"),
    ] {
        let mut world = World::new();
        let id = world.ask(&urgent("maya", ADMIN));
        world.pass("5m");
        world.pass_millis(millis);
        let mut other = world.clone();
        assert_eq!(world.confirm("maya", id), said, "{millis}");
        let asked = said.replace("confirmed approved", "terms_changed");
        assert_eq!(other.ask_for_approval("maya", id), asked, "{millis}");
    }
    let mut world = World::new();
    let id = world.ask(&urgent("maya", ADMIN));
    world.pass("5m");
    assert_eq!(world.due(id, Deadline::Lapse), "lapsed");
    assert_eq!(world.confirm("maya", id), "refused: too_late");
}

#[test]
fn on_behalf_both_must_click() {
    let on_behalf = Wish {
        beneficiary: "maya",
        ..urgent("tess", ADMIN)
    };
    for (first, second) in [("tess", "maya"), ("maya", "tess")] {
        let mut world = World::new();
        let id = world.ask(&on_behalf);
        assert_eq!(world.confirm(first, id), "confirmed");
        assert_eq!(world.phase(id), "pending");
        assert_eq!(world.confirm(first, id), "refused: not_now");
        assert_eq!(world.confirm(second, id), "confirmed approved");
    }
}

#[test]
fn what_was_not_shown_is_not_confirmed() {
    let mut world = World::new();
    let id = world.ask(&urgent("maya", ADMIN));
    let confirm = Command::Confirm {
        request: id,
        digest: Digest::claimed("0123456789abcdef"),
    };
    assert_eq!(world.give(&by("maya"), &confirm), "refused: changed");
}

#[test]
fn the_requester_may_rather_ask_for_approval() {
    let mut world = World::new();
    let id = world.ask(&urgent("maya", ADMIN));
    let shown = world.digest(id);
    world.pass("4m");
    assert_eq!(world.ask_for_approval("dana", id), "refused: not_yours");
    assert_eq!(world.ask_for_approval("maya", id), "terms_changed");
    let confirm = Command::Confirm {
        request: id,
        digest: shown,
    };
    assert_eq!(world.give(&by("maya"), &confirm), "refused: changed");
    assert_eq!(world.confirm("maya", id), "refused: not_now");
    assert_eq!(world.ask_for_approval("maya", id), "refused: not_now");
    let window = world.due_at(id, Deadline::Lapse).unwrap();
    assert_eq!(window, world.now.plus("10m".parse().unwrap()));
    assert_eq!(world.approve("dana", id), "approval_given");
    assert_eq!(world.approve("ines", id), "approval_given approved");
    assert_eq!(
        world.request(id).terms.as_ref().unwrap().rule.as_str(),
        "two-people"
    );
}

#[test]
fn where_no_rule_asks_for_approval_there_is_none_to_ask() {
    let mut world = World::new();
    let id = world.ask(&wish("maya", "staging-db/admin"));
    assert_eq!(world.ask_for_approval("maya", id), "refused: not_now");
    assert_eq!(world.confirm("maya", id), "confirmed approved");
}

#[test]
fn nobody_asks_for_approval_where_nobody_can_approve() {
    let mut world = World::new();
    let id = world.ask(&urgent("maya", ADMIN));
    for who in ["ines", "lee", "cy"] {
        world.facts.inactive.insert(person(who));
    }
    assert_eq!(world.ask_for_approval("maya", id), "refused: no_approvers");
}

#[test]
fn the_glass_is_not_broken_nor_denied_while_its_beneficiary_cannot_be_looked_up() {
    let mut world = World::new();
    let id = world.ask(&Wish {
        beneficiary: "maya",
        ..urgent("tess", ADMIN)
    });
    assert_eq!(world.confirm("maya", id), "confirmed");
    let before = world.facts.clone();
    world.facts.inactive.insert(person("maya"));
    world.facts.unsure.insert(person("maya"));
    assert_eq!(world.confirm("tess", id), "refused: unsure");
    world.facts = before;
    assert_eq!(world.confirm("tess", id), "confirmed approved");
}

#[test]
fn a_guard_that_turns_on_before_the_click_denies() {
    let mut world = World::new();
    let id = world.ask(&urgent("maya", ADMIN));
    world.facts.requests_24h = crate::fact::Known::Known(11);
    assert_eq!(world.confirm("maya", id), "denied");
    assert_eq!(world.confirm("maya", id), "refused: too_late");
}

#[test]
fn other_terms_are_shown_again_before_they_are_confirmed() {
    let mut world = World::new();
    let id = world.ask(&urgent("maya", ADMIN));
    world.amend("max_duration = \"30m\"", "max_duration = \"45m\"");
    assert_eq!(world.confirm("maya", id), "terms_changed");
    assert_eq!(
        world.request(id).terms.as_ref().unwrap().rule.as_str(),
        "break-glass",
        "it isn't sent to approvers unasked"
    );
    assert_eq!(world.confirm("maya", id), "confirmed approved");
}

#[test]
fn planned_work_without_approval_is_confirmed_too_but_breaks_no_glass() {
    let mut world = World::new();
    let id = world.ask(&wish("maya", "staging-db/admin"));
    assert_eq!(world.confirm("maya", id), "confirmed approved");
    assert_eq!(world.report(id, Outcome::Given), "activated");
    let said: Vec<_> = super::reporting::topics(&world.effects);
    assert!(
        !said.contains(&crate::effect::Topic::BrokenGlass),
        "{said:?}"
    );
    assert!(!said.contains(&crate::effect::Topic::Skipped), "{said:?}");
}
