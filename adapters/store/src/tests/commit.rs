//! Commits: what a command leads to is there at once, for good, and in one order.

use std::collections::BTreeSet;

use breakglass_core::command::{Actor, Command};
use breakglass_core::deadline::Deadline;
use breakglass_core::effect::Effect;
use breakglass_core::event::{AttemptRefused, Event};
use breakglass_core::log::Head;
use breakglass_core::refusal::Refusal;

use super::fixture::{START, approve, ask, id, justification, key, person, submission};
use super::{Place, World, on_both};
use crate::{StoreError, Which};

on_both!(
    a_request_goes_its_whole_way_and_the_log_has_it,
    what_is_committed_is_there_after_a_restart,
    a_refusal_changes_nothing,
    the_same_access_can_be_granted_again,
    a_thousand_commands_at_once_make_one_order,
    commands_of_one_batch_see_each_other,
    what_falls_due_follows_the_request,
    the_demanded_effects_wait,
    a_policy_that_was_never_kept_is_not_put_in_force,
    a_closed_store_takes_nothing,
    what_was_typed_is_beside_the_log_and_can_be_erased,
);

async fn a_request_goes_its_whole_way_and_the_log_has_it(place: Place) {
    let world = World::new(place).await;
    let request = world.grant("admin").await;
    assert_eq!(request.id, id(1));
    assert_eq!(request.phase_name(), "active");
    let ended = world.end(&request).await;
    assert_eq!(ended.phase_name(), "ended");
    assert_eq!(world.store.request(id(1)).await.unwrap(), Some(ended));

    let records = world
        .fresh
        .database()
        .await
        .records_of(id(1))
        .await
        .unwrap();
    let names: Vec<&str> = records.iter().map(|record| record.event.name()).collect();
    let way = [
        "requested",
        "approval_given",
        "approved",
        "activated",
        "ending_started",
        "ended",
    ];
    assert_eq!(names[..6], way);
    let all = world
        .fresh
        .database()
        .await
        .records_after(0, 100)
        .await
        .unwrap();
    let seqs: Vec<u64> = all.iter().map(|record| record.seq).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
    assert!(
        all.iter()
            .skip(1)
            .all(|record| record.policy == all[1].policy)
    );
    assert_ne!(
        all[0].policy, all[1].policy,
        "before the first policy there was none"
    );
    assert!(records.iter().all(|record| record.emergency));
}

async fn what_is_committed_is_there_after_a_restart(place: Place) {
    let world = World::new(place).await;
    let request = world.grant("admin").await;
    let checkpoint = world.store.status().borrow().checkpoint.clone();
    let world = world.restart().await;
    assert_eq!(world.store.status().borrow().checkpoint, checkpoint);
    assert_eq!(world.store.status().borrow().distrust, None);
    assert_eq!(
        world.store.request(request.id).await.unwrap(),
        Some(request.clone())
    );
    world.fold(&request).await.unwrap();
    assert_eq!(world.end(&request).await.phase_name(), "ended");
    assert_eq!(world.ask("read").await.id, id(2));
}

async fn the_same_access_can_be_granted_again(place: Place) {
    let world = World::new(place).await;
    for _ in 0..3 {
        let request = world.grant("admin").await;
        world.fold(&request).await.unwrap();
        world.end(&request).await;
        world.fold(&request).await.unwrap();
    }
}

async fn a_refusal_changes_nothing(place: Place) {
    let world = World::new(place).await;
    let request = world.ask("admin").await;
    let before = world.store.status().borrow().clone();
    let refused = world
        .submit(person("maya"), approve(&request))
        .await
        .unwrap();
    assert!(
        matches!(refused, Err(Refusal::OwnRequest { .. })),
        "{refused:?}"
    );
    assert_eq!(*world.store.status().borrow(), before);
    let attempt = AttemptRefused {
        command: "approve".to_owned(),
        on: Some(request.id),
        refusal: "own_request".to_owned(),
        count: 1,
        about: None,
    };
    let noted = world
        .done(person("maya"), Command::NoteRefusal(Box::new(attempt)))
        .await;
    assert_eq!(noted.records.len(), 1);
}

