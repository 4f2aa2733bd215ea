//! What the past tells the policy.

use std::collections::BTreeSet;

use breakglass_core::command::{Actor, Command, Outcome, Sight, Sighting};
use breakglass_core::port::provisioner::Presence;
use breakglass_core::state::Wanted;
use breakglass_core::time::{Length, Timestamp};

use super::fixture::{START, ask, holding, key, person};
use super::{Place, World, on_both};
use crate::{History, Which};

on_both!(
    nobody_has_a_past_at_first,
    the_past_is_counted_for_both_and_fades,
    lists_show_what_they_say,
    what_a_look_at_a_target_showed_is_kept
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
    let maya = "maya".parse().unwrap();
    let newest = world.store.requests_of(&maya, Which::Open, 1).await;
    assert_eq!(ids(newest.unwrap()), [2]);
    assert_eq!(ids(of("bo", Which::Pending).await), [3]);
    assert_eq!(ids(list(Which::Pending).await.unwrap()), [3, 2]);
    assert_eq!(ids(list(Which::Live).await.unwrap()), [1]);
    assert!(list(Which::ToReview).await.unwrap().is_empty());
    assert_eq!(
        world
            .store
            .holdings_at(&active.asked.holding.provisioner)
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(world.store.holdings(None, 10).await.unwrap().len(), 1);
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
    assert_eq!(
        world
            .store
            .holdings_at(&active.asked.holding.provisioner)
            .await
            .unwrap(),
        []
    );
    assert_eq!(world.store.holdings(None, 10).await.unwrap(), []);
    assert!(world.store.house().await.unwrap().policy.is_some());
}

/// What nobody ever asked for is kept and proven as everything else.
async fn what_a_look_at_a_target_showed_is_kept(place: Place) {
    let world = World::new(place).await;
    let left = holding("tom", "admin");
    let at = async |id: &str| {
        let id = id.parse().unwrap();
        world.store.holdings_at(&id).await.unwrap()
    };
    let see = async |version, sight| {
        let sighting = Sighting {
            holding: left.clone(),
            version,
            sight,
        };
        let command = Command::Reconcile(Box::new(sighting));
        world.done(Actor::Worker, command).await.records.len()
    };
    assert_eq!(see(0, Sight::Ours).await, 1);
    assert_eq!(see(0, Sight::Ours).await, 0, "seen by another replica too");
    let folded = world.store.fold_holding(&left).await.unwrap().holding;
    assert_eq!(folded.wanted(), Wanted::Absent { requests: vec![] });
    let provisioner = left.provisioner.as_str();
    assert_eq!(at(provisioner).await, [folded]);
    assert_eq!(at(&provisioner.replace('s', "_")).await, []);
    let never = holding("tom", "owner");
    let both = [left.clone(), never];
    let open = async || world.store.open_holdings(&both).await.unwrap();
    assert_eq!(open().await, at(provisioner).await);
    let size = world.store.status().borrow().size;
    let since = async |size| world.store.changed_since(size, &both).await.unwrap();
    assert_eq!(since(size).await, BTreeSet::new());
    assert_eq!(since(size - 1).await, BTreeSet::from([left.clone()]));
    let gone = Outcome::Taken {
        read_back: Presence::Absent,
        sessions_ended: 0,
        remains: Vec::new(),
    };
    assert_eq!(world.report(&left, gone).await.records.len(), 1);
    assert_eq!(at(provisioner).await, []);
    assert_eq!(open().await, []);
    assert_eq!(since(size).await, BTreeSet::from([left.clone()]));
    let others = BTreeSet::from(["granted by postgres".to_owned()]);
    assert_eq!(see(2, Sight::Foreign(others.clone())).await, 1);
    let world = world.restart().await;
    let held = world.store.holdings_at(&left.provisioner).await.unwrap();
    assert_eq!(held[0].foreign, others);
    assert_eq!(world.store.suspect_holdings().await.unwrap(), []);
    let database = world.fresh.database().await;
    let audited = database.audit(key().verifying_key(), &[]).await.unwrap();
    assert!(audited.is_whole(), "{audited:?}");
}
