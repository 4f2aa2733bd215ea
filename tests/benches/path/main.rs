//! From a slash command, or an approver's click, to access on the target: the real server between the sandbox
//! and a program, one path at a time and sixteen at once.
//!
//! - `acknowledged`: from when the sandbox has the payload to when it has our acknowledgement.
//! - `own part`: from when the sandbox has the payload to when `Activated` is committed, without the time inside
//!   the calls to the target, as `breakglass_target_call_seconds` has it. In it: the way through the socket, every
//!   commit with its flush, every wait for a worker, a lock or a processor, and whatever the sandbox takes from the
//!   same machine meanwhile. Not in it: starting `/bin/true` and waiting for its end. A slash command has two
//!   such ways, which are added: until the person can read "Get access now?", the one call to chat that this takes
//!   included, and from their click on.
//! - `whole`: from when the sandbox has the first payload to when the person's "Active" message stands in the
//!   sandbox, to the millisecond; what was to be drawn and posted before it included.
//!
//! Else no path waits for chat before its access is active: accounts were looked up in the first rounds, which
//! aren't counted, and what is shown is sent afterwards. PostgreSQL is the server that `BREAKGLASS_TEST_POSTGRES`
//! names, as `tests/run` starts it: without fsync.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark is read in the terminal, and stops when it can't go on"
)]

mod journal;
mod office;

use std::time::Duration;

use breakglass_tests::place::{Kind, Place};
use futures_util::future::join_all;

use journal::Journal;
use office::{Act, Office, PEOPLE, Timed};

/// Measured paths in each row.
const SAMPLES: usize = 320;

/// What it should be.
const AIM: Duration = Duration::from_millis(50);

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(all());
}

async fn all() {
    let journal = Journal::install();
    let metrics = breakglass::meter::install().expect("only we count");
    println!(
        "{:<9} {:>7}  {:<6} {:<13} {:>9} {:>9} {:>9}",
        "database", "at once", "from", "", "p50 ms", "p99 ms", "max ms"
    );
    for kind in Kind::ALL {
        for at_once in [1, PEOPLE] {
            let Some(place) = Place::new(kind).await else {
                println!("postgres: BREAKGLASS_TEST_POSTGRES is not set, so it is left out");
                return;
            };
            let office = Office::open(&place, journal.clone(), metrics.clone()).await;
            for act in [Act::Slash, Act::Click] {
                let timed = measure(&office, act, at_once).await;
                tell(kind, at_once, act, &timed);
            }
            office.close().await;
        }
    }
}

/// Rounds of paths that begin together. The first rounds, one for each person, only warm up.
async fn measure(office: &Office, act: Act, at_once: usize) -> Vec<Timed> {
    let mut timed = Vec::new();
    let warm_up = PEOPLE / at_once;
    for round in 0..warm_up + SAMPLES / at_once {
        let people = (0..at_once).map(|number| (round * at_once + number) % PEOPLE);
        let people: Vec<usize> = people.collect();
        let asked = join_all(people.iter().map(|&person| office.prepare(act, person))).await;
        office.quiet().await;
        let cards: Vec<_> = people
            .iter()
            .zip(asked)
            .map(|(&person, request)| (person, office.card(person, &request), request))
            .collect();
        let before = office.target_secs();
        let active = join_all(cards.into_iter().map(|(person, card, request)| async move {
            match (act, card) {
                (Act::Click, Some(card)) => office.click(person, request, card).await,
                (Act::Click, None) => panic!("{request} has no card"),
                (Act::Slash, _) => office.slash(person).await,
            }
        }))
        .await;
        let after = office.target_secs();
        office.quiet().await;
        let paths = active.iter().map(|path| {
            let at_target = after[path.person] - before[path.person];
            office.timed(path, Duration::from_secs_f64(at_target))
        });
        if round >= warm_up {
            timed.extend(paths);
        }
        join_all(active.iter().map(|path| office.end(path))).await;
        office.quiet().await;
    }
    timed
}

fn tell(kind: Kind, at_once: usize, act: Act, timed: &[Timed]) {
    let part = |which: fn(&Timed) -> Duration| timed.iter().map(which).collect();
    let rows: [(&str, Vec<Duration>); 3] = [
        ("acknowledged", part(|timed| timed.acknowledged)),
        ("own part", part(|timed| timed.own)),
        ("whole", part(|timed| timed.whole)),
    ];
    for (name, mut sorted) in rows {
        sorted.sort_unstable();
        let at = |percent: usize| sorted[(sorted.len() - 1) * percent / 100];
        let [p50, p99, max] = [at(50), at(99), at(100)];
        let missed = name != "whole" && p99 >= AIM;
        println!(
            "{:<9} {at_once:>7}  {:<6} {name:<13} {:>9.1} {:>9.1} {:>9.1}{}",
            kind.name(),
            act.name(),
            millis(p50),
            millis(p99),
            millis(max),
            if missed { "  over the aim" } else { "" },
        );
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
