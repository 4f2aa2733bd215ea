//! The audit of a database that nobody touched, and the checkpoint outside of it.

use std::time::Duration;

use breakglass_core::command::{Actor, Command, Outcome};
use breakglass_core::id::Platform;
use breakglass_core::link::{CODE_CHARS, Code};
use breakglass_core::log::Head;
use breakglass_core::port::provisioner::Presence;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};

use super::fixture::{approve, ask, key, person};
use super::{Place, World, on_both};
use crate::{keep_checkpoint, read_checkpoint};

on_both!(
    the_state_is_exactly_what_the_records_come_to,
    a_log_extends_all_its_checkpoints,
    what_is_searched_by_must_say_what_the_log_says,
    the_checkpoint_is_kept_outside,
    an_audit_sees_one_moment_while_others_write,
);

/// Random lives of random requests, refused commands among them.
async fn the_state_is_exactly_what_the_records_come_to(place: Place) {
    let steps = prop::collection::vec(
        (
            0..7_u8,
            1..4_u64,
            prop::sample::select(vec!["maya", "ines"]),
        ),
        40,
    );
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        prop::test_runner::TestRng::deterministic_rng(prop::test_runner::RngAlgorithm::ChaCha),
    );
    let steps = steps.new_tree(&mut runner).unwrap().current();
    let world = World::new(place).await;
    for (step, number, who) in steps {
        act(&world, step, number, who).await;
    }
    let code = Code::from_random([1; CODE_CHARS]).hash();
    let offer = Command::OfferLink { code: code.clone() };
    world.done(person("maya"), offer).await;
    let on_discord = Actor::Stranger {
        platform: Platform::Discord,
        account: "200000000000000001".to_owned(),
    };
    world.done(on_discord, Command::Link { code }).await;
    let database = world.fresh.database().await;
    let audited = database.audit(key().verifying_key(), &[]).await.unwrap();
    assert!(audited.is_whole(), "{audited:?}");
    let world = world.restart().await;
    assert_eq!(world.store.status().borrow().distrust, None);
    let links = world.store.house().await.unwrap().links;
    assert!(links.of(&"maya".parse().unwrap()).is_some());
}

async fn act(world: &World, step: u8, number: u64, who: &str) {
    let request = super::fixture::id(number);
    let found = world.store.request(request).await.unwrap();
    let command = match (step, &found) {
        (0 | 1, _) => ask(who, if who == "maya" { "admin" } else { "read" }),
        (2 | 3, Some(found)) => {
            world
                .submit(person("bo"), approve(found))
                .await
                .unwrap()
                .ok();
            return;
        }
        (4, Some(found)) => {
            world.report(&found.asked.holding, Outcome::Given).await;
            return;
        }
        (5, Some(found)) => {
            let taken = Outcome::Taken {
                read_back: Presence::Absent,
                sessions_ended: 0,
                remains: Vec::new(),
            };
            world.report(&found.asked.holding, taken).await;
            return;
        }
        (6, Some(found)) if found.is_pending() => Command::Withdraw { request },
        _ => Command::GiveBack { request },
    };
    world.submit(person(who), command).await.unwrap().ok();
}

async fn a_log_extends_all_its_checkpoints(place: Place) {
    let world = World::new(place).await;
    let mut older = Vec::new();
    for role in ["admin", "read"] {
        let note = world.store.status().borrow().checkpoint.clone();
        older.push(Head::open(&note, key().verifying_key()).unwrap());
        let request = world.grant(role).await;
        world.end(&request).await;
    }
    let database = world.fresh.database().await;
    let audited = database.audit(key().verifying_key(), &older).await.unwrap();
    let sizes: Vec<u64> = older.iter().map(|head| head.size).collect();
    assert_eq!(audited.log.unwrap().extends, sizes);
    for older in older {
        let world_again = world
            .fresh
            .open_with(Some(older.sign(&key()).unwrap()))
            .await;
        assert_eq!(world_again.unwrap().status().borrow().distrust, None);
    }
}

async fn what_is_searched_by_must_say_what_the_log_says(place: Place) {
    let world = World::new(place).await;
    let request = world.grant("admin").await;
    world.end(&request).await;
    for sql in [
        "UPDATE request SET denied_at = 5",
        "UPDATE request SET beneficiary = 'bo'",
        "UPDATE deadline SET at = at + 1",
        "UPDATE free_text SET body = 'something nicer'",
        "DELETE FROM holding",
        "DELETE FROM house",
    ] {
        world.fresh.meddle(sql).await;
        let database = world.fresh.database().await;
        let audited = database.audit(key().verifying_key(), &[]).await.unwrap();
        assert!(audited.log.is_ok(), "{sql}: {audited:?}");
        assert!(!audited.differs.is_empty(), "{sql}");
    }
}

async fn the_checkpoint_is_kept_outside(place: Place) {
    let world = World::new(place).await;
    let file = world.fresh.folder.path().join("checkpoint");
    assert_eq!(read_checkpoint(&file).unwrap(), None);
    let store = world.store.clone();
    let keeper = tokio::spawn({
        let file = file.clone();
        async move { store.keep_checkpoints(file, Duration::from_millis(5)).await }
    });
    world.ask("admin").await;
    let newest = world.store.status().borrow().checkpoint.clone();
    let kept = async {
        while read_checkpoint(&file).unwrap().as_ref() != Some(&newest) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), kept)
        .await
        .unwrap();
    keeper.abort();
    keep_checkpoint(&file, "another").unwrap();
    assert_eq!(read_checkpoint(&file).unwrap().as_deref(), Some("another"));
    let left: Vec<_> = std::fs::read_dir(world.fresh.folder.path())
        .unwrap()
        .collect();
    assert!(left.iter().all(|entry| {
        !entry
            .as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .ends_with(".new")
    }));
}

async fn an_audit_sees_one_moment_while_others_write(place: Place) {
    let world = World::new(place).await;
    let store = world.store.clone();
    let writing = tokio::spawn(async move {
        for number in 0..200 {
            let command = Command::Start {
                version: number.to_string(),
                config: String::new(),
                changes: Vec::new(),
            };
            let actor = Actor::Server;
            let start = super::fixture::submission(actor, command, super::fixture::START);
            store.submit(start).await.unwrap().unwrap();
        }
    });
    let database = world.fresh.database().await;
    while !writing.is_finished() {
        let audited = database.audit(key().verifying_key(), &[]).await.unwrap();
        assert!(audited.is_whole(), "{audited:?}");
    }
    writing.await.unwrap();
}
