//! The fold takes what a log may say, and nothing else.

use std::collections::BTreeMap;

use crate::decide::tests::world::{World, genesis};
use crate::event::Record;
use crate::state::Request;

/// A log with every phase of a grant's life in it, and how each of its events is called.
fn lived() -> (World, BTreeMap<&'static str, Record>) {
    let mut world = World::new();
    let id = world.ended();
    assert_eq!(world.close_review("ines", id), "review_closed");
    let by_name = world
        .log
        .iter()
        .map(|record| (record.event.name(), record.clone()))
        .collect();
    (world, by_name)
}

#[test]
fn what_is_over_stays_over_whatever_a_log_says() {
    let (world, by_name) = lived();
    for record in by_name.values() {
        let mut state = world.state.clone();
        state.apply(record);
        assert_eq!(state, world.state, "{}", record.event.name());
    }
}

#[test]
fn events_out_of_order_change_nothing() {
    let (world, _) = lived();
    for skipped in 0..world.log.len() {
        let mut state = genesis();
        for record in &world.log[..skipped] {
            state.apply(record);
        }
        let before = state.clone();
        for record in world.log[skipped..].iter().skip(1).rev() {
            let mut other = before.clone();
            other.apply(record);
            let name = record.event.name();
            let may = matches!(
                (
                    before.requests.values().next().map(Request::phase_name),
                    name
                ),
                (Some("pending"), "approval_given" | "approved")
                    | (Some("approved"), "activated" | "ending_started")
            );
            let same = (&other.requests, &other.holdings) == (&before.requests, &before.holdings);
            assert!(same || may, "{name} after {skipped}");
        }
    }
}
