//! Approvals, denials, and the one decision.

use super::world::{Wish, World, by, operator, person, stranger, urgent, wish};
use crate::command::{Actor, Command, Outcome};
use crate::event::Event;
use crate::id::{Digest, Platform};
use crate::refusal::Refusal;
use crate::state::Phase;

#[test]
fn nobody_approves_their_own_request() {
    let mut world = World::new();
    let own = world.ask(&wish("bo", "orders-db/admin"));
    assert_eq!(world.approve("bo", own), "refused: own_request");
    assert_eq!(world.deny("bo", own), "refused: own_request");
    let Some(Refusal::OwnRequest { others, .. }) = world.refusal else {
        panic!();
    };
    assert_eq!(others, 4, "dana, cy, ines, lee");
    let on_behalf = Wish {
        beneficiary: "bo",
        ..wish("tess", "orders-db/admin")
    };
    assert_eq!(world.try_ask(&on_behalf), "refused: already_asked");
    world.withdraw("bo", own);
    let id = world.ask(&on_behalf);
    assert_eq!(world.approve("bo", id), "refused: own_request");
    world.pass("5m");
    world.due(id, crate::deadline::Deadline::Escalate(0));
    assert_eq!(world.approve("tess", id), "refused: own_request");
    assert_eq!(world.phase(id), "pending");
}

#[test]
fn the_ban_holds_on_another_account_too() {
    let mut world = World::new();
    world.amend("slack = \"U0BO\"", "slack = \"U0BO\"\ndiscord = \"200\"");
    let id = world.ask(&wish("bo", "orders-db/admin"));
    let elsewhere = Actor::Person {
        person: person("bo"),
        platform: Platform::Discord,
        account: "200".to_owned(),
    };
    let digest = world.digest(id);
    let approve = Command::Approve {
        request: id,
        digest,
        cut: None,
    };
    assert_eq!(world.give(&elsewhere, &approve), "refused: own_request");
}

#[test]
fn only_those_the_rule_names_decide() {
    let mut world = World::new();
    let id = world.ask(&wish("maya", "orders-db/admin"));
    let digest = world.digest(id);
    let approve = Command::Approve {
        request: id,
        digest,
        cut: None,
    };
    for (actor, said) in [
        (by("zoe"), "refused: not_an_approver"),
        (by("carl"), "refused: not_an_approver"),
        (by("tess"), "refused: not_an_approver"),
        (by("gus"), "refused: guest"),
        (by("left"), "refused: unknown_person"),
        (stranger(), "refused: unknown_person"),
        (operator(), "refused: unknown_person"),
        (Actor::Server, "refused: unknown_person"),
        (Actor::Worker, "refused: unknown_person"),
        (Actor::Clock, "refused: unknown_person"),
    ] {
        assert_eq!(world.give(&actor, &approve), said, "{actor:?}");
    }
    world.facts.inactive.insert(person("dana"));
    assert_eq!(world.approve("dana", id), "refused: inactive");
    assert_eq!(world.deny("zoe", id), "refused: not_an_approver");
    let Some(Refusal::NotAnApprover { deciders, .. }) = &world.refusal else {
        panic!("she isn't told who decides");
    };
    let deciders: Vec<String> = deciders.iter().map(ToString::to_string).collect();
    assert_eq!(deciders, ["group:dba", "group:security"]);
    assert_eq!(world.deny("gus", id), "refused: guest");
}

#[test]
fn a_person_in_two_groups_counts_once() {
    let mut world = World::new();
    let id = world.ask(&wish("maya", "orders-db/admin"));
    assert_eq!(world.approve("cy", id), "approval_given");
    assert_eq!(world.approve("cy", id), "refused: already_approved");
    assert_eq!(world.phase(id), "pending");
    // Cy makes room: whichever group the other is from, both slots are filled.
    for other in ["dana", "ines"] {
        let mut world = world.clone();
        assert_eq!(world.approve(other, id), "approval_given approved");
    }
}

