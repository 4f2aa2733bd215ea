//! Every record ever written decodes for ever, is written the same again, and comes to the same state.

use std::collections::BTreeSet;

use super::{Event, RECORD_VERSION, Record};
use crate::log::{Frontier, TreeHash, canonical};
use crate::state::{Request, State};

/// Records of version 1, a line each. Lines are added, never changed: logs have them.
const GOLDEN: &str = include_str!("golden/v1.jsonl");

/// The root over them: whoever changes one notices. New lines move it.
const GOLDEN_ROOT: &str = "f6cb2479c375d154cc18a44ed300d7038710be4d27f16ef41f314e4569bbf28c";

/// All events, in the order of [`place`].
pub(crate) const EVENTS: [&str; 40] = [
    "requested",
    "denied_by_policy",
    "confirmed",
    "terms_changed",
    "approval_given",
    "approvals_voided",
    "approved",
    "denied",
    "withdrawn",
    "lapsed",
    "escalated",
    "activated",
    "reminded",
    "provision_failed",
    "ending_started",
    "deprovision_failed",
    "stuck",
    "ended",
    "review_opened",
    "review_overdue",
    "review_closed",
    "use_described",
    "lockdown_started",
    "lockdown_ended",
    "policy_loaded",
    "started",
    "attempt_refused",
    "link_offered",
    "linked",
    "unlinked",
    "reconciled",
    "removed_unrecorded",
    "right_lost",
    "preflighted",
    "attested",
    "attestation_refuted",
    "unanswered",
    "glass_offered",
    "paged",
    "page_failed",
];

/// A new event stops the build here: it needs a place, a name above, and a golden line.
const fn place(event: &Event) -> usize {
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
        Event::LinkOffered { .. } => 27,
        Event::Linked { .. } => 28,
        Event::Unlinked { .. } => 29,
        Event::Reconciled { .. } => 30,
        Event::RemovedUnrecorded { .. } => 31,
        Event::RightLost => 32,
        Event::Preflighted { .. } => 33,
        Event::Attested { .. } => 34,
        Event::AttestationRefuted => 35,
        Event::Unanswered => 36,
        Event::GlassOffered { .. } => 37,
        Event::Paged { .. } => 38,
        Event::PageFailed { .. } => 39,
    }
}

fn golden() -> impl Iterator<Item = (&'static str, Record)> {
    GOLDEN.lines().map(|line| {
        let record = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        (line, record)
    })
}

#[test]
fn old_records_decode_and_are_written_the_same_again() {
    for (line, record) in golden() {
        assert_eq!(record.v, RECORD_VERSION);
        let bytes = canonical(&record).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), line);
        assert_eq!(EVENTS[place(&record.event)], record.event.name());
    }
}

#[test]
fn there_is_an_old_record_of_every_event() {
    let kept: BTreeSet<_> = golden().map(|(_, record)| record.event.name()).collect();
    let missing: Vec<_> = EVENTS.iter().filter(|name| !kept.contains(*name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_name_of_an_event_is_its_type_in_the_log() {
    for (line, record) in golden() {
        let fields: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(fields["type"], record.event.name());
    }
}

#[test]
fn no_old_record_was_ever_changed() {
    let mut frontier = Frontier::new();
    for (line, record) in golden() {
        frontier.append(TreeHash::of_leaf(line.as_bytes()));
        assert_eq!(frontier.size(), record.seq);
    }
    assert_eq!(frontier.root().to_string(), GOLDEN_ROOT);
}

#[test]
fn old_records_come_to_the_same_state() {
    let mut state = State::default();
    golden().for_each(|(_, record)| state.apply(&record));
    let phases: Vec<&str> = state.requests.values().map(Request::phase_name).collect();
    assert_eq!(
        phases,
        [
            "denied",
            "ended",
            "ended",
            "denied",
            "withdrawn",
            "lapsed",
            "denied",
            "ended",
            "ended",
            "approved",
            "denied",
            "pending"
        ]
    );
    assert_eq!(state.next_request, 15);
}
