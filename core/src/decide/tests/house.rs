//! Lockdown, and the policy in force.

use super::world::{World, by, operator, stranger, text, urgent, wish};
use crate::command::{Actor, Command, Outcome, Reach};
use crate::id::PolicyHash;
use crate::refusal::Refusal;

pub(super) fn lock(world: &mut World, actor: &Actor, reach: Reach) -> String {
    let reason = text("token leak");
    world.give(actor, &Command::StartLockdown { reason, reach })
}

pub(super) fn unlock(world: &mut World, actor: &Actor) -> String {
    let reason = text("found it");
    world.give(actor, &Command::EndLockdown { reason })
}

#[test]
fn lockdown_stops_granting_and_nothing_else() {
    let mut world = World::new();
    let waits = world.ask(&wish("maya", "crm/read"));
    let glass = world.ask(&urgent("maya", "orders-db/admin"));
    let decided = world.approved();
    let has = world.ask(&wish("bo", "crm/write"));
    world.approve("lee", has);
    world.report(has, Outcome::Given);
    let started = lock(&mut world, &by("ines"), Reach::StopGranting);
    assert_eq!(started, "lockdown_started");

    assert_eq!(world.try_ask(&wish("bo", "crm/read")), "refused: closed");
    let Some(Refusal::Closed { by: who, at }) = &world.refusal else {
        panic!();
    };
    assert_eq!((who, *at), (&by("ines"), world.now));
    assert_eq!(world.approve("lee", waits), "refused: closed");
    assert_eq!(world.confirm("maya", glass), "refused: closed");
    assert_eq!(world.ask_for_approval("maya", glass), "refused: closed");
    assert_eq!(world.report(decided, Outcome::Given), "ending_started");
    assert_eq!(world.phase(has), "active");

    assert_eq!(world.deny("lee", waits), "denied");
    assert_eq!(world.withdraw("maya", glass), "withdrawn");
    assert_eq!(world.give_back("bo", has), "ending_started");
    assert_eq!(
        world.report(has, super::world::gone()),
        "ended review_opened"
    );

    assert_eq!(unlock(&mut world, &by("lee")), "lockdown_ended");
    assert_eq!(world.try_ask(&wish("bo", "crm/read")), "requested");
}

#[test]
fn only_the_power_or_an_operator_locks_and_unlocks() {
    for (actor, allowed) in [
        (by("ines"), true),
        (operator(), true),
        (by("maya"), false),
        (by("gus"), false),
        (by("left"), false),
        (stranger(), false),
        (Actor::Server, false),
        (Actor::Clock, false),
    ] {
        let mut world = World::new();
        let said = lock(&mut world, &actor, Reach::StopGranting);
        assert_eq!(said == "lockdown_started", allowed, "{actor:?}: {said}");
        lock(&mut world, &operator(), Reach::StopGranting);
        let said = unlock(&mut world, &actor);
        assert_eq!(said == "lockdown_ended", allowed, "{actor:?}: {said}");
    }
}

#[test]
fn a_second_lockdown_only_reaches_further() {
    let mut world = World::new();
    let ines = by("ines");
    lock(&mut world, &ines, Reach::StopGranting);
    assert_eq!(
        lock(&mut world, &ines, Reach::StopGranting),
        "refused: closed"
    );
    assert_eq!(
        lock(&mut world, &ines, Reach::RevokeAll),
        "lockdown_started"
    );
    assert_eq!(lock(&mut world, &ines, Reach::RevokeAll), "refused: closed");
    assert_eq!(
        lock(&mut world, &ines, Reach::StopGranting),
        "refused: closed"
    );
    assert_eq!(unlock(&mut world, &ines), "lockdown_ended");
    assert_eq!(unlock(&mut world, &ines), "nothing");
}

#[test]
fn loading_the_policy_in_force_again_is_nothing() {
    let mut world = World::new();
    let load = |hash: &str| Command::LoadPolicy {
        hash: PolicyHash::stored(hash),
    };
    assert_eq!(
        world.give(&Actor::Server, &load("sha256:aa")),
        "policy_loaded"
    );
    assert_eq!(world.give(&Actor::Server, &load("sha256:aa")), "nothing");
    assert_eq!(
        world.give(&Actor::Server, &load("sha256:bb")),
        "policy_loaded"
    );
}