#[test]
fn two_of_the_same_group_do_not_fill_the_slot_of_another() {
    let mut world = World::new();
    let id = world.ask(&wish("maya", "orders-db/admin"));
    assert_eq!(world.approve("ines", id), "approval_given");
    assert_eq!(world.approve("lee", id), "refused: slot_filled");
    let Some(Refusal::SlotFilled { needed, .. }) = &world.refusal else {
        panic!();
    };
    assert_eq!(crate::refusal::name_all(needed), "@dba");
    assert_eq!(world.approve("cy", id), "approval_given approved");
}

#[test]
fn there_is_one_decision_and_the_loser_reads_who_took_it() {
    let mut world = World::new();
    let id = world.approved();
    let before = world.log.len();
    for who in ["bo", "dana"] {
        assert_eq!(world.approve(who, id), "refused: too_late");
        let Some(Refusal::TooLate { by, at, .. }) = &world.refusal else {
            panic!();
        };
        assert_eq!(by.as_ref().and_then(Actor::person), Some(&person("cy")));
        assert_eq!(*at, world.now);
    }
    assert_eq!(world.deny("ines", id), "refused: too_late");
    assert_eq!(world.withdraw("maya", id), "refused: too_late");
    assert_eq!(world.log.len(), before);
}

#[test]
fn an_approval_at_the_instant_of_lapsing_is_too_late() {
    for (millis, said) in [
        (-1, "approval_given"),
        (0, "refused: too_late"),
        (1, "refused: too_late"),
    ] {
        let mut world = World::new();
        let id = world.ask(&wish("maya", "orders-db/admin"));
        // Nobody swept: the clock alone decides.
        world.pass("10m");
        world.pass_millis(millis);
        let mut other = world.clone();
        assert_eq!(world.approve("dana", id), said, "{millis}");
        let denied = said.replace("approval_given", "denied");
        assert_eq!(other.deny("dana", id), denied, "{millis}");
        assert_eq!(world.phase(id), "pending");
    }
}

#[test]
fn an_approval_of_what_was_changed_since_is_refused() {
    let mut world = World::new();
    let id = world.ask(&wish("maya", "orders-db/admin"));
    let old = world.digest(id);
    for digest in ["", "0123456789abcdef", &old.as_str()[..15]] {
        let digest = Digest::claimed(digest);
        let approve = Command::Approve {
            request: id,
            digest: digest.clone(),
            cut: None,
        };
        let deny = Command::Deny {
            request: id,
            digest,
            reason: super::world::text("no"),
        };
        assert_eq!(world.give(&by("dana"), &approve), "refused: changed");
        assert_eq!(world.give(&by("dana"), &deny), "refused: changed");
    }
}

#[test]
fn one_no_is_enough_and_final() {
    for who in ["dana", "ines", "lee"] {
        let mut world = World::new();
        let id = world.ask(&wish("maya", "orders-db/admin"));
        world.approve("cy", id);
        assert_eq!(world.deny(who, id), "denied");
        assert_eq!(world.approve("dana", id), "refused: too_late");
        let Some(Refusal::TooLate { by, what, .. }) = &world.refusal else {
            panic!();
        };
        assert_eq!(*what, "was denied");
        assert_eq!(by.as_ref().and_then(Actor::person), Some(&person(who)));
        assert_eq!(world.deny("bo", id), "refused: too_late");
        assert_eq!(world.withdraw("maya", id), "refused: too_late");
        assert_eq!(world.due(id, crate::deadline::Deadline::Lapse), "nothing");
    }
}

#[test]
fn the_power_to_deny_reaches_requests_that_one_could_not_approve() {
    let mut world = World::new();
    let id = world.ask(&wish("maya", "orders-db/read"));
    assert_eq!(world.approve("lee", id), "refused: not_an_approver");
    assert_eq!(world.deny("lee", id), "denied");
}

