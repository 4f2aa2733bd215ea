//! The database goes away while we write: an answer is given only for what is known.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use breakglass_core::command::Command;
use breakglass_core::effect::Effect;
use breakglass_core::id::{Platform, ProvisionerId};
use breakglass_core::time::{Length, Timestamp};
use sea_orm::ConnectionTrait;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use super::fixture::{START, approve, ask, key, options, person, submission};
use super::{Place, World, on_both};
use crate::database::Flush;
use crate::{Arrival, Database, Handed, Holds, Received, Settled, Store, StoreError, Waiting};

on_both!(a_crash_before_the_commit_leaves_nothing_and_loses_nothing);

/// The process dies while a batch is being written: the next start finds the log as it was.
async fn a_crash_before_the_commit_leaves_nothing_and_loses_nothing(place: Place) {
    let world = World::new(place).await;
    let request = world.ask("admin").await;
    let size = world.store.status().borrow().size;
    // The transaction as a dying process leaves it: begun, written to, never committed.
    let database = world.fresh.database().await;
    let dying = database.begin(Flush::Now).await.unwrap();
    let insert = "INSERT INTO event (seq, bytes, nodes, at) VALUES (99, 'x', 'y', 1)";
    dying.execute_unprepared(insert).await.unwrap();
    let waiting = tokio::spawn({
        let (store, approve) = (world.store.clone(), approve(&request));
        async move { store.submit(submission(person("bo"), approve, START)).await }
    });
    drop(dying);
    let committed = waiting.await.unwrap().unwrap().unwrap();
    assert_eq!(committed.records[0].seq, size + 1);
    let audited = world
        .fresh
        .database()
        .await
        .audit(key().verifying_key(), &[])
        .await
        .unwrap();
    assert!(audited.is_whole(), "{audited:?}");
}

/// A way to the server that can be cut right when a commit is asked for.
#[derive(Debug, Clone, Default)]
struct Cut {
    /// The commit reaches the server, its answer doesn't reach us.
    answer: Arc<AtomicBool>,
    /// The commit doesn't reach the server.
    question: Arc<AtomicBool>,
}

/// Stands between us and the server. Gives the URL to connect through.
async fn through(url: &str, cut: Cut) -> String {
    let (credentials, rest) = url.split_once('@').unwrap();
    let (server, name) = rest.split_once('/').unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ours = listener.local_addr().unwrap();
    let server = server.to_owned();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&server).await.unwrap();
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            let (answered, answers) = tokio::sync::oneshot::channel();
            tokio::spawn(questions(from_client, to_server, cut.clone(), answered));
            tokio::spawn(async move {
                tokio::select! {
                    () = copy(from_server, to_client) => {}
                    _ = answers => {}
                }
            });
        }
    });
    // In the clear, so that the commit can be told from the rest.
    format!("{credentials}@{ours}/{name}?sslmode=disable")
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    tokio::io::copy(&mut from, &mut to).await.ok();
}

async fn questions(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    cut: Cut,
    stop_answers: tokio::sync::oneshot::Sender<()>,
) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let asked = &buffer[..length];
        let commits = asked.windows(6).any(|word| word == b"COMMIT");
        if commits && cut.question.swap(false, Ordering::SeqCst) {
            return;
        }
        if commits && cut.answer.swap(false, Ordering::SeqCst) {
            stop_answers.send(()).unwrap();
            to.write_all(asked).await.unwrap();
            // The server carries it out, and finds nobody to tell.
            return;
        }
        to.write_all(asked).await.unwrap();
    }
}

