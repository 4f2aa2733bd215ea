//! A small share of the schedules, and every one that once found something.

use crate::{Schedule, run, shrink};

#[test]
fn no_schedule_breaks_a_rule() {
    for seed in 0..2_000 {
        let schedule = Schedule::new(seed);
        if let Err(broken) = run(&schedule) {
            let (schedule, broken) = shrink(schedule, broken);
            panic!("seed {seed}: {broken}\n{schedule:#?}");
        }
    }
}

#[test]
fn a_seed_is_always_the_same_schedule() {
    assert_eq!(Schedule::new(7), Schedule::new(7));
    assert_ne!(Schedule::new(7), Schedule::new(8));
}
