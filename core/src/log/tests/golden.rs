//! Logs of older versions decode for ever: a line of every event as it was written when its version came out.
//!
//! A field is added with a default, a golden line is never changed. A new event gets a line at the end.

use std::collections::BTreeSet;

use crate::event::{Event, Record};
use crate::log::{Frontier, TreeHash, canonical};
use crate::state::State;

const V1: &str = include_str!("../golden/v1.log");

/// The root over all lines: whoever changes one notices.
const V1_ROOT: &str = "062f00b92ff1d9281b7f75aeddf0ff0631d2f9db59512838a3aa4695467fb1e0";

fn records() -> impl Iterator<Item = (&'static str, Record)> {
    V1.lines()
        .map(|line| (line, serde_json::from_str(line).expect(line)))
}

#[test]
fn every_line_decodes_and_is_still_written_the_same_way() {
    for (line, record) in records() {
        assert_eq!(
            String::from_utf8(canonical(&record).unwrap()).unwrap(),
            line
        );
    }
}

#[test]
fn no_line_was_ever_changed() {
    let mut frontier = Frontier::new();
    for (line, record) in records() {
        frontier.append(TreeHash::of_leaf(line.as_bytes()));
        assert_eq!(frontier.size(), record.seq);
    }
    assert_eq!(frontier.root().to_string(), V1_ROOT);
}

#[test]
fn there_is_a_line_for_every_event() {
    let found: BTreeSet<usize> = records().map(|(_, record)| number(&record.event)).collect();
    assert_eq!(found, (0..EVENTS).collect());
}

#[test]
fn the_lines_come_to_a_state() {
    let mut state = State::default();
    for (_, record) in records() {
        state.apply(&record);
    }
    let phases: Vec<&str> = state
        .requests
        .values()
        .map(crate::state::Request::phase_name)
        .collect();
    assert_eq!(phases, ["ended", "withdrawn", "denied", "lapsed", "denied"]);
    assert_eq!(state.next_request, 6);
}

const EVENTS: usize = 27;

/// A new event doesn't compile until it has a number, and then wants a line.
fn number(event: &Event) -> usize {
    match event {
        Event::Requested(_) => 0,
        Event::DeniedByPolicy(_) => 1,
        Event::Confirmed { .. } => 2,
        Event::TermsChanged(_) => 3,
        Event::ApprovalGiven { .. } => 4,
        Event::ApprovalsVoided { .. } => 5,
        Event::Approved(_) => 6,
        Event::Denied { .. } => 7,
        Event::Withdrawn => 8,
        Event::Lapsed => 9,
        Event::Escalated { .. } => 10,
        Event::Activated { .. } => 11,
        Event::Reminded => 12,
        Event::ProvisionFailed { .. } => 13,
        Event::EndingStarted { .. } => 14,
        Event::DeprovisionFailed { .. } => 15,
        Event::Stuck { .. } => 16,
        Event::Ended { .. } => 17,
        Event::ReviewOpened { .. } => 18,
        Event::ReviewOverdue => 19,
        Event::ReviewClosed { .. } => 20,
        Event::UseDescribed { .. } => 21,
        Event::LockdownStarted { .. } => 22,
        Event::LockdownEnded { .. } => 23,
        Event::PolicyLoaded { .. } => 24,
        Event::Started { .. } => 25,
        Event::AttemptRefused(_) => 26,
    }
}
