//! Silence on a request for approval: who is reminded, and what its requester may do about it.

use super::house::lock;
use super::reporting::topics;
use super::world::{POLICY, Wish, World, by, urgent, wish};
use crate::command::{Command, Outcome, Reach};
use crate::deadline::Deadline;
use crate::effect::{Effect, Topic, Wakes};
use crate::event::Event;
use crate::fact::Known;
use crate::id::{Digest, RequestId};

const ADMIN: &str = "orders-db/admin";

type Change = fn(&mut World);

/// Approvers are asked although the glass could be broken, and nobody answers for half of the window.
fn silent() -> (World, RequestId) {
    let mut world = World::new();
    let id = world.ask(&urgent("maya", ADMIN));
    assert_eq!(world.ask_for_approval("maya", id), "terms_changed");
    world.pass("5m");
    (world, id)
}

fn offered() -> (World, RequestId, Digest) {
    let (mut world, id) = silent();
    assert_eq!(world.due(id, Deadline::Silence), "unanswered glass_offered");
    let offer = world.request(id).offer.clone().unwrap();
    assert_ne!(offer.digest, world.digest(id));
    (world, id, offer.digest)
}

fn take(world: &mut World, who: &str, request: RequestId, digest: &Digest) -> String {
    let digest = digest.clone();
    world.give(&by(who), &Command::Confirm { request, digest })
}

#[test]
fn after_silence_the_glass_may_be_broken_and_it_is_reviewed() {
    let (mut world, id, digest) = offered();
    assert_eq!(
        topics(&world.effects),
        [Topic::GlassOffered, Topic::Progress]
    );
    assert_eq!(world.phase(id), "pending");
    world.approve("dana", id);
    for other in ["bo", "ines", "dana"] {
        assert_eq!(take(&mut world, other, id, &digest), "refused: not_yours");
    }
    assert_eq!(
        take(&mut world, "maya", id, &digest),
        "terms_changed confirmed approved"
    );
    assert!(world.request(id).terms.as_ref().unwrap().break_glass);
    assert_eq!(take(&mut world, "maya", id, &digest), "refused: too_late");
    assert_eq!(world.approve("ines", id), "refused: not_an_approver");
    assert_eq!(world.report(id, Outcome::Given), "activated");
    let told = topics(&world.effects);
    assert!(told.contains(&Topic::BrokenGlass) && told.contains(&Topic::Skipped));
    world.give_back("maya", id);
    world.report(id, super::world::gone());
    assert_eq!(world.events("review_opened").len(), 1);
    // Who approved it before took part.
    assert_eq!(world.close_review("dana", id), "refused: own_review");
    assert_eq!(world.close_review("lee", id), "review_closed");
}

#[test]
fn a_denial_or_any_other_end_removes_the_offer() {
    let ends: [fn(&mut World, RequestId) -> String; 4] = [
        |world, id| world.deny("lee", id),
        |world, id| world.withdraw("maya", id),
        |world, id| {
            world.approve("dana", id);
            world.approve("ines", id)
        },
        |world, id| {
            world.pass("5m");
            world.due(id, Deadline::Lapse)
        },
    ];
    for end in ends {
        let (mut world, id, digest) = offered();
        let ended = end(&mut world, id);
        assert!(!ended.starts_with("refused"), "{ended}");
        assert_eq!(take(&mut world, "maya", id, &digest), "refused: too_late");
    }
}

#[test]
fn an_offer_is_valid_for_five_minutes_and_by_what_the_policy_says_then() {
    for (millis, said) in [
        (-1, "terms_changed confirmed approved"),
        (0, "refused: not_now"),
        (1, "refused: not_now"),
    ] {
        let mut world = World::new();
        world.load(&POLICY.replace("window = \"10m\"", "window = \"1h\""));
        let id = world.ask(&urgent("maya", ADMIN));
        world.ask_for_approval("maya", id);
        world.pass("5m");
        world.due(id, Deadline::Silence);
        let digest = world.request(id).offer.clone().unwrap().digest;
        world.pass("5m");
        world.pass_millis(millis);
        assert_eq!(take(&mut world, "maya", id, &digest), said, "{millis}");
    }
    let changes: [(Change, &str); 4] = [
        (
            |world| {
                let narrower = "context.severity <= 1 && context.on_call";
                world.amend("context.severity <= 1", narrower);
            },
            "refused: not_now",
        ),
        (
            |world| world.amend("max_duration = \"30m\"", "max_duration = \"45m\""),
            "refused: not_now",
        ),
        (
            |world| world.facts.requests_24h = Known::Known(11),
            "denied",
        ),
        (
            |world| {
                lock(world, &by("lee"), Reach::StopGranting);
            },
            "refused: closed",
        ),
    ];
    for (change, said) in changes {
        let (mut world, id, digest) = offered();
        change(&mut world);
        assert_eq!(take(&mut world, "maya", id, &digest), said);
        assert!(world.events("approved").is_empty());
    }
}

