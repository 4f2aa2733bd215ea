//! Makes a schedule that breaks a rule as short as it can be and still break one.

use crate::run;
use crate::step::{Fate, Schedule, Step};

/// The shortest that still fails, and what it breaks.
pub fn shrink(mut schedule: Schedule, mut broken: String) -> (Schedule, String) {
    let mut size = schedule.steps.len().max(1);
    while size > 0 {
        let mut start = 0;
        while start < schedule.steps.len() {
            let mut shorter = schedule.clone();
            let end = (start + size).min(shorter.steps.len());
            shorter.steps.drain(start..end);
            if !keep(&mut schedule, &mut broken, shorter) {
                start += size;
            }
        }
        size /= 2;
    }
    for simpler in simpler(&schedule) {
        keep(&mut schedule, &mut broken, simpler);
    }
    for place in 0..schedule.steps.len() {
        let mut simpler = schedule.clone();
        simpler.steps[place] = plain(simpler.steps[place]);
        keep(&mut schedule, &mut broken, simpler);
    }
    (schedule, broken)
}

fn keep(schedule: &mut Schedule, broken: &mut String, other: Schedule) -> bool {
    let Err(rule) = run(&other) else { return false };
    *schedule = other;
    *broken = rule;
    true
}

fn simpler(schedule: &Schedule) -> Vec<Schedule> {
    let mut alone = schedule.clone();
    alone.replicas = 1;
    let mut plain = alone.clone();
    plain.two_chats = false;
    let mut alive = plain.clone();
    alive.dead_target = None;
    let mut well = alive.clone();
    well.last = None;
    vec![alone, plain, alive, well]
}

/// The same, when all goes well.
const fn plain(step: Step) -> Step {
    match step {
        Step::Handle(replica, which, _) => Step::Handle(replica, which, Fate::Good),
        Step::Tick(replica, _) => Step::Tick(replica, Fate::Good),
        Step::Work(replica, which, _) => Step::Work(replica, which, Fate::Good),
        Step::Call(replica, which, _) => Step::Call(replica, which, Fate::Good),
        Step::Act { who, what, on, .. } => Step::Act {
            who,
            what,
            on,
            twice: false,
        },
        other => other,
    }
}
