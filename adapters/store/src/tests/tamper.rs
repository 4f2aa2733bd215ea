//! Somebody who owns the database and lacks the key: nothing is granted, and it is found.

use breakglass_core::command::{Actor, Command};
use breakglass_core::event::Record;
use breakglass_core::log::{Frontier, Head, SigningKey, Tampering, TreeHash, canonical};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};

use super::fixture::{Fresh, ORIGIN, approve, ask, key, person};
use super::{Place, World, on_both};
use crate::audit::Depth;
use crate::entity::{event, head, holding, request};
use crate::number::{from_db, to_db};
use crate::{Audited, Distrust, StoreError, nodes};

on_both!(
    one_changed_byte_of_a_record_keeps_the_target_from_being_called,
    every_changed_record_is_found_by_the_audit,
    a_changed_record_is_found_in_a_log_too_long_for_more,
    what_a_running_server_finds_by_itself_stops_granting,
    a_record_added_with_right_hashes_but_no_key_stops_granting,
    a_record_added_behind_the_head_stops_granting,
    a_head_signed_by_another_key_stops_granting,
    a_dropped_record_stops_granting,
    an_approval_forged_into_a_request_stops_granting,
    a_request_forged_whole_stops_granting,
    an_old_request_put_back_stops_granting,
    a_grant_forged_into_a_holding_stops_granting,
    a_deleted_request_stops_granting,
    the_house_put_back_stops_granting,
    another_policy_in_place_of_the_one_in_force_stops_granting,
    an_old_copy_of_the_database_is_found_by_a_newer_checkpoint,
    an_emptied_database_is_found_by_a_checkpoint,
    a_database_without_its_head_is_not_begun_anew,
    counters_put_back_stop_granting,
    what_is_distrusted_is_told_and_stays_so,
);

fn is_untrusted<T>(outcome: &Result<T, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Untrusted(_)))
}

/// Nothing can be granted, in this process or after a restart, and the audit finds it.
async fn check_stopped(world: World, command: Command) {
    let outcome = world.submit(person("bo"), command.clone()).await;
    assert!(is_untrusted(&outcome), "{outcome:?}");
    assert!(world.store.status().borrow().distrust.is_some());
    check_stopped_after_restart(world, command).await;
}

async fn check_stopped_after_restart(world: World, command: Command) {
    let world = world.restart().await;
    let outcome = world.submit(person("bo"), command).await;
    assert!(is_untrusted(&outcome), "after a restart: {outcome:?}");
    let audited = audit(&world.fresh).await;
    assert!(!audited.is_whole());
}

async fn audit(fresh: &Fresh) -> Audited {
    fresh
        .database()
        .await
        .audit(key().verifying_key(), &[])
        .await
        .unwrap()
}

async fn one_changed_byte_of_a_record_keeps_the_target_from_being_called(place: Place) {
    let world = World::new(place).await;
    let request = world.ask("admin").await;
    world.approve(&request).await;
    world.fold(&request).await.unwrap();

    let database = world.fresh.database().await;
    let records = database.records_of(request.id).await.unwrap();
    let seq = records.last().unwrap().seq;
    let row = event::Entity::find_by_id(to_db(seq))
        .one(&database.writer)
        .await
        .unwrap()
        .unwrap();
    let mut bytes = row.bytes.clone();
    // A later end: the last digit of an instant.
    let at = String::from_utf8(bytes.clone())
        .unwrap()
        .find("\"end_by\":")
        .unwrap()
        + 9
        + 12;
    bytes[at] = if bytes[at] == b'9' { b'8' } else { b'9' };
    rewrite(&world.fresh, to_db(seq), &bytes).await;

    let folded = world.fold(&request).await;
    assert!(is_untrusted(&folded), "{folded:?}");
    assert_eq!(
        world.store.status().borrow().distrust,
        Some(Distrust::Record(seq))
    );
    let outcome = world.submit(person("maya"), ask("maya", "read")).await;
    assert!(is_untrusted(&outcome), "{outcome:?}");
    let audited = audit(&world.fresh).await;
    assert_eq!(audited.log.unwrap_err().seq(), Some(seq));
}

