//! Effects are carried out by one worker at a time, and what was demanded meanwhile is not lost.

use std::sync::Arc;
use std::time::Duration;

use breakglass_core::command::Outcome;
use breakglass_core::effect::Effect;
use breakglass_core::id::{Platform, ProvisionerId};
use breakglass_core::notice::CardKind;
use breakglass_core::port::chat::MessageRef;
use breakglass_core::port::provisioner::Presence;
use breakglass_core::state::Request;
use breakglass_core::time::{Length, Timestamp};

use super::fixture::{START, at_once, id, report};
use super::{Place, World, on_both};
use crate::{Claimed, DrawnCard, Handed, Hold, Holds, Settled, Store, Submission, Waiting};

on_both!(
    an_effect_is_claimed_by_one_worker,
    a_finished_effect_is_gone,
    what_was_demanded_meanwhile_waits_again,
    a_failed_effect_waits_its_time,
    a_worker_that_slept_changes_nothing,
    what_a_dead_process_held_is_free_again,
    what_was_settled_and_stands_as_ours_is_free_again,
    what_is_to_be_taken_away_is_ours_with_its_commit,
    what_waits_already_is_claimed_by_whoever_comes_first,
    nothing_is_claimed_for_a_process_that_takes_nothing_up,
    a_report_and_its_errand_are_settled_together,
    a_report_on_what_is_wanted_anew_lets_go_of_it,
    a_report_counts_though_somebody_else_has_the_errand_by_then,
    a_card_is_found_by_its_request_and_by_its_message,
    of_many_at_once_each_is_told_its_own,
);

const fn later(secs: u32) -> Timestamp {
    START.plus(Length::from_secs(secs))
}

async fn draw(store: &Store) -> Waiting {
    let effects = store.waiting_effects().await.unwrap();
    let draw = Effect::Draw {
        card: CardKind::Approvers,
        request: id(1),
        over: false,
    };
    effects
        .into_iter()
        .find(|waiting| waiting.effect == draw)
        .unwrap()
}

async fn of_many_at_once_each_is_told_its_own(place: Place) {
    let world = World::new(place).await;
    world.ask("admin").await;
    let store = &world.store;
    let waiting = store.waiting_effects().await.unwrap();
    assert!(waiting.len() > 3, "{waiting:?}");
    let until = |row: &Waiting| later(30 + u32::try_from(row.id).unwrap());
    let twice = waiting.iter().flat_map(|row| [row, row]);
    let claimed = at_once(twice.map(|row| {
        let (store, id, until) = (store.clone(), row.id, until(row));
        async move { store.claim_effect(id, START, until).await.unwrap() }
    }));
    let claimed = claimed.await;
    let mut holds = Vec::new();
    for (row, two) in waiting.iter().zip(claimed.chunks(2)) {
        let ours: Vec<&Claimed> = two.iter().flatten().collect();
        assert_eq!(ours.len(), 1);
        assert_eq!(
            (ours[0].waiting.id, ours[0].waiting.claimed_until),
            (row.id, until(row))
        );
        holds.push(ours[0].hold);
    }
    // Somebody else has one of them by now, and another was demanded again.
    holds[1].fence -= 1;
    holds[2].wanted -= 1;
    let settled = at_once(holds.iter().map(|hold| {
        let (store, hold) = (store.clone(), *hold);
        async move { store.finish_effect(hold).await.unwrap() }
    }));
    for (number, settled) in settled.await.into_iter().enumerate() {
        let expected = match number {
            1 => Settled::Lost,
            2 => Settled::WantedAgain,
            _ => Settled::Done,
        };
        assert_eq!(settled, expected, "{number}");
    }
    let left: Vec<i64> = store
        .waiting_effects()
        .await
        .unwrap()
        .iter()
        .map(|row| row.id)
        .collect();
    assert_eq!(left, [waiting[1].id, waiting[2].id]);
}

