//! What the files say after they were closed, cut short, or opened twice.

use std::fs;
use std::io::ErrorKind;
use std::ops::Deref;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use breakglass_core::command::Removal;
use breakglass_core::id::HoldingId;
use breakglass_core::port::provisioner::Presence;
use breakglass_core::state::{Grant, GrantPhase, Holding};
use breakglass_core::time::Timestamp;

use super::{Held, Mirror};
use crate::clock::tests::Clocks;

const fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn holding(account: &str) -> HoldingId {
    HoldingId {
        provisioner: "orders".parse().unwrap(),
        account: account.to_owned(),
        entitlement: "orders_admin".to_owned(),
    }
}

fn held(account: &str, not_after: i64) -> Held {
    Held {
        holding: holding(account),
        not_after: at(not_after),
    }
}

/// A mirror, and its clocks.
struct Kept {
    mirror: Arc<Mirror>,
    clocks: Arc<Clocks>,
}

impl Deref for Kept {
    type Target = Arc<Mirror>;

    fn deref(&self) -> &Arc<Mirror> {
        &self.mirror
    }
}

fn open(folder: &Path) -> Kept {
    let clocks = Arc::new(Clocks::default());
    Kept {
        mirror: Arc::new(Mirror::open(folder, clocks.clone()).unwrap()),
        clocks,
    }
}

/// Whose is over when it is so late.
fn accounts(kept: &Kept, now: i64) -> Vec<String> {
    kept.clocks.wall.store(now, Ordering::Relaxed);
    kept.over().into_keys().map(|id| id.account).collect()
}

#[tokio::test]
async fn a_wall_clock_that_is_set_back_makes_nothing_longer() {
    let folder = tempfile::tempdir().unwrap();
    let mirror = open(folder.path());
    let (wall, boot) = (&mirror.clocks.wall, &mirror.clocks.boot);
    wall.store(50_000, Ordering::Relaxed);
    let id = "BG-1".parse().unwrap();
    mirror.giving(id, held("maya", 51_000)).await.unwrap();
    wall.store(10_000, Ordering::Relaxed);
    boot.store(999, Ordering::Relaxed);
    assert_eq!((mirror.over().len(), mirror.overrun()), (0, vec![]));
    boot.store(1_000, Ordering::Relaxed);
    assert_eq!(
        (mirror.over().len(), mirror.overrun()),
        (1, vec![(id, at(51_000))])
    );
    wall.store(51_000, Ordering::Relaxed);
    assert_eq!((mirror.over().len(), mirror.overrun()), (1, vec![]));
}

#[tokio::test]
async fn what_must_end_outlives_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("mirror");
    let mirror = open(&folder);
    mirror
        .giving("BG-1".parse().unwrap(), held("maya", 1_000))
        .await
        .unwrap();
    mirror
        .giving("BG-2".parse().unwrap(), held("bo", 2_000))
        .await
        .unwrap();
    drop(mirror);
    let mirror = open(&folder);
    assert_eq!(accounts(&mirror, 999), [""; 0]);
    assert_eq!(accounts(&mirror, 1_000), ["maya"]);
    assert_eq!(accounts(&mirror, 2_000), ["bo", "maya"]);
    for (file, mode) in [("live", 0o600), ("ended", 0o600), ("", 0o700)] {
        let seen = fs::metadata(folder.join(file)).unwrap().mode() & 0o777;
        assert_eq!(seen, mode, "{file}");
    }
}

#[tokio::test]
async fn a_holding_is_over_when_all_its_grants_are() {
    let folder = tempfile::tempdir().unwrap();
    let mirror = open(folder.path());
    for (id, not_after) in [("BG-1", 1_000), ("BG-2", 2_000)] {
        mirror
            .giving(id.parse().unwrap(), held("maya", not_after))
            .await
            .unwrap();
    }
    assert_eq!(accounts(&mirror, 1_999), [""; 0]);
    assert_eq!(accounts(&mirror, 2_000), ["maya"]);
    let grants: Vec<String> = mirror.over()[&holding("maya")]
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(grants, ["BG-1", "BG-2"]);
}