async fn every_changed_record_is_found_by_the_audit(place: Place) {
    let world = World::new(place).await;
    let request = world.grant("admin").await;
    world.end(&request).await;
    assert!(audit(&world.fresh).await.is_whole());
    let database = world.fresh.database().await;
    for row in event::Entity::find().all(&database.writer).await.unwrap() {
        let mut changed = row.bytes.clone();
        let at = usize::try_from(row.seq).unwrap() * 7 % changed.len();
        changed[at] ^= 1;
        rewrite(&world.fresh, row.seq, &changed).await;
        let audited = audit(&world.fresh).await;
        assert_eq!(audited.log.unwrap_err().seq(), Some(from_db(row.seq)));
        rewrite(&world.fresh, row.seq, &row.bytes).await;
    }
    assert!(audit(&world.fresh).await.is_whole());
}

async fn a_changed_record_is_found_in_a_log_too_long_for_more(place: Place) {
    let world = World::new(place).await;
    let request = world.ask("admin").await;
    world.approve(&request).await;
    let database = world.fresh.database().await;
    let key = key();
    let looked = || database.audit_to((Depth::Log, 0), key.verifying_key(), &[]);
    assert!(looked().await.unwrap().is_whole());
    let added = forged(&world).await;
    append(&world.fresh, &added, None).await;
    let size = world.store.status().borrow().size;
    let seq = added.seq;
    let tampering = looked().await.unwrap().log.unwrap_err();
    assert_eq!(tampering, Tampering::Added { seq, size });
    let delete = format!("DELETE FROM event WHERE seq = {seq}");
    world.fresh.meddle(&delete).await;
    rewrite(&world.fresh, 1, b"{}").await;
    assert_eq!(looked().await.unwrap().log.unwrap_err().seq(), Some(1));
}

async fn what_a_running_server_finds_by_itself_stops_granting(place: Place) {
    let world = World::new(place).await;
    let request = world.ask("admin").await;
    assert!(world.store.audit().await.unwrap().is_whole());
    world.fresh.meddle("DELETE FROM deadline").await;
    assert!(!world.store.audit().await.unwrap().is_whole());
    let outcome = world.submit(person("bo"), approve(&request)).await;
    assert!(is_untrusted(&outcome), "{outcome:?}");
}

/// What a superuser does to a record.
async fn rewrite(fresh: &Fresh, seq: i64, bytes: &[u8]) {
    let hex = hex::encode(bytes);
    let sqlite = fresh.url.starts_with("sqlite");
    let value = if sqlite {
        format!("X'{hex}'")
    } else {
        format!("'\\x{hex}'")
    };
    fresh
        .meddle(&format!(
            "UPDATE event SET bytes = {value} WHERE seq = {seq}"
        ))
        .await;
}

/// Appends a record as we would, with every hash right. `signer` signs the head, if there is one.
async fn append(fresh: &Fresh, record: &Record, signer: Option<&SigningKey>) {
    let database = fresh.database().await;
    let connection = &database.writer;
    let row = head::Entity::find_by_id(1_i16)
        .one(connection)
        .await
        .unwrap()
        .unwrap();
    let mut frontier = Frontier::from_bytes(&row.frontier).unwrap();
    let bytes = canonical(record).unwrap();
    let kept = frontier.append(TreeHash::of_leaf(&bytes));
    let added = event::Model {
        seq: to_db(record.seq),
        bytes,
        nodes: nodes::to_bytes(&kept),
        request: record.request.map(|id| to_db(id.number())),
        at: record.at.millis(),
    };
    event::Entity::insert(added.into_active_model())
        .exec(connection)
        .await
        .unwrap();
    let Some(signer) = signer else { return };
    let head = Head {
        origin: ORIGIN.to_owned(),
        size: frontier.size(),
        root: frontier.root(),
    };
    let mut changed = row.into_active_model();
    changed.size = Set(to_db(head.size));
    changed.note = Set(head.sign(signer).unwrap());
    changed.frontier = Set(frontier.to_bytes());
    changed.update(connection).await.unwrap();
}

/// Ines's approval of a request that Bo approved once, as the next record.
async fn forged(world: &World) -> Record {
    let donor = World::new(Place::Sqlite).await;
    let request = donor.ask("admin").await;
    donor.approve(&request).await;
    let records = donor
        .fresh
        .database()
        .await
        .records_of(request.id)
        .await
        .unwrap();
    let mut record = records
        .into_iter()
        .find(|r| r.event.name() == "approval_given")
        .unwrap();
    record.seq = world.store.status().borrow().size + 1;
    record
}

