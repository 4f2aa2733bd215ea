//! Who may ask, for what, and how often.

use super::world::{Wish, World, by, operator, stranger, text, urgent, wish};
use crate::command::Outcome;
use crate::decide::OPEN_REQUESTS_MAX;
use crate::event::Event;
use crate::refusal::Refusal;
use crate::state::Phase;

#[test]
fn who_asks_decides_whether_they_may() {
    let for_bo = |asker| Wish {
        beneficiary: "bo",
        ..wish(asker, "orders-db/admin")
    };
    let check = |wish: &Wish<'_>, said: &str| {
        let mut world = World::new();
        assert_eq!(world.try_ask(wish), said, "{wish:?}");
    };
    check(&wish("maya", "orders-db/admin"), "requested");
    check(&wish("gus", "orders-db/admin"), "requested");
    check(&wish("zoe", "orders-db/admin"), "denied_by_policy");
    check(&wish("carl", "orders-db/admin"), "denied_by_policy");
    check(&for_bo("tess"), "requested");
    check(&for_bo("maya"), "denied_by_policy");
    check(
        &wish("nobody", "orders-db/admin"),
        "refused: unknown_person",
    );
    let for_nobody = Wish {
        beneficiary: "nobody",
        ..wish("tess", "orders-db/admin")
    };
    check(&for_nobody, "refused: unknown_person");
}

#[test]
fn only_a_listed_person_asks() {
    let mut world = World::new();
    let command = world.ask_command(&wish("maya", "orders-db/admin"));
    for actor in [stranger(), operator(), crate::command::Actor::Server] {
        assert_eq!(world.give(&actor, &command), "refused: unknown_person");
    }
    assert_eq!(world.give(&by("bo"), &command), "refused: not_allowed");
}

#[test]
fn the_inactive_neither_ask_nor_are_asked_for() {
    let mut world = World::new();
    world.facts.inactive.insert(super::world::person("bo"));
    let for_bo = Wish {
        beneficiary: "bo",
        ..wish("tess", "orders-db/admin")
    };
    assert_eq!(world.try_ask(&for_bo), "refused: inactive");
    assert_eq!(
        world.try_ask(&wish("bo", "orders-db/admin")),
        "refused: inactive"
    );
}

#[test]
fn a_denial_by_policy_has_an_id_and_stays_denied() {
    let mut world = World::new();
    let wish = Wish {
        duration: Some("3h"),
        ..wish("maya", "orders-db/read")
    };
    assert_eq!(world.try_ask(&wish), "denied_by_policy");
    let id = world.newest();
    assert_eq!(id.to_string(), "BG-1");
    let Phase::Denied { denial, .. } = &world.request(id).phase else {
        panic!("{:?}", world.request(id).phase);
    };
    let longest = denial.as_ref().unwrap().longest.unwrap();
    assert_eq!(longest.to_string(), "2 h");
    assert!(world.effects.is_empty());
    assert_eq!(world.approve("dana", id), "refused: too_late");
}

#[test]
fn a_request_that_nobody_can_decide_is_refused() {
    // An empty group of approvers is nobody, not everybody.
    let mut world = World::new();
    for id in ["ines", "lee", "cy"] {
        world.facts.inactive.insert(super::world::person(id));
    }
    assert_eq!(
        world.try_ask(&wish("maya", "crm/read")),
        "refused: no_approvers"
    );
    assert_eq!(
        world.try_ask(&wish("maya", "orders-db/admin")),
        "refused: no_approvers"
    );
}

#[test]
fn a_group_that_could_not_be_looked_up_opens_no_door() {
    let mut world = World::new();
    let sre = "sre".parse().unwrap();
    let amended = "members = [\"maya\", \"bo\", \"carl\", \"gus\"]";
    world.amend(amended, "slack_usergroup = \"S01SRE\"");
    let unknown = crate::fact::Known::Unknown("no answer from Slack".to_owned());
    world.facts.members.insert(sre, unknown);
    assert_eq!(
        world.try_ask(&wish("maya", "orders-db/read")),
        "denied_by_policy"
    );
}

#[test]
fn the_justification_has_the_length_that_the_rule_wants() {
    let check = |why: &str, said: &str| {
        let mut world = World::new();
        let wish = Wish {
            why,
            ..wish("maya", "crm/read")
        };
        assert_eq!(world.try_ask(&wish), said, "{why}");
    };
    check("1234", "refused: justification");
    check("12345", "requested");
    check("   1234    ", "refused: justification");
    check(&"x".repeat(40), "requested");
    check(&"x".repeat(41), "refused: justification");
}

