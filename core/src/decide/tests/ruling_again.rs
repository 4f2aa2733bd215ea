//! A pending request under another policy.

use super::world::{POLICY, World, person, urgent, wish};
use crate::deadline::Deadline;
use crate::state::Phase;

const READ: &str = "orders-db/read";
const ADMIN: &str = "orders-db/admin";

#[test]
fn the_same_terms_keep_the_approvals() {
    let mut world = World::new();
    let id = world.ask(&wish("maya", READ));
    world.approve("dana", id);
    world.amend("id = \"crm\"\nsensitivity = \"high\"", "id = \"crm\"");
    assert_eq!(world.rule_again(id), "nothing");
    assert_eq!(world.approve("cy", id), "approval_given approved");
}

#[test]
fn changed_terms_void_the_approvals_and_what_was_shown() {
    let mut world = World::new();
    let id = world.ask(&wish("maya", READ));
    let shown = world.digest(id);
    world.approve("dana", id);
    world.pass("9m");
    world.amend("max_duration = \"2h\"", "max_duration = \"1h\"");
    assert_eq!(world.rule_again(id), "terms_changed");
    assert!(world.request(id).approvals.is_empty());
    assert_ne!(world.digest(id), shown);
    let window = world.due_at(id, Deadline::Lapse).unwrap();
    assert_eq!(window, world.now.plus("10m".parse().unwrap()));
    assert_eq!(world.rule_again(id), "nothing");
    assert_eq!(world.approve("dana", id), "approval_given");
    assert_eq!(world.approve("cy", id), "approval_given approved");
}

#[test]
fn terms_that_changed_unnoticed_are_noticed_at_the_quorum() {
    let mut world = World::new();
    let id = world.ask(&wish("maya", READ));
    world.approve("dana", id);
    world.amend("max_duration = \"2h\"", "max_duration = \"1h\"");
    assert_eq!(world.approve("cy", id), "terms_changed");
    assert!(world.request(id).approvals.is_empty());
    assert_eq!(world.phase(id), "pending");
}

#[test]
fn no_means_denied() {
    let removed = POLICY.replace(
        "id = \"two-of-dba\"\nwho = [\"group:sre\"]",
        "id = \"two-of-dba\"\nwho = [\"group:leads\"]",
    );
    let mut world = World::new();
    let id = world.ask(&wish("maya", READ));
    world.load(&removed);
    assert_eq!(world.rule_again(id), "denied");
    assert_eq!(world.approve("dana", id), "refused: too_late");
}

#[test]
fn approvals_of_those_who_lost_the_right_are_void() {
    let mut world = World::new();
    let id = world.ask(&wish("maya", READ));
    world.approve("dana", id);
    world.facts.inactive.insert(person("dana"));
    assert_eq!(world.rule_again(id), "approvals_voided");
    assert_eq!(world.rule_again(id), "nothing");
    assert_eq!(world.approve("cy", id), "approval_given");
}

#[test]
fn a_request_on_the_approvers_way_stays_on_it() {
    // A path without approvals opens; nobody asked for it.
    let mut world = World::new();
    let id = world.ask(&wish("maya", ADMIN));
    world.approve("dana", id);
    world.amend("context.severity <= 1", "context.severity <= 5");
    assert_eq!(world.rule_again(id), "nothing");
    // Its own way closes: it isn't turned into break-glass unasked either.
    let only_glass = POLICY
        .replace("context.severity <= 1", "context.severity <= 5")
        .replace(
            "who = [\"group:sre\", \"group:dba\"]",
            "who = [\"group:dba\"]",
        );
    world.load(&only_glass);
    assert_eq!(world.rule_again(id), "denied");
    let Phase::Denied { denial, .. } = &world.request(id).phase else {
        panic!();
    };
    assert_eq!(denial.as_ref().unwrap().reasons.len(), 1);
}

#[test]
fn an_unconfirmed_request_is_not_shown_to_approvers_unasked() {
    let mut world = World::new();
    let id = world.ask(&urgent("maya", ADMIN));
    world.amend("max_duration = \"30m\"", "max_duration = \"45m\"");
    assert_eq!(world.rule_again(id), "terms_changed");
    assert!(world.effects.is_empty(), "{:?}", world.effects);
    assert_eq!(world.confirm("maya", id), "confirmed approved");
}

#[test]
fn an_unconfirmed_request_whose_way_is_closed_can_still_ask_for_approval() {
    let mut world = World::new();
    let id = world.ask(&urgent("maya", ADMIN));
    world.amend(
        "who = [\"group:sre\"]\nroles = [\"orders-db/admin\"]",
        "who = [\"group:leads\"]\nroles = [\"orders-db/admin\"]",
    );
    assert_eq!(world.rule_again(id), "nothing");
    assert_eq!(world.confirm("maya", id), "refused: not_now");
    assert_eq!(world.ask_for_approval("maya", id), "terms_changed");
    assert_eq!(world.approve("dana", id), "approval_given");
}

#[test]
fn a_role_that_means_something_else_now_is_not_granted() {
    let mut world = World::new();
    let id = world.ask(&wish("maya", READ));
    world.approve("dana", id);
    world.amend(
        "grants = \"orders_read\"",
        "grants = \"orders_read_masked\"",
    );
    let mut other = world.clone();
    assert_eq!(world.rule_again(id), "denied");
    assert_eq!(other.approve("cy", id), "denied");
    let mut glass = World::new();
    let id = glass.ask(&urgent("maya", ADMIN));
    glass.amend(
        "provisioner = \"orders-postgres\"",
        "provisioner = \"elsewhere\"",
    );
    assert_eq!(glass.confirm("maya", id), "denied");
}

#[test]
fn what_does_not_wait_is_not_ruled_again() {
    let mut world = World::new();
    let late = world.ask(&wish("maya", "crm/read"));
    world.pass("10m");
    let id = world.active();
    world.facts.requests_24h = crate::fact::Known::Known(11);
    assert_eq!(world.rule_again(id), "nothing");
    assert_eq!(world.rule_again(late), "nothing");
    assert_eq!(world.due(late, Deadline::Lapse), "lapsed");
    assert_eq!(world.rule_again(late), "nothing");
}

#[test]
fn an_escalation_that_falls_due_when_it_is_too_late_asks_nobody() {
    let mut world = World::new();
    let id = world.ask(&wish("maya", ADMIN));
    world.pass("10m");
    assert_eq!(world.due(id, Deadline::Escalate(0)), "lapsed");
    assert_eq!(world.due(id, Deadline::Lapse), "nothing");
}
