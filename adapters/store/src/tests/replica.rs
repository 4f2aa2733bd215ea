//! Several replicas on one PostgreSQL.

use std::collections::BTreeSet;
use std::time::Duration;

use breakglass_core::command::{Actor, Command};

use super::fixture::{Fresh, START, approve, ask, key, person, submission};
use super::{Place, World};
use crate::Which;

/// Two processes on one SQLite file are not meant, but a second one for a moment, such as a command of an
/// operator's, must not do harm.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_appenders_make_one_order_on_sqlite() {
    two_appenders_make_one_order(Place::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_appenders_make_one_order_on_postgres() {
    two_appenders_make_one_order(Place::Postgres).await;
}

async fn two_appenders_make_one_order(place: Place) {
    let world = World::new(place).await;
    let two = world.fresh.open().await;
    let start = |worker: usize| {
        let store = if worker.is_multiple_of(2) {
            world.store.clone()
        } else {
            two.clone()
        };
        tokio::spawn(async move {
            let mut seqs = Vec::new();
            for step in 0..5 {
                let command = Command::Start {
                    version: format!("{worker}.{step}"),
                    config: String::new(),
                    changes: Vec::new(),
                };
                let committed = store
                    .submit(submission(Actor::Server, command, START))
                    .await;
                seqs.push(committed.unwrap().unwrap().mark.unwrap().seq);
            }
            seqs
        })
    };
    let workers: Vec<_> = (0..20).map(start).collect();
    let mut seen = BTreeSet::new();
    for worker in workers {
        seen.extend(worker.await.unwrap());
    }
    assert_eq!(seen, (2..=101).collect());
    let audited = world
        .fresh
        .database()
        .await
        .audit(key().verifying_key(), &[])
        .await
        .unwrap();
    assert!(audited.is_whole(), "{audited:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_approvers_on_two_replicas_make_one_decision() {
    let world = World::new(Place::Postgres).await;
    let two = world.fresh.open().await;
    for _ in 0..10 {
        let request = world.ask("admin").await;
        let (bo, ines) = tokio::join!(
            world
                .store
                .submit(submission(person("bo"), approve(&request), START)),
            two.submit(submission(person("ines"), approve(&request), START)),
        );
        let verdicts = [bo.unwrap(), ines.unwrap()];
        assert_eq!(verdicts.iter().filter(|verdict| verdict.is_ok()).count(), 1);
        assert_eq!(two.requests(Which::Live, 10).await.unwrap().len(), 1);
        two.fold_holding(&request.asked.holding).await.unwrap();
        world
            .report(
                &request.asked.holding,
                breakglass_core::command::Outcome::Given,
            )
            .await;
        world.end(&request).await;
    }
    assert_eq!(two.status().borrow().distrust, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_hears_of_the_others_commits() {
    let world = World::new(Place::Postgres).await;
    let two = world.fresh.open().await;
    let mut status = two.status();
    for role in ["admin", "read"] {
        world.ask(role).await;
        let size = world.store.status().borrow().size;
        let heard = status.wait_for(|status| status.size >= size);
        tokio::time::timeout(Duration::from_secs(10), heard)
            .await
            .unwrap()
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_may_begin_the_log_together() {
    let fresh = Fresh::new(Place::Postgres).await;
    let (one, two) = tokio::join!(fresh.open(), fresh.open());
    for store in [&one, &two] {
        assert_eq!(store.status().borrow().distrust, None);
        let command = Command::Start {
            version: String::new(),
            config: String::new(),
            changes: Vec::new(),
        };
        store
            .submit(submission(Actor::Server, command, START))
            .await
            .unwrap()
            .unwrap();
    }
    assert_eq!(two.status().borrow().size, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_follows_thousands_of_records_of_another() {
    let world = World::new(Place::Postgres).await;
    let two = world.fresh.open().await;
    let start = |_| {
        let store = world.store.clone();
        tokio::spawn(async move {
            for _ in 0..25 {
                let command = Command::Start {
                    version: "1".to_owned(),
                    config: String::new(),
                    changes: Vec::new(),
                };
                store
                    .submit(submission(Actor::Server, command, START))
                    .await
                    .unwrap()
                    .unwrap();
            }
        })
    };
    for worker in (0..100).map(start).collect::<Vec<_>>() {
        worker.await.unwrap();
    }
    let asked = two
        .submit(submission(person("maya"), ask("maya", "admin"), START))
        .await;
    assert_eq!(asked.unwrap().unwrap().mark.unwrap().seq, 2502);
}