async fn a_record_added_with_right_hashes_but_no_key_stops_granting(place: Place) {
    let world = World::new(place).await;
    let request = world.ask("admin").await;
    let forger = SigningKey::from_seed(ORIGIN, [9; 32]).unwrap();
    append(&world.fresh, &forged(&world).await, Some(&forger)).await;
    check_stopped(world, approve(&request)).await;
}

async fn a_record_added_behind_the_head_stops_granting(place: Place) {
    let world = World::new(place).await;
    let request = world.ask("admin").await;
    let record = forged(&world).await;
    let seq = record.seq;
    append(&world.fresh, &record, None).await;
    let outcome = world.submit(person("bo"), approve(&request)).await;
    let Err(StoreError::Untrusted(Distrust::Added(added))) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(added, seq);
    check_stopped_after_restart(world, approve(&request)).await;
}

async fn a_head_signed_by_another_key_stops_granting(place: Place) {
    let world = World::new(place).await;
    let request = world.ask("admin").await;
    let database = world.fresh.database().await;
    let note = database.checkpoint().await.unwrap().unwrap();
    let head = Head::open(&note, key().verifying_key()).unwrap();
    let forged = head
        .sign(&SigningKey::from_seed(ORIGIN, [9; 32]).unwrap())
        .unwrap();
    world
        .fresh
        .meddle(&format!("UPDATE head SET note = '{forged}'"))
        .await;
    check_stopped(world, approve(&request)).await;
}

async fn a_dropped_record_stops_granting(place: Place) {
    let world = World::new(place).await;
    let request = world.ask("admin").await;
    world
        .fresh
        .meddle("DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)")
        .await;
    check_stopped(world, approve(&request)).await;
}

async fn an_approval_forged_into_a_request_stops_granting(place: Place) {
    let world = World::new(place).await;
    let request = world.ask("admin").await;
    let body = "replace(body, '\"approvals\":[]', '\"approvals\":[{\"person\":\"ines\",\"platform\":\"slack\",\
                \"digest\":\"0\",\"cut\":null,\"at\":1}]')";
    world
        .fresh
        .meddle(&format!("UPDATE request SET body = {body}"))
        .await;
    let forged = world.store.request(request.id).await.unwrap().unwrap();
    assert_eq!(forged.approvals.len(), 1);
    check_stopped(world, approve(&request)).await;
}

async fn a_request_forged_whole_stops_granting(place: Place) {
    let world = World::new(place).await;
    let request = world.ask("admin").await;
    let database = world.fresh.database().await;
    let row = request::Entity::find_by_id(1_i64)
        .one(&database.writer)
        .await
        .unwrap()
        .unwrap();
    let other = request::Model {
        id: 77,
        body: row.body.replace("BG-1", "BG-77"),
        ..row
    };
    request::Entity::insert(other.into_active_model())
        .exec(&database.writer)
        .await
        .unwrap();
    let approve = Command::Approve {
        request: breakglass_core::id::RequestId::new(77),
        digest: request.digest.clone(),
        cut: None,
    };
    check_stopped(world, approve).await;
}

/// The row of the first request as it is now, to be put back later.
async fn kept_request(world: &World) -> request::Model {
    let database = world.fresh.database().await;
    request::Entity::find_by_id(1_i64)
        .one(&database.writer)
        .await
        .unwrap()
        .unwrap()
}

async fn an_old_request_put_back_stops_granting(place: Place) {
    let world = World::new(place).await;
    let request = world.ask("admin").await;
    let old = kept_request(&world).await;
    let deny = Command::Withdraw {
        request: request.id,
    };
    world.done(person("maya"), deny).await;
    let database = world.fresh.database().await;
    old.into_active_model()
        .reset_all()
        .update(&database.writer)
        .await
        .unwrap();
    check_stopped(world, approve(&request)).await;
}

async fn a_grant_forged_into_a_holding_stops_granting(place: Place) {
    let world = World::new(place).await;
    let request = world.grant("admin").await;
    let database = world.fresh.database().await;
    let old = holding::Entity::find()
        .one(&database.writer)
        .await
        .unwrap()
        .unwrap();
    world.end(&request).await;
    old.into_active_model()
        .reset_all()
        .update(&database.writer)
        .await
        .unwrap();
    let folded = world.fold(&request).await;
    assert!(is_untrusted(&folded), "{folded:?}");
    check_stopped_after_restart(world, ask("bo", "read")).await;
}

