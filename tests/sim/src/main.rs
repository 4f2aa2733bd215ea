//! Runs schedules: `breakglass-sim [--schedules N] [--from SEED] [--replay SEED]`.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it tells what it found, and how fast it was"
)]

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use breakglass_sim::{Schedule, run, shrink};

/// As the server has it.
#[global_allocator]
static MEMORY: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str| {
        let place = words.iter().position(|word| word == name)?;
        words.get(place + 1)?.parse::<u64>().ok()
    };
    if let Some(seed) = number("--replay") {
        return tell(seed);
    }
    let (from, many) = (
        number("--from").unwrap_or(0),
        number("--schedules").unwrap_or(10_000),
    );
    let threads = number("--threads").unwrap_or(1);
    let (next, found) = (AtomicU64::new(from), AtomicU64::new(u64::MAX));
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + many || seed >= found.load(Ordering::Relaxed) {
                        return;
                    }
                    if run(&Schedule::new(seed)).is_err() {
                        found.fetch_min(seed, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let secs = began.elapsed().as_secs_f64();
    let seed = found.into_inner();
    if seed == u64::MAX {
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = many as f64 / secs;
        println!(
            "SIM: {many} schedules from seed {from}, 0 violations, {secs:.1} s, {rate:.0} schedules/s"
        );
        return ExitCode::SUCCESS;
    }
    println!("SIM: seed {seed}, after {} schedules", seed - from + 1);
    tell(seed)
}

/// What a seed breaks, as short as it can be.
fn tell(seed: u64) -> ExitCode {
    let schedule = Schedule::new(seed);
    match run(&schedule) {
        Ok(()) => {
            println!("seed {seed}: no violation");
            ExitCode::SUCCESS
        }
        Err(broken) => {
            let (schedule, broken) = shrink(schedule, broken);
            println!("seed {seed}: {broken}");
            println!(
                "replicas {}, two chats {}, dead target {:?}, unreadable target {:?}, the last calls {:?}, late by {}",
                schedule.replicas,
                schedule.two_chats,
                schedule.dead_target,
                schedule.unreadable,
                schedule.last,
                schedule.late_by
            );
            for step in &schedule.steps {
                println!("    {step:?}");
            }
            ExitCode::FAILURE
        }
    }
}