/// As after a crash of the database, which answers before what we settled is on its disk.
async fn what_was_settled_and_stands_as_ours_is_free_again(place: Place) {
    use sea_orm::ConnectionTrait as _;
    let world = World::new(place).await;
    world.ask("admin").await;
    let (store, row) = (&world.store, draw(&world.store).await.id);
    let claim = || store.claim_effect(row, START, later(60));
    let held = claim().await.unwrap().unwrap().hold;
    assert_eq!(
        store.free_dead_claims(START).await.unwrap().many,
        0,
        "in hand"
    );
    assert_eq!(
        store.release_effect(held).await.unwrap(),
        Settled::WantedAgain
    );
    let (worker, until) = (store.worker(), later(50).millis());
    let back = format!(
        "UPDATE outbox SET claimed_by = '{worker}', claimed_until = {until} WHERE id = {row}"
    );
    let database = &store.database().writer;
    database.execute_unprepared(&back).await.unwrap();
    assert_eq!(claim().await.unwrap(), None, "nobody can have it");
    assert_eq!(store.free_dead_claims(START).await.unwrap().many, 1);
    assert!(claim().await.unwrap().is_some());
    world.store.close().await.unwrap();
}

async fn what_a_dead_process_held_is_free_again(place: Place) {
    let world = World::new(place).await;
    world.ask("admin").await;
    let effect = draw(&world.store).await;
    let claim = |store: Store| async move { store.claim_effect(effect.id, START, later(60)).await };
    assert!(claim(world.store.clone()).await.unwrap().is_some());
    assert_eq!(world.store.free_dead_claims(START).await.unwrap().many, 0);
    let two = world.fresh.open().await;
    if place == Place::Postgres {
        assert_eq!(
            two.free_dead_claims(START).await.unwrap().many,
            0,
            "it lives"
        );
    }
    world.store.close().await.unwrap();
    assert_eq!(claim(two.clone()).await.unwrap(), None);
    // A server takes a moment to see that a connection is gone.
    let freed = async {
        loop {
            let freed = two.free_dead_claims(START).await.unwrap();
            if freed.many > 0 {
                return freed;
            }
            tokio::task::yield_now().await;
        }
    };
    let freed = tokio::time::timeout(Duration::from_secs(10), freed).await;
    assert_eq!(freed.unwrap().many, 1);
    assert!(claim(two).await.unwrap().is_some());
}

/// Takes everything up, for half a minute.
#[derive(Debug)]
struct HalfAMinute;

impl Holds for HalfAMinute {
    fn until(&self, _: &ProvisionerId) -> Option<Timestamp> {
        Some(later(30))
    }
}

async fn end_of(store: &Store) -> Waiting {
    let effects = store.waiting_effects().await.unwrap();
    let is_end = |waiting: &Waiting| matches!(waiting.effect, Effect::Converge { .. });
    effects.into_iter().find(is_end).unwrap()
}

async fn what_is_to_be_taken_away_is_ours_with_its_commit(place: Place) {
    let world = World::new(place).await;
    let (store, two) = (&world.store, world.fresh.open().await);
    store.take_up(Arc::new(HalfAMinute));
    let request = world.grant("admin").await;
    assert_eq!(store.handed(), [], "what is to be given is looked at first");
    store.finish_effect(claim_end(store).await).await.unwrap();

    world.give_back(&request).await;
    let [handed] = <[Handed; 1]>::try_from(store.handed()).unwrap();
    assert_eq!(store.handed(), [], "once");
    let folded = store.fold_holding(&request.asked.holding).await.unwrap();
    assert_eq!(handed.folded, folded);
    assert_eq!(handed.claimed.waiting, end_of(store).await);
    assert_eq!(handed.claimed.waiting.claimed_until, later(30));
    for other in [store, &two] {
        let id = handed.claimed.waiting.id;
        let claimed = other.claim_effect(id, START, later(60)).await.unwrap();
        assert_eq!(claimed, None);
    }
    assert_eq!(store.free_dead_claims(START).await.unwrap().many, 0);
    let hold = handed.claimed.hold;
    assert_eq!(store.finish_effect(hold).await.unwrap(), Settled::Done);
}

async fn claim_end(store: &Store) -> Hold {
    let id = end_of(store).await.id;
    let claimed = store.claim_effect(id, START, later(30)).await.unwrap();
    claimed.unwrap().hold
}

async fn what_waits_already_is_claimed_by_whoever_comes_first(place: Place) {
    let world = World::new(place).await;
    let (store, request) = (&world.store, world.grant("admin").await);
    // What gave it wasn't settled: it waits, or somebody has it in hand.
    store.take_up(Arc::new(HalfAMinute));
    let hold = claim_end(store).await;
    world.give_back(&request).await;
    assert_eq!(store.handed(), []);
    assert_eq!(
        store.finish_effect(hold).await.unwrap(),
        Settled::WantedAgain
    );
    assert_eq!(end_of(store).await.claimed_until, Timestamp::default());
}