#[test]
fn whom_it_concerns_takes_it_back() {
    let on_behalf = Wish {
        beneficiary: "maya",
        ..wish("tess", "orders-db/admin")
    };
    for (who, said) in [
        ("tess", "withdrawn"),
        ("maya", "withdrawn"),
        ("dana", "refused: not_yours"),
    ] {
        let mut world = World::new();
        let id = world.ask(&on_behalf);
        assert_eq!(world.withdraw(who, id), said);
    }
    let mut world = World::new();
    let id = world.ask(&on_behalf);
    world.withdraw("tess", id);
    assert_eq!(world.approve("dana", id), "refused: too_late");
}

#[test]
fn the_lease_is_the_least_of_asked_maximum_and_cuts() {
    let check = |asked: Option<&str>, cuts: [Option<&str>; 2], lease: &str| {
        let mut world = World::new();
        let id = world.ask(&Wish {
            duration: asked,
            ..wish("maya", "orders-db/read")
        });
        world.approve_for("dana", id, cuts[0]);
        let said = world.approve_for("cy", id, cuts[1]);
        assert_eq!(said, "approval_given approved");
        let granted = world.request(id).granted.unwrap();
        assert_eq!(granted, lease.parse().unwrap());
        world.pass("1m");
        world.report(id, Outcome::Given);
        let (started_at, expires_at) = world.request(id).lease.unwrap();
        assert_eq!(expires_at, started_at.plus(granted));
    };
    check(None, [None, None], "30m");
    check(Some("2h"), [None, None], "2h");
    check(Some("2h"), [Some("1h"), None], "1h");
    check(Some("2h"), [Some("1h"), Some("20m")], "20m");
    check(Some("2h"), [Some("1s"), Some("20m")], "1s");
    check(Some("1s"), [None, None], "1s");
}

#[test]
fn a_cut_never_lengthens() {
    let mut world = World::new();
    let id = world.ask(&wish("maya", "orders-db/read"));
    for cut in ["0s", "1801s", "24h"] {
        assert_eq!(world.approve_for("dana", id, Some(cut)), "refused: cut");
    }
    let whole = world.approve_for("dana", id, Some("30m"));
    assert_eq!(whole, "approval_given", "all that was asked for");
}

#[test]
fn the_end_is_written_with_the_decision() {
    let mut world = World::new();
    let id = world.approved();
    let Phase::Approved {
        at,
        provision_by,
        end_by,
        ..
    } = world.request(id).phase
    else {
        panic!();
    };
    assert_eq!(at, world.now);
    assert_eq!(provision_by, at.plus("5m".parse().unwrap()));
    assert_eq!(end_by, at.plus("35m".parse().unwrap()));
    let Event::Approved(approved) = &world.log.last().unwrap().event else {
        panic!();
    };
    assert_eq!(approved.filled.len(), 2);
}

#[test]
fn an_approver_who_left_since_does_not_count() {
    let leave: [fn(&mut World); 2] = [
        |world| {
            world.facts.inactive.insert(person("dana"));
        },
        |world| {
            world.amend(
                "members = [\"dana\", \"bo\", \"cy\", \"gus\"]",
                "members = [\"bo\", \"cy\", \"gus\"]",
            );
        },
    ];
    for leave in leave {
        let mut world = World::new();
        let id = world.ask(&wish("maya", "orders-db/read"));
        world.approve("dana", id);
        leave(&mut world);
        assert_eq!(world.approve("cy", id), "approvals_voided approval_given");
        assert_eq!(world.phase(id), "pending");
        assert_eq!(world.approve("bo", id), "approval_given approved");
        let Event::Approved(approved) = &world.log.last().unwrap().event else {
            panic!();
        };
        let mut filled: Vec<_> = approved
            .filled
            .iter()
            .map(|(who, _)| who.as_str())
            .collect();
        filled.sort_unstable();
        assert_eq!(filled, ["bo", "cy"]);
    }
}

#[test]
fn whose_group_could_not_be_looked_up_does_not_count() {
    let mut world = World::new();
    world.amend(
        "members = [\"dana\", \"bo\", \"cy\", \"gus\"]",
        "slack_usergroup = \"S01DBA\"",
    );
    let dba = "dba".parse().unwrap();
    let people = ["dana", "cy", "bo"].map(person);
    let known = crate::fact::Known::Known(people.into_iter().collect());
    world.facts.members.insert(dba, known);
    let id = world.ask(&wish("maya", "orders-db/read"));
    assert_eq!(world.approve("dana", id), "approval_given");
    let unknown = crate::fact::Known::Unknown("no answer".to_owned());
    world.facts.members.insert("dba".parse().unwrap(), unknown);
    assert_eq!(world.approve("cy", id), "refused: not_an_approver");
    assert_eq!(world.phase(id), "pending");
}