async fn cut_store(world: &World) -> (Store, Cut) {
    let cut = Cut::default();
    let url = through(&world.fresh.url, cut.clone()).await;
    let database = Database::connect(&url).await.unwrap();
    (Store::open(database, options(None)).await.unwrap(), cut)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_is_found_out() {
    let world = World::new(Place::Postgres).await;
    let (store, cut) = cut_store(&world).await;
    cut.answer.store(true, Ordering::SeqCst);
    let asked = store
        .submit(submission(person("maya"), ask("maya", "admin"), START))
        .await;
    let committed = asked.unwrap().unwrap();
    assert!(!cut.answer.load(Ordering::SeqCst), "the answer was lost");
    let request = committed.request.unwrap();
    assert_eq!(
        world.store.request(request.id).await.unwrap(),
        Some(request.clone())
    );
    // And it goes on from there.
    let approve = submission(person("bo"), approve(&request), START);
    store.submit(approve).await.unwrap().unwrap();
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
async fn a_commit_that_never_arrived_is_said_to_have_failed() {
    let world = World::new(Place::Postgres).await;
    let (store, cut) = cut_store(&world).await;
    cut.question.store(true, Ordering::SeqCst);
    let asked = store
        .submit(submission(person("maya"), ask("maya", "admin"), START))
        .await;
    assert!(matches!(asked, Err(StoreError::Database(_))), "{asked:?}");
    assert_eq!(
        world.store.requests(crate::Which::Newest, 9).await.unwrap(),
        []
    );
    let again = store
        .submit(submission(person("maya"), ask("maya", "admin"), START))
        .await;
    assert_eq!(again.unwrap().unwrap().request.unwrap().id.number(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_was_ended_is_replaced() {
    let world = World::new(Place::Postgres).await;
    let request = world.ask("admin").await;
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    world.fresh.meddle(end).await;
    // The first may find the dead connection; that is an answer, and nothing was changed.
    let withdraw = Command::Withdraw {
        request: request.id,
    };
    let first = world.submit(person("maya"), withdraw.clone()).await;
    if first.is_err() {
        world.done(person("maya"), withdraw).await;
    }
    let now = world.store.request(request.id).await.unwrap().unwrap();
    assert_eq!(now.phase_name(), "withdrawn");
}

/// Takes up what one store commits.
#[derive(Debug)]
struct AMinute;

impl Holds for AMinute {
    fn until(&self, _: &ProvisionerId) -> Option<Timestamp> {
        Some(START.plus(Length::from_secs(60)))
    }
}

/// What is to be taken away is claimed by the commit: it is ours if that landed, and nobody's if it didn't.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_commit_claims_is_ours_only_if_it_landed() {
    let world = World::new(Place::Postgres).await;
    let request = world.grant("admin").await;
    let given = world.store.waiting_effects().await.unwrap();
    let is_at_target = |effect: &&Waiting| matches!(effect.effect, Effect::Converge { .. });
    let given = given.iter().find(is_at_target).unwrap().id;
    let until = START.plus(Length::from_secs(60));
    let claimed = world.store.claim_effect(given, START, until).await.unwrap();
    world
        .store
        .finish_effect(claimed.unwrap().hold)
        .await
        .unwrap();

    let (store, cut) = cut_store(&world).await;
    store.take_up(Arc::new(AMinute));
    let give_back = || {
        let request = request.id;
        store.submit(submission(
            person("maya"),
            Command::GiveBack { request },
            START,
        ))
    };
    cut.question.store(true, Ordering::SeqCst);
    give_back().await.unwrap_err();
    assert_eq!(store.handed(), []);
    cut.answer.store(true, Ordering::SeqCst);
    give_back().await.unwrap().unwrap();
    assert!(!cut.answer.load(Ordering::SeqCst), "the answer was lost");
    let [handed] = <[Handed; 1]>::try_from(store.handed()).unwrap();
    let hold = handed.claimed.hold;
    assert_eq!(store.finish_effect(hold).await.unwrap(), Settled::Done);
}

/// Nobody else takes up what is claimed, and we wouldn't know that we may.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_claimed_is_ours_though_the_answer_is_lost() {
    let world = World::new(Place::Postgres).await;
    let (store, cut) = cut_store(&world).await;
    let lose = || cut.answer.store(true, Ordering::SeqCst);
    let until = START.plus(Length::from_secs(60));

    world.ask("admin").await;
    let effect = store.waiting_effects().await.unwrap()[0].id;
    lose();
    let claimed = store.claim_effect(effect, START, until).await.unwrap();
    let hold = claimed.expect("it is free").hold;
    assert_eq!(store.finish_effect(hold).await.unwrap(), Settled::Done);

    let act = |id: &str| Received {
        id: id.to_owned(),
        platform: Platform::Slack,
        payload: "{}".to_owned(),
        at: START,
    };
    lose();
    let arrival = store.receive(&act("a"), Some(until)).await.unwrap();
    assert!(matches!(arrival, Arrival::Held(_)), "{arrival:?}");
    lose();
    let arrival = store.receive(&act("b"), None).await.unwrap();
    assert_eq!(arrival, Arrival::New);
    let again = store.receive(&act("b"), None).await.unwrap();
    assert_eq!(again, Arrival::Seen);
    lose();
    let later = START.plus(Length::from_secs(61));
    let acts = store.claim_acts(9, START, later).await.unwrap();
    assert_eq!(
        acts.iter().map(|act| &*act.received.id).collect::<Vec<_>>(),
        ["b"]
    );
}
