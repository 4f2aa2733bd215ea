//! A seeded simulator: the real decisions, effects, dispatch and convergence, on a store, targets, chats, people and clocks
//! that do whatever could go wrong. Every rule is checked after every step; a seed is always the same run.
#![allow(
    clippy::fn_params_excessive_bools,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a simulation that can't go on has failed, a rule is kept or not; the core itself matches by name"
)]

mod cast;
mod chat;
mod clocks;
mod people;
mod reconcile;
mod replica;
mod rules;
mod shrink;
mod step;
mod store;
mod target;
#[cfg(test)]
mod tests;
mod town;

pub use shrink::shrink;
pub use step::{Fate, Schedule, Step, What};

/// Goes through a schedule and to the end of it; the rule that was broken, if one was.
pub fn run(schedule: &Schedule) -> Result<(), String> {
    let mut town = town::Town::new(schedule);
    for step in &schedule.steps {
        town.step(*step);
        if let Some(broken) = town.rules.broken.take() {
            return Err(broken);
        }
    }
    town.end(schedule);
    town.rules.broken.map_or(Ok(()), Err)
}