async fn a_report_and_its_errand_are_settled_together(place: Place) {
    let world = World::new(place).await;
    let (store, request) = (&world.store, world.ask("admin").await);
    let given = || report(&request.asked.holding, Outcome::Given);
    world.approve(&request).await;
    let hold = claim_end(store).await;
    let reported = store.submit_report(given(), hold).await.unwrap().unwrap();
    assert_eq!(reported.settled, Some(Settled::Done));
    assert!(store.waiting_effects().await.unwrap().iter().all(is_told));
    assert_eq!(store.finish_effect(hold).await.unwrap(), Settled::Lost);

    let again = store.submit_report(given(), hold).await.unwrap().unwrap();
    assert_eq!((again.records.len(), again.settled), (0, None));
}

fn gone(request: &Request) -> Submission {
    let gone = Outcome::Taken {
        read_back: Presence::Absent,
        sessions_ended: 0,
        remains: Vec::new(),
    };
    report(&request.asked.holding, gone)
}

async fn a_report_on_what_is_wanted_anew_lets_go_of_it(place: Place) {
    let world = World::new(place).await;
    let (store, request) = (&world.store, world.grant("admin").await);
    let hold = claim_end(store).await;
    world.give_back(&request).await;
    let reported = store.submit_report(gone(&request), hold).await;
    let settled = reported.unwrap().unwrap().settled;
    assert_eq!(settled, Some(Settled::WantedAgain));
    assert_eq!(end_of(store).await.claimed_until, Timestamp::default());
}

async fn a_report_counts_though_somebody_else_has_the_errand_by_then(place: Place) {
    let world = World::new(place).await;
    let (store, request) = (&world.store, world.grant("admin").await);
    world.give_back(&request).await;
    let ours = claim_end(store).await;
    let (end, until) = (end_of(store).await, later(90));
    let theirs = world.fresh.open().await;
    let theirs = theirs.claim_effect(end.id, later(30), until).await;
    assert!(theirs.unwrap().is_some());
    let reported = store.submit_report(gone(&request), ours).await;
    let reported = reported.unwrap().unwrap();
    assert!(!reported.records.is_empty());
    assert_eq!(reported.settled, Some(Settled::Lost));
    assert_eq!(end_of(store).await.claimed_until, until);
}

fn is_told(waiting: &Waiting) -> bool {
    !matches!(waiting.effect, Effect::Converge { .. })
}

async fn nothing_is_claimed_for_a_process_that_takes_nothing_up(place: Place) {
    let world = World::new(place).await;
    let (store, request) = (&world.store, world.grant("admin").await);
    store.finish_effect(claim_end(store).await).await.unwrap();
    store.take_up(Arc::new(HalfAMinute));
    store.take_up_no_more();
    world.give_back(&request).await;
    assert_eq!(store.handed(), []);
    assert_eq!(end_of(store).await.claimed_until, Timestamp::default());
}

async fn an_effect_is_claimed_by_one_worker(place: Place) {
    let world = World::new(place).await;
    world.ask("admin").await;
    let two = world.fresh.open().await;
    let effect = draw(&two).await;
    let (first, second) = tokio::join!(
        world.store.claim_effect(effect.id, START, later(30)),
        two.claim_effect(effect.id, START, later(30)),
    );
    let claimed = [first.unwrap(), second.unwrap()];
    assert_eq!(claimed.iter().flatten().count(), 1);
    for store in [&world.store, &two] {
        let again = store.claim_effect(effect.id, START, later(30)).await;
        assert_eq!(again.unwrap(), None);
    }
    assert_eq!(
        two.claim_effect(effect.id, later(29), later(60))
            .await
            .unwrap(),
        None
    );
    assert!(
        two.claim_effect(effect.id, later(30), later(60))
            .await
            .unwrap()
            .is_some()
    );
}

async fn a_finished_effect_is_gone(place: Place) {
    let world = World::new(place).await;
    world.ask("admin").await;
    let effect = draw(&world.store).await;
    let claimed = world
        .store
        .claim_effect(effect.id, START, later(30))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(claimed.waiting.effect, effect.effect);
    assert_eq!(
        world.store.finish_effect(claimed.hold).await.unwrap(),
        Settled::Done
    );
    assert_eq!(
        world.store.finish_effect(claimed.hold).await.unwrap(),
        Settled::Lost
    );
    assert_eq!(
        world
            .store
            .claim_effect(effect.id, later(60), later(90))
            .await
            .unwrap(),
        None
    );
}