async fn a_thousand_commands_at_once_make_one_order(place: Place) {
    let world = World::new(place).await;
    let start = |worker: usize| {
        let store = world.store.clone();
        tokio::spawn(async move {
            let mut seqs = Vec::new();
            for step in 0..10 {
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
    let workers: Vec<_> = (0..100).map(start).collect();
    let mut seen = BTreeSet::new();
    for worker in workers {
        let seqs = worker.await.unwrap();
        assert!(seqs.is_sorted(), "one caller's commands stay in order");
        seen.extend(seqs);
    }
    assert_eq!(seen, (2..=1001).collect(), "each has a place of its own");
    let audited = world
        .fresh
        .database()
        .await
        .audit(key().verifying_key(), &[])
        .await
        .unwrap();
    assert!(audited.is_whole(), "{audited:?}");
    assert_eq!(audited.log.unwrap().records, 1001);
}

async fn commands_of_one_batch_see_each_other(place: Place) {
    let world = World::new(place).await;
    let twice = (
        world.submit(person("maya"), ask("maya", "admin")),
        world.submit(person("maya"), ask("maya", "admin")),
    );
    let (first, second) = tokio::join!(twice.0, twice.1);
    let verdicts = [first.unwrap(), second.unwrap()];
    let granted: Vec<_> = verdicts.iter().filter(|verdict| verdict.is_ok()).collect();
    assert_eq!(granted.len(), 1);
    let refused = verdicts
        .iter()
        .find_map(|verdict| verdict.as_ref().err())
        .unwrap();
    assert!(
        matches!(refused, Refusal::AlreadyAsked { .. }),
        "{refused:?}"
    );

    // Two approvers click at once: one decides, the other reads who did.
    let request = world.store.request(id(1)).await.unwrap().unwrap();
    let (bo, ines) = tokio::join!(
        world.submit(person("bo"), approve(&request)),
        world.submit(person("ines"), approve(&request)),
    );
    let verdicts = [bo.unwrap(), ines.unwrap()];
    assert_eq!(verdicts.iter().filter(|verdict| verdict.is_ok()).count(), 1);
    let late = verdicts
        .iter()
        .find_map(|verdict| verdict.as_ref().err())
        .unwrap();
    assert!(matches!(late, Refusal::TooLate { .. }), "{late:?}");
    let grants = world.store.requests(Which::Live, 10).await.unwrap();
    assert_eq!(grants.len(), 1);
}

async fn what_falls_due_follows_the_request(place: Place) {
    let world = World::new(place).await;
    let request = world.ask("admin").await;
    let kinds = |due: Vec<crate::Due>| due.iter().map(|due| due.deadline).collect::<Vec<_>>();
    let later = START.plus(breakglass_core::time::Length::from_mins(60));
    assert_eq!(
        kinds(world.store.due(later, 10).await.unwrap()),
        [Deadline::Silence, Deadline::Lapse]
    );
    assert_eq!(world.store.due(START, 10).await.unwrap(), []);
    let lapses_at = world.store.next_due_at().await.unwrap().unwrap();
    assert!(lapses_at > START);

    world.approve(&request).await;
    assert_eq!(
        kinds(world.store.due(later, 10).await.unwrap()),
        [Deadline::GiveUp]
    );
    let active = world
        .report(
            &request.asked.holding,
            breakglass_core::command::Outcome::Given,
        )
        .await;
    let due = world.store.due(later, 10).await.unwrap();
    assert_eq!(kinds(due.clone()), [Deadline::Remind, Deadline::Expire]);
    let fall_due = Command::FallDue {
        request: request.id,
        deadline: Deadline::Expire,
    };
    let expiry = submission(Actor::Clock, fall_due, due[1].at);
    world.store.submit(expiry).await.unwrap().unwrap();
    assert_eq!(
        kinds(world.store.due(later, 10).await.unwrap()),
        [Deadline::Stick]
    );
    assert_eq!(active.request.unwrap().phase_name(), "active");
}

async fn the_demanded_effects_wait(place: Place) {
    let world = World::new(place).await;
    let request = world.ask("admin").await;
    let effects = world.store.waiting_effects().await.unwrap();
    let draws = |effects: &[crate::Waiting]| {
        effects
            .iter()
            .filter(|e| matches!(e.effect, Effect::Draw { .. }))
            .count()
    };
    assert_eq!(draws(&effects), 2);
    assert!(
        !effects
            .iter()
            .any(|e| matches!(e.effect, Effect::Converge { .. }))
    );
    assert!(
        effects
            .iter()
            .all(|e| e.platform.is_some() && e.due_at == START)
    );

    world.approve(&request).await;
    let effects = world.store.waiting_effects().await.unwrap();
    assert_eq!(draws(&effects), 2, "drawn once, as of the newest record");
    let converge: Vec<_> = effects
        .iter()
        .filter(|e| matches!(e.effect, Effect::Converge { .. }))
        .collect();
    assert_eq!(converge.len(), 1);
    assert_eq!(converge[0].platform, None);
    let ids: BTreeSet<&str> = effects
        .iter()
        .filter(|e| matches!(e.effect, Effect::Post { .. }))
        .map(|e| e.effect_id.as_str())
        .collect();
    let posts = effects
        .iter()
        .filter(|e| matches!(e.effect, Effect::Post { .. }))
        .count();
    assert_eq!(ids.len(), posts, "each post has an id of its own");
}

async fn a_policy_that_was_never_kept_is_not_put_in_force(place: Place) {
    let world = World::new(place).await;
    let hash = breakglass_core::id::PolicyHash::from_sha256([1; 32]);
    let failed = world
        .submit(Actor::Server, Command::LoadPolicy { hash })
        .await;
    assert!(
        matches!(failed, Err(StoreError::Missing("policy"))),
        "{failed:?}"
    );
    world.ask("admin").await;
}

async fn a_closed_store_takes_nothing(place: Place) {
    let world = World::new(place).await;
    world.store.close().await.unwrap();
    let failed = world.submit(person("maya"), ask("maya", "admin")).await;
    assert!(matches!(failed, Err(StoreError::Closed)), "{failed:?}");
}

async fn what_was_typed_is_beside_the_log_and_can_be_erased(place: Place) {
    let world = World::new(place).await;
    let request = world.ask("admin").await;
    let hash = &request.asked.justification;
    assert_eq!(world.store.text(hash).await.unwrap(), Some(justification()));
    assert!(world.store.erase_text(hash).await.unwrap());
    assert_eq!(world.store.text(hash).await.unwrap(), None);
    let database = world.fresh.database().await;
    let note = database.checkpoint().await.unwrap().unwrap();
    let head = Head::open(&note, key().verifying_key()).unwrap();
    let audited = database
        .audit(key().verifying_key(), &[head])
        .await
        .unwrap();
    assert!(audited.is_whole(), "{audited:?}");
    let bytes = format!("{:?}", database.records_after(0, 100).await.unwrap());
    assert!(!bytes.contains("replication slot"));
    assert!(matches!(
        database.records_of(request.id).await.unwrap()[0].event,
        Event::Requested(_)
    ));
}
