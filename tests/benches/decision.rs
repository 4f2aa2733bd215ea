//! One decision by a policy of 10 to 10,000 rules and 100 guards, against Cedar's own call on the same rules.
//!
//! Two layouts: `spread`, ten rules for each target, as policies grow; and `one_target`, where every rule can
//! apply. The guards are for any target. At the end it prints how our time stands to Cedar's.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench is read in the terminal and stops when its own policy is wrong"
)]

use std::hint::black_box;

use breakglass_core::document::SourceFile;
use breakglass_core::fact::Facts;
use breakglass_core::id::Platform;
use breakglass_core::policy::Policy;
use breakglass_core::ruling::{Answer, Question};
use breakglass_core::time::Timestamp;
use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request, RestrictedExpression,
};
use criterion::measurement::{Measurement, WallTime};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

/// A Monday, 11:00 UTC.
const MONDAY: Timestamp = Timestamp::from_millis(1_772_449_200_000);
const GUARDS: usize = 100;
const GROUPS: usize = 20;

#[derive(Debug, Clone, Copy)]
enum Layout {
    Spread,
    OneTarget,
}

impl Layout {
    const fn name(self) -> &'static str {
        match self {
            Self::Spread => "spread",
            Self::OneTarget => "one_target",
        }
    }

    const fn target(self, rule: usize) -> usize {
        match self {
            Self::Spread => rule / 10,
            Self::OneTarget => 0,
        }
    }
}

/// A condition that holds, and is no other's.
fn condition(rule: usize) -> String {
    format!(
        "context.severity <= 2 && context.open_grants < {}",
        rule + 1
    )
}

fn guard_condition(guard: usize) -> String {
    format!("context.denied_1h && context.requests_24h > {guard}")
}

fn policy(rules: usize, layout: Layout) -> Policy {
    let mut text =
        vec!["version = 1\nperson = [{ id = 'maya' }, { id = 'bo' }, { id = 'lee' }]\n".to_owned()];
    for group in 0..GROUPS {
        text.push(format!(
            "[[group]]\nid = 'g{group}'\nmembers = ['maya', 'bo', 'lee']\n"
        ));
    }
    for target in 0..=layout.target(rules - 1) {
        text.push(format!(
            "[[target]]\nid = 'host{target}x'\nsensitivity = 'high'\nprovisioner = 'p'\n\
             roles = [{{ id = 'admin', grants = 'a' }}]\n"
        ));
    }
    text.push("[defaults]\nreviewers = ['group:g0']\n".to_owned());
    for rule in 0..rules {
        text.push(format!(
            "[[rule]]\nid = 'r{rule}'\nwho = ['group:g{}']\nroles = ['host{}x/admin']\nwhen = '{}'\n\
             approvals = [{{ from = ['group:g1'], count = 1 }}]\n",
            rule % GROUPS,
            layout.target(rule),
            condition(rule),
        ));
    }
    for guard in 0..GUARDS {
        text.push(format!(
            "[[guard]]\nid = 'x{guard}'\nwho = ['everyone']\nroles = ['*/*']\nwhen = '{}'\n",
            guard_condition(guard),
        ));
    }
    let file = SourceFile {
        name: "bench.toml".to_owned(),
        text: text.concat(),
    };
    Policy::parse(&[file]).expect("the policy is sound")
}

fn cedar(rules: usize, layout: Layout) -> PolicySet {
    let rules = (0..rules).map(|rule| {
        format!(
            "permit(principal in Group::\"g{}\", action, resource == Role::\"host{}x/admin\") when {{ {} }};",
            rule % GROUPS,
            layout.target(rule),
            condition(rule),
        )
    });
    let guards = (0..GUARDS).map(|guard| {
        format!(
            "forbid(principal, action, resource) when {{ {} }};",
            guard_condition(guard)
        )
    });
    rules
        .chain(guards)
        .collect::<String>()
        .parse()
        .expect("Cedar reads it")
}

fn uid(text: &str) -> EntityUid {
    text.parse().expect("an entity")
}

fn entities() -> Entities {
    let groups: Vec<_> = (0..GROUPS)
        .map(|group| serde_json::json!({ "type": "Group", "id": format!("g{group}") }))
        .collect();
    let maya = serde_json::json!([
        { "uid": { "type": "Person", "id": "maya" }, "attrs": {}, "parents": groups }
    ]);
    Entities::from_json_value(maya, None).expect("entities")
}

/// Asks Cedar as a program would that holds no more than the policies: the request is made each time.
fn cedar_decides(set: &PolicySet, entities: &Entities) -> Decision {
    let number = RestrictedExpression::new_long;
    let yes_no = RestrictedExpression::new_bool;
    let context = Context::from_pairs([
        ("severity".to_owned(), number(1)),
        ("open_grants".to_owned(), number(0)),
        ("requests_24h".to_owned(), number(0)),
        ("denied_1h".to_owned(), yes_no(false)),
        ("on_call".to_owned(), yes_no(false)),
        ("risk".to_owned(), number(50)),
    ]);
    let request = Request::new(
        uid("Person::\"maya\""),
        uid("Action::\"ask\""),
        uid("Role::\"host0x/admin\""),
        context.expect("a context"),
        None,
    );
    Authorizer::new()
        .is_authorized(&request.expect("a request"), set, entities)
        .decision()
}

fn question() -> Question {
    Question {
        requester: "maya".parse().expect("an id"),
        beneficiary: "maya".parse().expect("an id"),
        target: "host0x".parse().expect("an id"),
        role: "admin".parse().expect("an id"),
        duration: None,
        severity: 1_u8.try_into().ok(),
        incident: None,
        platform: Platform::Slack,
    }
}

fn decisions(criterion: &mut Criterion) {
    let (question, facts, entities) = (question(), Facts::default(), entities());
    let mut table = Vec::new();
    for layout in [Layout::Spread, Layout::OneTarget] {
        let mut group = criterion.benchmark_group(format!("decision/{}", layout.name()));
        group.sample_size(20);
        for rules in [10, 100, 1_000, 10_000] {
            let (policy, set) = (policy(rules, layout), cedar(rules, layout));
            let ours = || policy.answer(&question, &facts, MONDAY);
            let cedars = || cedar_decides(&set, &entities);
            assert!(matches!(ours().answer, Answer::Allow(_)), "it is allowed");
            assert_eq!(cedars(), Decision::Allow);
            group.bench_function(BenchmarkId::new("breakglass", rules), |b| b.iter(ours));
            group.bench_function(BenchmarkId::new("cedar", rules), |b| b.iter(cedars));
            let applying = if matches!(layout, Layout::Spread) {
                rules.min(10)
            } else {
                rules
            };
            table.push((
                layout,
                rules,
                applying + GUARDS,
                micros(ours),
                micros(cedars),
            ));
        }
        group.finish();
    }
    println!("\nlayout      rules  can apply  ours [us]  aim [us]  cedar [us]  ours/cedar");
    for (layout, rules, applying, ours, cedars) in table {
        let aim = 20 + applying;
        let ratio = ours / cedars;
        println!(
            "{:<10} {rules:>6} {applying:>10} {ours:>10.1} {aim:>9} {cedars:>11.1} {ratio:>11.3}",
            layout.name()
        );
    }
}

/// The median time of one call.
fn micros<T>(call: impl Fn() -> T) -> f64 {
    let mut times: Vec<_> = (0..101)
        .map(|_| {
            let started = WallTime.start();
            black_box(call());
            WallTime.end(started)
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6
}

criterion_group!(benches, decisions);
criterion_main!(benches);