#[test]
fn the_glass_is_offered_only_where_a_rule_allows_it_to_who_asked_for_themselves() {
    let on_behalf = Wish {
        beneficiary: "maya",
        ..urgent("tess", ADMIN)
    };
    for (asked, expected) in [
        (urgent("maya", ADMIN), "unanswered glass_offered"),
        (urgent("dana", ADMIN), "unanswered"),
        (urgent("maya", "orders-db/read"), "unanswered"),
        (on_behalf, "unanswered"),
    ] {
        let mut world = World::new();
        let id = world.ask(&asked);
        if !world.request(id).awaits_approval() {
            world.ask_for_approval(asked.by, id);
        }
        world.pass("5m");
        assert_eq!(world.due(id, Deadline::Silence), expected, "{asked:?}");
        assert_eq!(world.due(id, Deadline::Silence), "nothing");
    }
    // What can't be looked up, or isn't so any more, offers nothing.
    let (mut world, id) = silent();
    world.facts.requests_24h = Known::Unknown("the store is slow".to_owned());
    assert_eq!(world.due(id, Deadline::Silence), "unanswered");
    let changes: [Change; 2] = [
        |world| {
            lock(world, &by("lee"), Reach::StopGranting);
        },
        |world| world.amend("orders_admin", "orders_owner"),
    ];
    for change in changes {
        let (mut world, id) = silent();
        change(&mut world);
        assert_eq!(world.due(id, Deadline::Silence), "unanswered");
    }
}

#[test]
fn who_is_silent_is_reminded_once_unless_a_step_of_the_escalation_does_it() {
    for (after, expected) in [("8m", 1), ("5m", 0), ("2m", 0)] {
        let mut world = World::new();
        world.amend("after = \"5m\"", &format!("after = \"{after}\""));
        let id = world.ask(&wish("maya", ADMIN));
        let at = world.due_at(id, Deadline::Silence).unwrap();
        world.now = at;
        world.due(id, Deadline::Silence);
        let reminders = topics(&world.effects);
        let reminders = reminders.iter().filter(|one| **one == Topic::Unanswered);
        assert_eq!(reminders.count(), expected, "{after}");
        assert_eq!(world.due(id, Deadline::Silence), "nothing");
    }
}

#[test]
fn who_is_asked_is_paged_and_a_page_decides_nothing() {
    let mut world = World::new();
    let text = POLICY
        .replace("id = \"dba\"\n", "id = \"dba\"\npage = \"dba-phone\"\n")
        .replace(
            "id = \"security\"\n",
            "id = \"security\"\npage = [\"dba-phone\", \"siren\"]\n",
        )
        .replace(
            "to = [\"group:leads\"]",
            "to = [\"group:leads\", \"group:dba\"], page = \"leads-phone\"",
        );
    world.load(&text);
    let paged = |world: &World| {
        let pages = world.effects.iter().filter_map(|effect| match effect {
            Effect::Page {
                by: Wakes::Pager(pager),
                ..
            } => Some(pager.to_string()),
            Effect::Page { .. }
            | Effect::Post { .. }
            | Effect::Draw { .. }
            | Effect::Converge { .. } => None,
        });
        pages.collect::<Vec<_>>()
    };
    let id = world.ask(&wish("maya", ADMIN));
    assert_eq!(paged(&world), ["dba-phone", "siren"]);
    world.pass("5m");
    world.due(id, Deadline::Escalate(0));
    assert_eq!(paged(&world), ["dba-phone", "leads-phone"]);
    let before = world.request(id).clone();
    for trouble in [None, Some(("gone".to_owned(), 3))] {
        let report = Command::ReportPage {
            request: Some(id),
            pager: "siren".parse().unwrap(),
            page: "3.4".to_owned(),
            trouble: trouble.clone(),
        };
        world.give(&crate::command::Actor::Worker, &report);
        let called = world.request(id).pages.clone();
        assert_eq!(called.len(), 1, "the last call by each");
        assert_eq!(called[0].trouble.is_some(), trouble.is_some());
    }
    let after = world.request(id);
    assert_eq!(
        (&after.phase, &after.approvals),
        (&before.phase, &before.approvals)
    );
    assert!(matches!(
        world.log.last().map(|record| &record.event),
        Some(Event::PageFailed { tries: 3, .. })
    ));
}