#[test]
fn a_guard_that_turns_on_before_the_quorum_denies() {
    let mut world = World::new();
    let id = world.ask(&wish("maya", "orders-db/read"));
    world.approve("dana", id);
    world.facts.requests_24h = crate::fact::Known::Known(11);
    assert_eq!(world.approve("cy", id), "denied");
    let Phase::Denied { by, denial, .. } = &world.request(id).phase else {
        panic!();
    };
    assert_eq!(
        *by,
        Actor::Server,
        "it was the policy, not the last approver"
    );
    assert!(denial.as_ref().unwrap().guard.is_some());
}

#[test]
fn a_fact_that_became_unknown_before_the_quorum_denies() {
    let mut world = World::new();
    let id = world.ask(&wish("maya", "orders-db/read"));
    world.approve("dana", id);
    world.facts.requests_24h = crate::fact::Known::Unknown("no answer".to_owned());
    assert_eq!(world.approve("cy", id), "denied");
}

#[test]
fn a_requester_who_left_gets_nothing() {
    let mut world = World::new();
    let id = world.ask(&wish("maya", "orders-db/read"));
    world.approve("dana", id);
    world.facts.inactive.insert(person("maya"));
    assert_eq!(world.approve("cy", id), "denied");
}

#[test]
fn whoever_cannot_be_looked_up_denies_nothing_that_waits_and_loses_no_approval() {
    for who in ["maya", "dana", "cy"] {
        let mut world = World::new();
        let id = world.ask(&wish("maya", "orders-db/read"));
        world.approve("dana", id);
        let before = world.facts.clone();
        world.facts.inactive.insert(person(who));
        world.facts.unsure.insert(person(who));
        assert_eq!(world.approve("cy", id), "refused: unsure", "{who}");
        world.facts = before;
        assert_eq!(world.approve("cy", id), "approval_given approved");
    }
}

#[test]
fn escalation_lets_more_people_fill_any_slot() {
    let mut world = World::new();
    let id = world.ask(&wish("maya", "orders-db/admin"));
    let step = crate::deadline::Deadline::Escalate(0);
    assert_eq!(world.due(id, step), "nothing");
    world.pass("5m");
    assert_eq!(world.approve("tess", id), "refused: not_an_approver");
    assert_eq!(world.due(id, step), "escalated");
    assert_eq!(world.due(id, step), "nothing");
    assert_eq!(world.approve("gus", id), "refused: guest");
    for (first, second) in [("tess", "dana"), ("tess", "ines"), ("lee", "tess")] {
        let mut world = world.clone();
        assert_eq!(world.approve(first, id), "approval_given");
        assert_eq!(world.approve(second, id), "approval_given approved");
    }
    // The window didn't grow.
    world.pass("5m");
    assert_eq!(world.approve("tess", id), "refused: too_late");
}

#[test]
fn escalation_counts_from_when_approvers_were_asked() {
    let mut world = World::new();
    let id = world.ask(&urgent("maya", "orders-db/admin"));
    let step = crate::deadline::Deadline::Escalate(0);
    world.pass("4m");
    assert_eq!(world.ask_for_approval("maya", id), "terms_changed");
    world.pass("4m");
    assert_eq!(world.due(id, step), "nothing");
    world.pass("1m");
    assert_eq!(world.due(id, step), "escalated");
}

#[test]
fn an_unconfirmed_request_cannot_be_decided() {
    let mut world = World::new();
    let id = world.ask(&urgent("maya", "orders-db/admin"));
    assert_eq!(world.approve("dana", id), "refused: not_an_approver");
    assert_eq!(world.deny("ines", id), "refused: not_confirmed");
}