async fn a_deleted_request_stops_granting(place: Place) {
    let world = World::new(place).await;
    let request = world.ask("admin").await;
    world.fresh.meddle("DELETE FROM request").await;
    check_stopped(world, approve(&request)).await;
}

async fn the_house_put_back_stops_granting(place: Place) {
    let world = World::new(place).await;
    let request = world.ask("admin").await;
    let database = world.fresh.database().await;
    let open = crate::entity::house::Entity::find_by_id(1_i16)
        .one(&database.writer)
        .await;
    let open = open.unwrap().unwrap();
    let reason = super::fixture::justification();
    let reach = breakglass_core::command::Reach::StopGranting;
    world
        .done(person("ines"), Command::StartLockdown { reason, reach })
        .await;
    open.into_active_model()
        .reset_all()
        .update(&database.writer)
        .await
        .unwrap();
    check_stopped(world, approve(&request)).await;
}

async fn another_policy_in_place_of_the_one_in_force_stops_granting(place: Place) {
    let world = World::new(place).await;
    let request = world.ask("admin").await;
    // What is in memory already is the right one, so this shows at the next start.
    world
        .fresh
        .meddle("UPDATE policy SET body = replace(body, 'group:dba', 'everyone')")
        .await;
    check_stopped_after_restart(world, approve(&request)).await;
}

async fn an_old_copy_of_the_database_is_found_by_a_newer_checkpoint(place: Place) {
    let world = World::new(place).await;
    let request = world.ask("admin").await;
    let older = world.store.status().borrow().checkpoint.clone();
    world.approve(&request).await;
    let newer = world.store.status().borrow().checkpoint.clone();
    world.store.close().await.unwrap();

    // Another database stands for the old copy: a log with the same beginning, signed by the same key.
    let copy = World::new(place).await;
    copy.ask("admin").await;
    let same = copy.store.status().borrow().checkpoint.clone();
    assert_eq!(same, older, "the same events make the same log");
    copy.store.close().await.unwrap();
    let store = copy.fresh.open_with(Some(newer)).await.unwrap();
    let distrust = store.status().borrow().distrust.clone();
    assert!(
        matches!(distrust, Some(Distrust::Cut { .. })),
        "{distrust:?}"
    );
    store.close().await.unwrap();
    let store = copy.fresh.open_with(Some(older)).await.unwrap();
    assert_eq!(store.status().borrow().distrust, None);
}

async fn an_emptied_database_is_found_by_a_checkpoint(place: Place) {
    let world = World::new(place).await;
    world.ask("admin").await;
    let checkpoint = world.store.status().borrow().checkpoint.clone();
    let empty = Fresh::new(place)
        .await
        .open_with(Some(checkpoint))
        .await
        .unwrap();
    let distrust = empty.status().borrow().distrust.clone();
    assert!(
        matches!(distrust, Some(Distrust::Cut { size: 0, .. })),
        "{distrust:?}"
    );
}

async fn a_database_without_its_head_is_not_begun_anew(place: Place) {
    let world = World::new(place).await;
    let request = world.ask("admin").await;
    world.fresh.meddle("DELETE FROM head").await;
    assert!(!world.fresh.database().await.is_log_empty().await.unwrap());
    check_stopped(world, approve(&request)).await;
}

async fn counters_put_back_stop_granting(place: Place) {
    let world = World::new(place).await;
    let request = world.ask("admin").await;
    world.fresh.meddle("UPDATE head SET next_request = 1").await;
    check_stopped(world, approve(&request)).await;
}

async fn what_is_distrusted_is_told_and_stays_so(place: Place) {
    let world = World::new(place).await;
    let mut status = world.store.status();
    world
        .fresh
        .meddle("UPDATE head SET newest_at = newest_at - 1")
        .await;
    status.mark_unchanged();
    let outcome = world.submit(Actor::Clock, ask("maya", "admin")).await;
    assert!(is_untrusted(&outcome), "{outcome:?}");
    assert!(status.has_changed().unwrap());
    // Mended behind our back: still nothing, until somebody looked and started us again.
    world
        .fresh
        .meddle("UPDATE head SET newest_at = newest_at + 1")
        .await;
    let outcome = world.submit(person("maya"), ask("maya", "admin")).await;
    assert!(is_untrusted(&outcome), "{outcome:?}");
    let world = world.restart().await;
    assert_eq!(
        from_db(world.ask("admin").await.id.number().cast_signed()),
        1
    );
}
