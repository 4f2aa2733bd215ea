//! What comes in is kept once, and handled by one worker at a time.

use breakglass_core::id::Platform;
use breakglass_core::time::{Length, Timestamp};

use super::fixture::{Fresh, START, at_once};
use super::{Place, on_both};
use crate::{Arrival, Received};

on_both!(
    a_replay_is_seen,
    what_was_received_survives_a_crash_and_is_claimed_once,
    a_claim_ends_by_itself_and_a_late_worker_changes_nothing,
    hundreds_at_once_are_all_kept,
    no_more_is_claimed_than_there_are_hands_for,
    what_is_held_as_it_comes_in_is_nobody_elses,
    what_is_in_hand_is_not_taken_up_again_in_the_same_millisecond,
    what_was_handled_long_ago_is_forgotten,
    of_many_at_once_each_is_told_its_own,
);

fn received(id: &str) -> Received {
    Received {
        id: id.to_owned(),
        platform: Platform::Slack,
        payload: format!("{{\"id\":\"{id}\"}}"),
        at: START,
    }
}

const fn later(secs: u32) -> Timestamp {
    START.plus(Length::from_secs(secs))
}

async fn of_many_at_once_each_is_told_its_own(place: Place) {
    let store = &Fresh::new(place).await.open().await;
    for number in 0..250 {
        let act = received(&number.to_string());
        store.receive(&act, None).await.unwrap();
    }
    let mut acts = store.claim_acts(500, START, later(30)).await.unwrap();
    assert_eq!(acts.len(), 250);
    // Somebody else has one of them by now.
    let lost = 17;
    acts[lost].attempts += 1;
    let finished = at_once(acts.iter().map(|act| {
        let (store, act) = (store.clone(), act.clone());
        async move { store.finish_act(&act, START).await.unwrap() }
    }));
    for (number, finished) in finished.await.into_iter().enumerate() {
        assert_eq!(finished, number != lost, "{number}");
    }
    let left = store.claim_acts(500, later(30), later(60)).await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].received, acts[lost].received);
}

async fn a_replay_is_seen(place: Place) {
    let store = Fresh::new(place).await.open().await;
    assert_eq!(
        store.receive(&received("a"), None).await.unwrap(),
        Arrival::New
    );
    assert_eq!(
        store.receive(&received("a"), None).await.unwrap(),
        Arrival::Seen
    );
    assert_eq!(
        store.receive(&received("b"), None).await.unwrap(),
        Arrival::New
    );
    let acts = store.claim_acts(10, START, later(30)).await.unwrap();
    assert_eq!(acts.len(), 2);
    assert!(store.finish_act(&acts[0], START).await.unwrap());
    assert_eq!(
        store
            .receive(&received(&acts[0].received.id), None)
            .await
            .unwrap(),
        Arrival::Seen
    );
}

async fn what_was_received_survives_a_crash_and_is_claimed_once(place: Place) {
    let fresh = Fresh::new(place).await;
    let store = fresh.open().await;
    store.receive(&received("a"), None).await.unwrap();
    drop(store);
    let (one, two) = (fresh.open().await, fresh.open().await);
    let (first, second) = tokio::join!(
        one.claim_acts(10, START, later(30)),
        two.claim_acts(10, START, later(30))
    );
    let claimed: Vec<_> = first.unwrap().into_iter().chain(second.unwrap()).collect();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].received, received("a"));
    assert_eq!(claimed[0].attempts, 1);
}

/// Also where the database goes through what it finds once for each row: it does so while it takes the table for small.
async fn no_more_is_claimed_than_there_are_hands_for(place: Place) {
    let fresh = Fresh::new(place).await;
    if place == Place::Postgres {
        let name = fresh.url.rsplit('/').next().unwrap();
        for way in ["hashjoin", "mergejoin", "hashagg", "sort", "material"] {
            let set = format!("ALTER DATABASE \"{name}\" SET enable_{way} = off");
            fresh.meddle(&set).await;
        }
    }
    let store = fresh.open().await;
    for number in 0..40 {
        let act = received(&format!("{number:02}"));
        store.receive(&act, None).await.unwrap();
        if number == 0 {
            fresh.meddle("ANALYZE inbox").await;
        }
    }
    for hands in [3, 1, 7] {
        let claimed = store.claim_acts(hands, START, later(30)).await.unwrap();
        assert_eq!(u64::try_from(claimed.len()).unwrap(), hands);
    }
    let rest = store.claim_acts(99, START, later(30)).await.unwrap();
    assert_eq!(rest.len(), 40 - 11);
}