async fn what_was_demanded_meanwhile_waits_again(place: Place) {
    let world = World::new(place).await;
    let request = world.ask("admin").await;
    let effect = draw(&world.store).await;
    let claimed = world
        .store
        .claim_effect(effect.id, START, later(30))
        .await
        .unwrap()
        .unwrap();
    world.approve(&request).await;
    assert_eq!(
        world.store.finish_effect(claimed.hold).await.unwrap(),
        Settled::WantedAgain
    );
    let again = draw(&world.store).await;
    assert!(again.seq > effect.seq);
    let claimed = world
        .store
        .claim_effect(again.id, START, later(30))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        world.store.finish_effect(claimed.hold).await.unwrap(),
        Settled::Done
    );
}

async fn a_failed_effect_waits_its_time(place: Place) {
    let world = World::new(place).await;
    let request = world.ask("admin").await;
    let effect = draw(&world.store).await;
    let claimed = world
        .store
        .claim_effect(effect.id, START, later(30))
        .await
        .unwrap()
        .unwrap();
    let settled = world
        .store
        .retry_effect(claimed.hold, later(5), "busy")
        .await
        .unwrap();
    assert_eq!(settled, Settled::WantedAgain);
    let waiting = draw(&world.store).await;
    assert_eq!((waiting.due_at, waiting.attempts), (later(5), 1));
    assert_eq!(waiting.trouble.as_deref(), Some("busy"));
    assert_eq!(waiting.claimed_until, Timestamp::default());

    // Demanded again while it failed: it is tried at once, as if for the first time.
    let claimed = world
        .store
        .claim_effect(effect.id, later(5), later(30))
        .await
        .unwrap()
        .unwrap();
    world.approve(&request).await;
    world
        .store
        .retry_effect(claimed.hold, later(60), "busy")
        .await
        .unwrap();
    let waiting = draw(&world.store).await;
    assert_eq!((waiting.due_at, waiting.attempts), (START, 0));
}

async fn a_worker_that_slept_changes_nothing(place: Place) {
    let world = World::new(place).await;
    world.ask("admin").await;
    let effect = draw(&world.store).await;
    let two = world.fresh.open().await;
    let slept = world
        .store
        .claim_effect(effect.id, START, later(30))
        .await
        .unwrap()
        .unwrap();
    let taken = two
        .claim_effect(effect.id, later(30), later(60))
        .await
        .unwrap()
        .unwrap();
    let store = &world.store;
    assert_eq!(
        store
            .retry_effect(slept.hold, later(90), "x")
            .await
            .unwrap(),
        Settled::Lost
    );
    assert_eq!(
        store.finish_effect(slept.hold).await.unwrap(),
        Settled::Lost
    );
    assert_eq!(
        store.release_effect(slept.hold).await.unwrap(),
        Settled::Lost
    );
    assert_eq!(two.finish_effect(taken.hold).await.unwrap(), Settled::Done);
}

async fn a_card_is_found_by_its_request_and_by_its_message(place: Place) {
    let world = World::new(place).await;
    let store = &world.store;
    let card = |message: &str, drawn: u64| DrawnCard {
        platform: Platform::Slack,
        kind: CardKind::Approvers,
        request: id(1),
        message: MessageRef {
            channel: "C1".to_owned(),
            message: message.to_owned(),
        },
        drawn,
    };
    let find = || store.card(Platform::Slack, CardKind::Approvers, id(1));
    assert_eq!(find().await.unwrap(), None);
    store.keep_card(&card("1.1", 2)).await.unwrap();
    store.keep_card(&card("1.1", 5)).await.unwrap();
    store.keep_card(&card("1.1", 4)).await.unwrap();
    assert_eq!(find().await.unwrap(), Some(card("1.1", 5)));
    let at = store
        .card_at(Platform::Slack, &card("1.1", 0).message)
        .await
        .unwrap();
    assert_eq!(at, Some(card("1.1", 5)));
    assert_eq!(
        store
            .card_at(Platform::Slack, &card("9.9", 0).message)
            .await
            .unwrap(),
        None
    );
    store.forget_card(&card("9.9", 5)).await.unwrap();
    assert!(find().await.unwrap().is_some());
    store.forget_card(&card("1.1", 5)).await.unwrap();
    assert_eq!(find().await.unwrap(), None);
}
