//! A small share of the schedules, and every one that once found something.

use crate::{Fate, Schedule, Step, run, shrink};

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

fn on_three_replicas(steps: &[Step]) -> Schedule {
    Schedule {
        replicas: 3,
        two_chats: false,
        dead_target: None,
        unreadable: None,
        steps: steps.to_vec(),
        last: None,
        late_by: 0,
    }
}

#[test]
fn no_post_overtakes_one_that_another_replica_has_in_hand() {
    assert_eq!(
        run(&on_three_replicas(&[Step::Grant(255, 211), Step::Run(220)])),
        Ok(())
    );
}

#[test]
fn whoever_slept_draws_no_old_picture_over_a_newer_one() {
    let steps = [
        Step::Grant(46, 33),
        Step::PassTo(0),
        Step::Work(252, 197, Fate::Good),
        Step::Run(143),
        Step::Tick(242, Fate::Good),
        Step::Work(103, 79, Fate::Good),
        Step::Grant(65, 240),
        Step::Work(187, 191, Fate::Good),
        Step::PassTo(-1),
        Step::Pass(17_000),
    ];
    assert_eq!(run(&on_three_replicas(&steps)), Ok(()));
}

#[test]
fn whoever_was_overtaken_says_nothing_of_what_they_saw() {
    let steps = [
        Step::Grant(134, 44),
        Step::Pass(1_900_000),
        Step::Tick(181, Fate::Good),
        Step::PassTo(0),
        Step::Run(168),
        Step::Grant(208, 197),
        Step::PassTo(1),
        Step::Run(224),
    ];
    assert_eq!(run(&on_three_replicas(&steps)), Ok(()));
}

#[test]
fn a_target_that_is_dead_for_an_hour_delays_no_other_and_is_done_with_afterwards() {
    for target in 0..2 {
        let schedule = Schedule {
            dead_target: Some(target),
            ..on_three_replicas(&[
                Step::Grant(0, 1),
                Step::Run(0),
                Step::Grant(0, 2),
                Step::Run(0),
            ])
        };
        assert_eq!(run(&schedule), Ok(()));
    }
}
