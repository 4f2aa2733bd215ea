//! What the past tells the policy.

use breakglass_core::command::Command;
use breakglass_core::time::{Length, Timestamp};

use super::fixture::{START, ask, person};
use super::{Place, World, on_both};
use crate::{History, Which};

on_both!(
    nobody_has_a_past_at_first,
    the_past_is_counted_for_both_and_fades,
    lists_show_what_they_say
);

async fn history(world: &World, requester: &str, beneficiary: &str, now: Timestamp) -> History {
    let id = |id: &str| id.parse().unwrap();
    let target = "orders-db".parse().unwrap();
    world
        .store
        .history(&id(requester), &id(beneficiary), &target, now)
        .await
        .unwrap()
}

async fn nobody_has_a_past_at_first(place: Place) {
    let world = World::new(place).await;
    let none = History {
        first_time: true,
        open_grants: 0,
        requests_24h: 0,
        denied_1h: false,
    };
    assert_eq!(history(&world, "maya", "maya", START).await, none);
}

async fn the_past_is_counted_for_both_and_fades(place: Place) {
    let world = World::new(place).await;
    let granted = world.grant("admin").await;
    let denied = world.ask("read").await;
    let deny = Command::Deny {
        request: denied.id,
        digest: denied.digest.clone(),
        reason: super::fixture::justification(),
    };
    world.done(person("bo"), deny).await;

    let now = History {
        first_time: false,
        open_grants: 1,
        requests_24h: 2,
        denied_1h: true,
    };
    assert_eq!(history(&world, "maya", "maya", START).await, now);
    // Asked by Maya for Bo: her requests count, his grants don't exist.
    let for_bo = History {
        first_time: true,
        open_grants: 0,
        ..now
    };
    assert_eq!(history(&world, "maya", "bo", START).await, for_bo);
    let for_maya = History {
        first_time: false,
        open_grants: 1,
        ..now
    };
    assert_eq!(history(&world, "bo", "maya", START).await, for_maya);
    let other = "other-db".parse().unwrap();
    let maya = "maya".parse().unwrap();
    assert!(
        world
            .store
            .history(&maya, &maya, &other, START)
            .await
            .unwrap()
            .first_time
    );

    let hour = START.plus(Length::from_mins(60));
    assert!(!history(&world, "maya", "maya", hour).await.denied_1h);
    let day = START.plus(Length::from_mins(24 * 60));
    world.end(&granted).await;
    let faded = History {
        open_grants: 0,
        requests_24h: 0,
        denied_1h: false,
        ..now
    };
    assert_eq!(history(&world, "maya", "maya", day).await, faded);
}

async fn lists_show_what_they_say(place: Place) {
    let world = World::new(place).await;
    let active = world.grant("admin").await;
    let waiting = world.ask("read").await;
    let bos = world
        .done(person("bo"), ask("bo", "read"))
        .await
        .request
        .unwrap();
    let ids = |requests: Vec<breakglass_core::state::Request>| {
        requests
            .iter()
            .map(|request| request.id.number())
            .collect::<Vec<_>>()
    };
    let list = |which: Which| world.store.requests(which, 10);
    let of = |who: &str, which: Which| {
        let who = who.parse().unwrap();
        let store = world.store.clone();
        async move { store.requests_of(&who, which, 10).await.unwrap() }
    };
    assert_eq!(ids(of("maya", Which::Open).await), [2, 1]);
    assert_eq!(ids(of("bo", Which::Pending).await), [3]);
    assert_eq!(ids(list(Which::Pending).await.unwrap()), [3, 2]);
    assert_eq!(ids(list(Which::Live).await.unwrap()), [1]);
    assert!(list(Which::ToReview).await.unwrap().is_empty());
    assert_eq!(world.store.holdings().await.unwrap().len(), 1);
    let holding = world
        .store
        .holding(&active.asked.holding)
        .await
        .unwrap()
        .unwrap();
    assert!(holding.grants.contains_key(&active.id));
    assert_eq!(
        world.store.holding(&waiting.asked.holding).await.unwrap(),
        None
    );

    world.end(&active).await;
    assert_eq!(ids(list(Which::ToReview).await.unwrap()), [1]);
    assert!(list(Which::Live).await.unwrap().is_empty());
    assert_eq!(ids(list(Which::Newest).await.unwrap()), [3, 2, 1]);
    assert_eq!(
        ids(world.store.requests(Which::Newest, 1).await.unwrap()),
        [bos.id.number()]
    );
    assert_eq!(world.store.holdings().await.unwrap(), []);
    assert!(world.store.house().await.unwrap().policy.is_some());
}