#[tokio::test]
async fn a_line_that_was_cut_short_takes_nothing_else_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let mirror = open(folder.path());
    mirror
        .giving("BG-1".parse().unwrap(), held("maya", 1_000))
        .await
        .unwrap();
    drop(mirror);
    let live = folder.path().join("live");
    let mut text = fs::read_to_string(&live).unwrap();
    text.push_str("{\"grant\":\"BG-1\",\"he");
    fs::write(&live, text).unwrap();
    assert_eq!(accounts(&open(folder.path()), 1_000), ["maya"]);
}

#[tokio::test]
async fn only_one_process_may_have_it() {
    let folder = tempfile::tempdir().unwrap();
    let _mirror = open(folder.path());
    let second = Mirror::open(folder.path(), Arc::new(Clocks::default()));
    assert_eq!(
        second.map(drop).map_err(|error| error.kind()),
        Err(ErrorKind::ResourceBusy)
    );
}

/// What changed here while the store was read is newer than what was read.
#[tokio::test]
async fn it_comes_to_agree_with_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let mirror = open(folder.path());
    let give = async |id: &str, account, not_after| {
        let given = mirror.giving(id.parse().unwrap(), held(account, not_after));
        given.await.unwrap();
    };
    give("BG-1", "maya", 1_000).await;
    give("BG-2", "bo", 2_000).await;
    let since = mirror.stamp();
    give("BG-3", "ines", 3_000).await;
    let grant = Grant {
        phase: GrantPhase::Active,
        since_version: 2,
        approved_at: at(0),
        not_after: at(500),
    };
    let stored = ["BG-1", "BG-3", "BG-4"].map(|id| {
        let account = if id == "BG-1" { "maya" } else { "lee" };
        let mut stored = Holding::new(holding(account));
        stored.grants.insert(id.parse().unwrap(), grant);
        stored
    });
    let mut seen = std::collections::BTreeSet::new();
    mirror.agree(&stored, since, &mut seen);
    mirror.forget_others(since, &seen);
    assert_eq!(accounts(&mirror, 500), ["lee", "maya"]);
    assert_eq!(accounts(&mirror, 3_000), ["ines", "lee", "maya"]);
}

#[test]
fn what_was_taken_away_is_kept_until_the_log_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let removal = |id: &str| Removal {
        request: id.parse().unwrap(),
        removed_at: at(1_000),
        read_back: Presence::Absent,
        sessions_ended: 2,
    };
    let mirror = open(folder.path());
    for id in ["BG-1", "BG-2", "BG-1"] {
        mirror.spill.write(removal(id)).unwrap();
    }
    drop(mirror);
    let mirror = open(folder.path());
    assert_eq!(mirror.spill.removals(), [removal("BG-1"), removal("BG-2")]);
    mirror.spill.clear().unwrap();
    mirror.spill.write(removal("BG-3")).unwrap();
    drop(mirror);
    assert_eq!(open(folder.path()).spill.removals(), [removal("BG-3")]);
}

/// Its room is taken beforehand, and it never asks for more.
#[test]
fn a_full_disk_leaves_room_for_what_was_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let mirror = open(folder.path());
    let before = fs::metadata(folder.path().join("ended")).unwrap();
    assert!(before.blocks() * 512 >= before.size(), "it has holes");
    let removal = |id: &str| Removal {
        request: id.parse().unwrap(),
        removed_at: at(1_000),
        read_back: Presence::Absent,
        sessions_ended: 0,
    };
    mirror.spill.write(removal("BG-1")).unwrap();
    drop(mirror);
    // The same line until there is no room for another.
    let ended = folder.path().join("ended");
    let mut bytes = fs::read(&ended).unwrap();
    let length = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let line = bytes[..length].to_vec();
    bytes
        .chunks_exact_mut(length)
        .for_each(|room| room.copy_from_slice(&line));
    fs::write(&ended, bytes).unwrap();
    let mirror = open(folder.path());
    assert!(mirror.spill.removals().len() > 10_000);
    let full = mirror.spill.write(removal("BG-2")).unwrap_err();
    assert_eq!(full.kind(), ErrorKind::StorageFull);
    let after = fs::metadata(folder.path().join("ended")).unwrap();
    assert_eq!(after.size(), before.size());
}
