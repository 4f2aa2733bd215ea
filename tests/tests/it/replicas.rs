//! Two replicas on one PostgreSQL, and a crowd that asks and decides through both, while one after the other is killed, put to
//! sleep, or cut off.

mod crowd;
mod firm;
mod trouble;
mod verdict;
mod watch;

use std::time::Duration;

use breakglass_tests::effort::effort;

use firm::Firm;
use trouble::{Replica, Troubles};
use watch::Watch;

/// Whatever was held by a replica that slept is free by then, and told.
const QUIET_WITHIN: Duration = Duration::from_secs(150);

/// Numbers that look random, the same ones for the same seed.
#[derive(Debug, Clone)]
struct Chance(u64);

impl Chance {
    fn of(seed: u32, who: u32) -> Self {
        let mut chance = Self(u64::from(seed) << 32 | u64::from(who));
        chance.below(1);
        chance
    }

    /// From 0 on.
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((mixed ^ (mixed >> 31)) % u64::from(end)).unwrap()
    }

    fn millis(&mut self, from: u32, to: u32) -> Duration {
        Duration::from_millis((from + self.below(to - from)).into())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(
    clippy::print_stdout,
    reason = "the seed repeats it, and the counts say how much was tried"
)]
async fn two_replicas_in_trouble_decide_once_and_end_everything() {
    let requests = effort("BREAKGLASS_TEST_REPLICAS", 20);
    let seed = effort("BREAKGLASS_TEST_SEED", 1);
    println!("two replicas: {requests} requests, seed {seed}");
    let firm = Firm::found((requests / 5).clamp(8, 40)).await;
    let watch = Watch::begin(&firm).await;
    let replicas = [
        Replica::start(&firm, 0).await,
        Replica::start(&firm, 1).await,
    ];
    assert!(firm.hears(2).await, "both are connected");

    let mut troubles = Troubles::new(&replicas, Chance::of(seed, 0), requests);
    let approvers = crowd::decide(&firm, seed);
    let asked = tokio::select! {
        asked = crowd::ask(&firm, seed, requests) => asked,
        () = troubles.go_on() => unreachable!("there is always trouble"),
    };
    troubles.heal();
    let quiet = firm.is_quiet(QUIET_WITHIN).await;
    let decided = crowd::nothing_asks(&firm).await;
    drop(approvers);
    let logs: Vec<String> = replicas.iter().map(Replica::log).collect();
    assert!(quiet.is_ok(), "{}\n{}", quiet.unwrap_err(), logs.join("\n"));
    assert!(decided, "a card still asks: {}", logs.join("\n"));
    let held = watch.end().await;
    let verdict = verdict::judge(&firm, &held, &troubles).await;
    println!("seed {seed}, {asked} lines typed, {troubles}: {verdict}");
    let fine = verdict.wrongs.is_empty();
    assert!(
        fine,
        "seed {seed}: {:#?}\n{}",
        verdict.wrongs,
        logs.join("\n")
    );
    let panicked = logs.iter().find(|log| log.contains("panicked at"));
    assert_eq!(panicked, None, "seed {seed}");
}
