//! Random histories: whatever people, targets and clocks do, what must hold holds.

mod town;

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::world::{failed, gone, held};
use crate::command::{Fault, Outcome};
use crate::deadline::Deadline;
use crate::event::tests::EVENTS;
use crate::event::{Event, Record, Seen};
use town::Town;

const PEOPLE: [&str; 11] = [
    "maya", "bo", "dana", "cy", "ines", "lee", "tess", "zoe", "carl", "gus", "left",
];
const ROLES: [&str; 5] = [
    "orders-db/admin",
    "orders-db/admin",
    "orders-db/read",
    "staging-db/admin",
    "crm/read",
];

/// One thing that happens.
#[derive(Debug, Clone)]
enum Step {
    Ask(&'static str, &'static str, &'static str, Option<u8>),
    Approve(&'static str, Index, Option<&'static str>),
    /// By everybody, one after the other.
    ApproveAll(Index),
    /// One more for `maya`, as fast as it can be had.
    Grant(&'static str),
    Deny(&'static str, Index),
    Confirm(&'static str, Index),
    ConfirmOwn(Index),
    AskForApproval(Index),
    /// Approvers are asked, stay silent, and what is offered then is taken, sooner or later.
    TakeAfterSilence(Index, i64),
    Withdraw(Index),
    GiveBack(Index),
    Revoke(&'static str, Index),
    /// All reviews, by everybody who can.
    CloseReviews,
    Lock(bool),
    Due(Index, Deadline),
    /// A target answers anything, to an attempt that began this long ago.
    Report(Index, Outcome, i64),
    RuleAgain(Index),
    /// Another policy, by which all that waits is ruled again, or not yet.
    Policy(usize, bool),
    Leave(&'static str),
    Often(bool),
    Pass(i64),
    /// All deadlines that are due.
    Tick,
    /// The worker looks at a holding, and the target does it, or not. It reports later.
    Work(Index, TargetAnswer),
    /// Somebody gives or takes at a target by our own login, and a look at it shows that.
    Meddle(Index),
    /// A report arrives: the newest, or an old one once more.
    Deliver(Option<Index>),
}

fn who() -> impl Strategy<Value = &'static str> {
    select(&PEOPLE[..])
}

fn deadline() -> impl Strategy<Value = Deadline> {
    select(vec![
        Deadline::Lapse,
        Deadline::Escalate(0),
        Deadline::Silence,
        Deadline::GiveUp,
        Deadline::Remind,
        Deadline::Expire,
        Deadline::Stick,
        Deadline::ReviewOverdue,
    ])
}

fn outcome() -> impl Strategy<Value = Outcome> {
    select(vec![
        Outcome::Given,
        Outcome::Given,
        held(),
        gone(),
        gone(),
        failed(Fault::Passing, 1),
        failed(Fault::Passing, 3),
        failed(Fault::Lasting, 1),
    ])
}

/// What comes of a call.
#[derive(Debug, Clone, Copy)]
enum TargetAnswer {
    Does,
    Fails,
}

/// What people and the clock do.
fn life() -> BoxedStrategy<Step> {
    let index = any::<Index>;
    let cut = || select(vec![None, None, Some("10m"), Some("1s")]);
    let severity = || select(vec![None, Some(1)]);
    let asked_for = || select(vec!["", "", "", "maya", "bo"]);
    let wanted = (
        select(vec!["maya", "maya", "bo", "tess", "dana", "carl", "gus"]),
        asked_for(),
        select(&ROLES[..]),
        severity(),
    );
    prop_oneof![
        16 => wanted.prop_map(|(who, other, role, severity)| {
            Step::Ask(who, if other.is_empty() { who } else { other }, role, severity)
        }),
        16 => select(&ROLES[2..4]).prop_map(Step::Grant),
        12 => (select(&PEOPLE[1..6]), index(), cut()).prop_map(|(who, at, cut)| Step::Approve(who, at, cut)),
        4 => (who(), index(), cut()).prop_map(|(who, at, cut)| Step::Approve(who, at, cut)),
        12 => index().prop_map(Step::ApproveAll),
        3 => (who(), index()).prop_map(|(who, at)| Step::Deny(who, at)),
        2 => (who(), index()).prop_map(|(who, at)| Step::Confirm(who, at)),
        6 => index().prop_map(Step::ConfirmOwn),
        2 => index().prop_map(Step::AskForApproval),
        2 => (index(), select(vec![0, 1_000, 299_999, 300_000])).prop_map(|(at, late)| Step::TakeAfterSilence(at, late)),
        2 => index().prop_map(Step::Withdraw),
        12 => index().prop_map(Step::GiveBack),
        3 => (who(), index()).prop_map(|(who, at)| Step::Revoke(who, at)),
        2 => Just(Step::CloseReviews),
        2 => select(vec![true, false, false]).prop_map(Step::Lock),
        6 => (index(), deadline()).prop_map(|(at, deadline)| Step::Due(at, deadline)),
        2 => index().prop_map(Step::RuleAgain),
        4 => (0..4_usize, any::<bool>()).prop_map(|(which, again)| Step::Policy(which, again)),
        1 => select(&PEOPLE[..6]).prop_map(Step::Leave),
        2 => select(vec![true, false, false]).prop_map(Step::Often),
        8 => select(vec![1, 1_000, 60_000, 299_999, 300_000]).prop_map(Step::Pass),
        2 => select(vec![600_000, 1_800_000]).prop_map(Step::Pass),
        8 => Just(Step::Tick),
    ]
    .boxed()
}

/// With targets that answer anything, and a clock that jumps back.
fn lies() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => life(),
        2 => (any::<Index>(), outcome(), select(vec![0, 0, 0, 1, 30_000, -30_000]))
            .prop_map(|(at, outcome, ago)| Step::Report(at, outcome, ago)),
        1 => select(vec![0, 0, 0, -1, -500, -2_000, -90_000]).prop_map(Step::Pass),
    ]
}

/// With targets that do what they say, late and twice.
fn truth() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => life(),
        3 => (any::<Index>(), select(vec![TargetAnswer::Does, TargetAnswer::Does, TargetAnswer::Fails]))
            .prop_map(|(at, answer)| Step::Work(at, answer)),
        3 => Just(Step::Deliver(None)),
        1 => any::<Index>().prop_map(Step::Meddle),
        1 => any::<Index>().prop_map(|at| Step::Deliver(Some(at))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_history_breaks_the_rules(steps in prop::collection::vec(lies(), 1..120)) {
        let mut town = Town::new();
        for step in &steps {
            town.step(step);
        }
        town.world.check();
    }

    #[test]
    fn what_is_said_of_targets_is_so_and_everything_ends(steps in prop::collection::vec(truth(), 1..120)) {
        let mut town = Town::new();
        for step in &steps {
            town.step(step);
        }
        town.end();
        town.world.check();
    }
}
/// The histories would prove little if nothing happened in them.
#[test]
fn histories_reach_everything_that_happens_to_a_request() {
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    let mut kept = 0;
    for _ in 0..128 {
        let steps = prop::collection::vec(truth(), 1..120);
        let mut town = Town::new();
        for step in &steps.new_tree(&mut runner).unwrap().current() {
            town.step(step);
        }
        town.end();
        seen.extend(town.world.log.iter().map(|record| record.event.name()));
        let by_another = |record: &&&Record| {
            matches!(
                &record.event,
                Event::Ended {
                    seen: Seen::KeptBy(_),
                    ..
                }
            )
        };
        kept += town.world.events("ended").iter().filter(by_another).count();
    }
    let not_by_histories = [
        "approvals_voided",
        "use_described",
        "started",
        "attempt_refused",
        "link_offered",
        "linked",
        "unlinked",
        "removed_unrecorded",
        "right_lost",
        "preflighted",
        "attested",
        "attestation_refuted",
        "paged",
        "page_failed",
    ];
    let missing: Vec<_> = EVENTS
        .iter()
        .filter(|name| !seen.contains(*name) && !not_by_histories.contains(name))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(kept > 10, "{kept}");
}
