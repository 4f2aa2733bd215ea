//! Who sees what, and when a target is called.

use std::fmt::Write as _;

use super::{Effect, Wakes};
use crate::command::{Actor, Command, Fault, Outcome, Reach};
use crate::deadline::Deadline;
use crate::decide::tests::world::{Wish, World, by, failed, gone, held, text, urgent, wish};
use crate::notice::{Audience, CardKind};

const ADMIN: &str = "orders-db/admin";

/// A story: each command with what it led to and what is done about it.
#[derive(Debug, Default)]
struct Story(String);

impl Story {
    fn tell(&mut self, world: &World, said: &str) {
        writeln!(self.0, "{said}").unwrap();
        for effect in &world.effects {
            writeln!(self.0, "    {}", line(effect)).unwrap();
        }
    }
}

fn line(effect: &Effect) -> String {
    match effect {
        Effect::Converge { holding, gives } => {
            let what = if *gives { "give" } else { "take" };
            format!("{what} {}", holding.entitlement)
        }
        Effect::Draw { card, .. } => match card {
            CardKind::Approvers => "draw approvers".to_owned(),
            CardKind::Security => "draw security".to_owned(),
        },
        Effect::Post { to, topic, .. } => {
            let to = match to {
                Audience::Person(person) => format!("@{person}"),
                Audience::ApproversThread(_) => "approvers' thread".to_owned(),
                Audience::SecurityThread(_) => "security's thread".to_owned(),
                Audience::Security => "security".to_owned(),
            };
            format!("post {topic:?} to {to}")
        }
        Effect::Page { by, topic, .. } => match by {
            Wakes::Pager(pager) => format!("page {topic:?} by {pager}"),
            Wakes::Alarms => format!("page {topic:?} as an alarm"),
        },
    }
}

#[test]
fn nobody_else_sees_what_is_not_confirmed() {
    let on_behalf = Wish {
        beneficiary: "bo",
        ..urgent("tess", ADMIN)
    };
    let ends: [fn(&mut World); 4] = [
        |world| {
            let id = world.newest();
            assert_eq!(world.withdraw("tess", id), "withdrawn");
        },
        |world| {
            let id = world.newest();
            world.pass("5m");
            assert_eq!(world.due(id, Deadline::Lapse), "lapsed");
        },
        |world| {
            let id = world.newest();
            world.facts.requests_24h = crate::fact::Known::Known(11);
            assert_eq!(world.rule_again(id), "denied");
        },
        |world| {
            let id = world.newest();
            world.amend("max_duration = \"30m\"", "max_duration = \"45m\"");
            assert_eq!(world.rule_again(id), "terms_changed");
        },
    ];
    for end in ends {
        let mut world = World::new();
        let id = world.ask(&on_behalf);
        let asked: Vec<_> = world.effects.iter().map(line).collect();
        assert_eq!(asked, ["post ConfirmNeeded to @bo"]);
        assert_eq!(world.confirm("tess", id), "confirmed");
        assert!(world.effects.is_empty(), "{:?}", world.effects);
        end(&mut world);
        let told: Vec<_> = world.effects.iter().map(line).collect();
        let whom = |told: &String| told == "post ConfirmNeeded to @bo";
        assert!(told.iter().all(whom), "{told:?}");
    }
}

#[test]
fn nobody_else_sees_what_the_policy_denied_at_once() {
    let mut world = World::new();
    assert_eq!(world.try_ask(&wish("zoe", ADMIN)), "denied_by_policy");
    assert!(world.effects.is_empty());
}

#[test]
fn by_approval_from_the_request_to_the_review() {
    let mut world = World::new();
    let mut story = Story::default();
    let id = world.ask(&wish("maya", ADMIN));
    story.tell(&world, "requested");
    let said = world.approve("dana", id);
    story.tell(&world, &said);
    world.pass("5m");
    let said = world.due(id, Deadline::Escalate(0));
    story.tell(&world, &said);
    let said = world.approve("tess", id);
    story.tell(&world, &said);
    for tries in 1..=3 {
        let said = world.report(id, failed(Fault::Passing, tries));
        story.tell(&world, &said);
    }
    let said = world.report(id, Outcome::Given);
    story.tell(&world, &said);
    world.pass("25m");
    let said = world.due(id, Deadline::Remind);
    story.tell(&world, &said);
    world.pass("5m");
    let said = world.due(id, Deadline::Expire);
    story.tell(&world, &said);
    for tries in [2, 3] {
        let said = world.report(id, failed(Fault::Passing, tries));
        story.tell(&world, &said);
    }
    let said = world.report(id, gone());
    story.tell(&world, &said);
    world.pass("24h");
    let said = world.due(id, Deadline::ReviewOverdue);
    story.tell(&world, &said);
    let said = world.close_review("lee", id);
    story.tell(&world, &said);
    insta::assert_snapshot!(story.0);
}

#[test]
fn without_approval() {
    let mut world = World::new();
    let mut story = Story::default();
    let id = world.ask(&urgent("maya", ADMIN));
    story.tell(&world, "requested");
    let said = world.confirm("maya", id);
    story.tell(&world, &said);
    let said = world.report(id, Outcome::Given);
    story.tell(&world, &said);
    let said = world.revoke("ines", id);
    story.tell(&world, &said);
    insta::assert_snapshot!(story.0);
}

#[test]
fn requests_that_come_to_nothing() {
    let mut story = Story::default();
    let mut world = World::new();
    let on_behalf = Wish {
        beneficiary: "maya",
        ..wish("tess", ADMIN)
    };
    let id = world.ask(&on_behalf);
    let mut other = world.clone();
    let said = other.deny("ines", id);
    story.tell(&other, &said);
    let mut other = world.clone();
    let said = other.withdraw("tess", id);
    story.tell(&other, &said);
    world.pass("10m");
    let said = world.due(id, Deadline::Lapse);
    story.tell(&world, &said);
    let mut world = World::new();
    let id = world.approved();
    let mut other = world.clone();
    let said = other.report(id, held());
    story.tell(&other, &said);
    let said = world.report(id, failed(Fault::Lasting, 1));
    story.tell(&world, &said);
    insta::assert_snapshot!(story.0);
}

#[test]
fn the_house() {
    let mut world = World::new();
    let mut story = Story::default();
    let reason = || text("token leak");
    let reach = Reach::RevokeAll;
    let refused = |refusal: &str| {
        Command::NoteRefusal(Box::new(crate::event::AttemptRefused {
            command: "ask".to_owned(),
            on: None,
            refusal: refusal.to_owned(),
            count: 1,
            about: None,
        }))
    };
    for (actor, command) in [
        (
            by("ines"),
            Command::StartLockdown {
                reason: reason(),
                reach,
            },
        ),
        (by("ines"), Command::EndLockdown { reason: reason() }),
        (
            Actor::Server,
            Command::LoadPolicy {
                hash: crate::id::PolicyHash::stored("sha256:aa"),
            },
        ),
        (
            Actor::Server,
            Command::Start {
                version: "1".to_owned(),
                config: "c".to_owned(),
                changes: Vec::new(),
            },
        ),
        (by("maya"), refused("no_approvers")),
        (by("maya"), refused("rate")),
    ] {
        let said = world.give(&actor, &command);
        story.tell(&world, &said);
    }
    insta::assert_snapshot!(story.0);
}