async fn a_claim_ends_by_itself_and_a_late_worker_changes_nothing(place: Place) {
    let fresh = Fresh::new(place).await;
    let (one, two) = (fresh.open().await, fresh.open().await);
    one.receive(&received("a"), None).await.unwrap();
    let slept = one
        .claim_acts(10, START, later(30))
        .await
        .unwrap()
        .remove(0);
    assert_eq!(two.claim_acts(10, later(29), later(60)).await.unwrap(), []);
    assert_eq!(two.next_act_at().await.unwrap(), Some(later(30)));
    let taken = two
        .claim_acts(10, later(30), later(60))
        .await
        .unwrap()
        .remove(0);
    assert_eq!(taken.attempts, 2);
    assert!(!one.finish_act(&slept, later(31)).await.unwrap());
    assert!(two.retry_act(&taken, later(40)).await.unwrap());
    assert_eq!(two.claim_acts(10, later(39), later(60)).await.unwrap(), []);
    let again = two
        .claim_acts(10, later(40), later(60))
        .await
        .unwrap()
        .remove(0);
    assert!(two.finish_act(&again, later(41)).await.unwrap());
    assert_eq!(two.next_act_at().await.unwrap(), None);
}

async fn hundreds_at_once_are_all_kept(place: Place) {
    let store = Fresh::new(place).await.open().await;
    let arrivals = at_once((0..600).map(|number| {
        let (store, act) = (store.clone(), received(&(number % 300).to_string()));
        async move { store.receive(&act, None).await.unwrap() }
    }));
    let arrivals = arrivals.await;
    let new = arrivals.iter().filter(|one| **one == Arrival::New).count();
    assert_eq!(new, 300);
    assert_eq!(
        store.claim_acts(1000, START, later(1)).await.unwrap().len(),
        300
    );
}

async fn what_was_handled_long_ago_is_forgotten(place: Place) {
    let store = Fresh::new(place).await.open().await;
    store.receive(&received("a"), None).await.unwrap();
    store.receive(&received("b"), None).await.unwrap();
    let act = store
        .claim_acts(1, START, later(30))
        .await
        .unwrap()
        .remove(0);
    store.finish_act(&act, later(1)).await.unwrap();
    assert_eq!(store.forget_acts(later(1)).await.unwrap(), 0);
    assert_eq!(store.forget_acts(later(2)).await.unwrap(), 1);
    assert_eq!(
        store.receive(&received("b"), None).await.unwrap(),
        Arrival::Seen
    );
}

async fn what_is_held_as_it_comes_in_is_nobody_elses(place: Place) {
    let fresh = Fresh::new(place).await;
    let (one, two) = (fresh.open().await, fresh.open().await);
    let arrival = one.receive(&received("a"), Some(later(30))).await.unwrap();
    let Arrival::Held(act) = arrival else {
        panic!("{arrival:?}");
    };
    let again = two.receive(&received("a"), Some(later(30))).await.unwrap();
    assert_eq!(again, Arrival::Seen);
    assert!(
        two.claim_acts(10, START, later(30))
            .await
            .unwrap()
            .is_empty()
    );
    assert!(one.finish_act(&act, START).await.unwrap());
    // One whose holder is gone is claimed when the hold is over.
    one.receive(&received("b"), Some(later(30))).await.unwrap();
    let left = two.claim_acts(10, later(31), later(60)).await.unwrap();
    assert_eq!((left.len(), left[0].attempts), (1, 2));
}

async fn what_is_in_hand_is_not_taken_up_again_in_the_same_millisecond(place: Place) {
    let store = Fresh::new(place).await.open().await;
    store
        .receive(&received("a"), Some(later(30)))
        .await
        .unwrap();
    let acts = store.claim_acts(10, START, later(30)).await.unwrap();
    assert_eq!(acts, []);
}