#[test]
fn the_same_is_not_asked_twice_while_it_waits() {
    let mut world = World::new();
    let id = world.ask(&wish("maya", "orders-db/read"));
    assert_eq!(
        world.try_ask(&wish("maya", "orders-db/read")),
        "refused: already_asked"
    );
    // By the clock, whether or not anybody wrote down that it lapsed.
    world.pass("10m");
    assert_eq!(world.try_ask(&wish("maya", "orders-db/read")), "requested");
    assert_eq!(world.phase(id), "pending");
}

#[test]
fn what_is_being_granted_or_held_is_not_asked_again_unknowingly() {
    let mut world = World::new();
    let id = world.approved();
    let again = Wish {
        again: true,
        ..wish("maya", "orders-db/read")
    };
    assert_eq!(world.try_ask(&again), "refused: already_asked");
    world.report(id, Outcome::Given);
    assert_eq!(
        world.try_ask(&wish("maya", "orders-db/read")),
        "refused: already_active"
    );
    assert_eq!(world.try_ask(&again), "requested");
    assert_eq!(world.try_ask(&again), "refused: already_asked");
}

#[test]
fn a_lease_that_is_over_by_the_clock_does_not_hinder_another() {
    let mut world = World::new();
    world.active();
    world.pass_millis(30 * 60_000 - 1);
    let wish = wish("maya", "orders-db/read");
    assert_eq!(world.try_ask(&wish), "refused: already_active");
    world.pass_millis(1);
    assert_eq!(world.try_ask(&wish), "requested");
}

#[test]
fn a_person_has_only_so_many_requests_waiting() {
    let mut world = World::new();
    let roles = ["crm/read", "crm/write", "crm/export", "orders-db/read"];
    for role in &roles[..OPEN_REQUESTS_MAX] {
        world.ask(&wish("maya", role));
    }
    assert_eq!(world.try_ask(&wish("maya", roles[3])), "refused: rate");
    let Some(Refusal::Rate { open }) = &world.refusal else {
        panic!();
    };
    let open: Vec<_> = open.iter().map(ToString::to_string).collect();
    assert_eq!(open, ["BG-1", "BG-2", "BG-3"]);
    assert_eq!(world.try_ask(&wish("bo", roles[3])), "requested");
    let first = *world.state.requests.keys().next().unwrap();
    world.withdraw("maya", first);
    assert_eq!(world.try_ask(&wish("maya", roles[3])), "requested");
    world.pass("10m");
    assert_eq!(world.try_ask(&wish("maya", "crm/read")), "requested");
}

#[test]
fn the_digest_covers_everything_an_approver_agrees_to() {
    let mut world = World::new();
    let id = world.ask(&wish("maya", "orders-db/admin"));
    let request = world.request(id).clone();
    let terms = request.terms.clone().unwrap();
    let digest = |asked: &_, terms: &_| crate::decide::digest(asked, Some(terms));
    assert_eq!(digest(&request.asked, &terms), request.digest);
    let asked: Vec<fn(&mut crate::event::Asked)> = vec![
        |asked| asked.requester = "bo".parse().unwrap(),
        |asked| asked.beneficiary = "bo".parse().unwrap(),
        |asked| asked.target = "crm".parse().unwrap(),
        |asked| asked.role = "read".parse().unwrap(),
        |asked| asked.holding.account.push('2'),
        |asked| asked.holding.entitlement.push('2'),
        |asked| asked.holding.provisioner = "crm".parse().unwrap(),
        |asked| asked.duration = crate::time::Length::from_secs(1),
        |asked| asked.justification = text("another").hash(),
        |asked| asked.incident = Some("INC-1".to_owned()),
        |asked| asked.severity = crate::ruling::Severity::new(3).ok(),
    ];
    for change in asked {
        let mut other = request.asked.clone();
        change(&mut other);
        assert_ne!(digest(&other, &terms), request.digest, "{other:?}");
    }
    let changes: Vec<fn(&mut crate::ruling::Terms)> = vec![
        |terms| terms.rule = "other".parse().unwrap(),
        |terms| terms.break_glass = true,
        |terms| terms.approvals[0].count = 2,
        |terms| terms.approvals.clear(),
        |terms| terms.escalate.clear(),
        |terms| terms.max_duration = crate::time::Length::from_secs(1),
        |terms| terms.reviewed = false,
    ];
    for change in changes {
        let mut other = terms.clone();
        change(&mut other);
        assert_ne!(digest(&request.asked, &other), request.digest, "{other:?}");
    }
}

#[test]
fn a_request_keeps_the_facts_it_was_ruled_by() {
    let mut world = World::new();
    world.facts.requests_24h = crate::fact::Known::Known(7);
    let id = world.ask(&urgent("maya", "orders-db/admin"));
    let Event::Requested(requested) = &world.log[0].event else {
        panic!();
    };
    assert_eq!(requested.facts, world.facts);
    assert_eq!(world.request(id).facts, world.facts);
}
