//! Questions to a small policy, asked as `ann` for `db/write` on a Monday, and the answers in one line.

mod circumstances;
mod guards;
mod paths;
mod people;

use super::*;
use crate::fact::Known;
use crate::policy::tests::{file, question};
use crate::ruling::Severity;

/// A Monday, 11:00 UTC.
const MONDAY: Timestamp = Timestamp::from_millis(1_772_449_200_000);

const BASE: &str = "\
version = 1
person = [
  { id = 'ann' }, { id = 'bea' }, { id = 'cy', employment = 'contractor' }, { id = 'dan' },
  { id = 'guy', guest = true }, { id = 'lea' },
]
group = [
  { id = 'ops', members = ['ann', 'cy', 'guy'], slack_usergroup = 'S1' },
  { id = 'sec', members = ['bea', 'guy'], slack_usergroup = 'S2' },
  { id = 'leads', members = ['lea'], slack_usergroup = 'S3' },
]
target = [
  { id = 'db', sensitivity = 'high', blast_radius = 'team', provisioner = 'pg', owners = ['person:dan'],
    roles = [{ id = 'read', grants = 'r' }, { id = 'write', grants = 'w' }] },
  { id = 'dev', sensitivity = 'low', blast_radius = 'service', provisioner = 'pg',
    roles = [{ id = 'write', grants = 'w' }] },
]
[defaults]
reviewers = ['group:sec']
";

fn policy(rules: &str) -> Policy {
    let text = format!("{BASE}{rules}");
    Policy::parse(&[file("p", &text)]).unwrap_or_else(|faults| panic!("{faults}"))
}

fn rule(id: &str, keys: &str) -> String {
    let usual = [
        ("who", "['group:ops']"),
        ("roles", "['db/write']"),
        ("approvals", "[{ from = ['group:sec'], count = 1 }]"),
    ];
    let usual = usual
        .iter()
        .filter(|(key, _)| !keys.contains(&format!("{key} = ")));
    let usual: Vec<_> = usual
        .map(|(key, value)| format!("{key} = {value}\n"))
        .collect();
    format!("[[rule]]\nid = '{id}'\n{keys}\n{}", usual.concat())
}

/// The ruling in one line.
fn in_short(ruling: &Ruling) -> String {
    match &ruling.answer {
        Answer::Allow(paths) => {
            let paths = paths.iter().map(|path| {
                let rule = path.terms.rule.to_string();
                if path.fillable {
                    rule
                } else {
                    format!("{rule} (unfillable)")
                }
            });
            format!(
                "{} by {}",
                ruling.duration,
                paths.collect::<Vec<_>>().join(", ")
            )
        }
        Answer::Deny(denial) => {
            let mut words = vec!["no".to_owned()];
            words.extend(denial.guard.iter().map(|guard| format!("guard {guard}")));
            words.extend(
                denial
                    .longest
                    .iter()
                    .map(|longest| format!("longest {longest}")),
            );
            let unknown: Vec<_> = denial.unknown.keys().cloned().collect();
            let could: Vec<_> = denial
                .could_ask
                .iter()
                .map(|(t, r)| format!("{t}/{r}"))
                .collect();
            for (label, names) in [("unknown", unknown), ("could ask", could)] {
                words.extend((!names.is_empty()).then(|| format!("{label} {}", names.join(" "))));
            }
            words.join(", ")
        }
    }
}

/// Asks as `ann` for `db/write`, with changes to question and facts.
fn check(rules: &str, change: impl FnOnce(&mut Question, &mut Facts), expected: &str) {
    let (mut question, mut facts) = (question("ann", "db/write"), Facts::default());
    change(&mut question, &mut facts);
    let ruling = policy(rules).answer(&question, &facts, MONDAY);
    assert_eq!(
        in_short(&ruling),
        expected,
        "{rules}\n{question:?}\n{ruling:?}"
    );
}

fn as_asked(_: &mut Question, _: &mut Facts) {}

fn lasting(length: &'static str) -> impl Fn(&mut Question, &mut Facts) {
    move |question, _| question.duration = Some(length.parse().unwrap())
}

fn asked_by(person: &'static str) -> impl Fn(&mut Question, &mut Facts) {
    move |question, _| question.requester = person.parse().unwrap()
}

fn unknown(names: &'static [&'static str]) -> impl Fn(&mut Question, &mut Facts) {
    move |_, facts| {
        for name in names {
            facts.suppose_unknown(name).unwrap();
        }
    }
}

fn supposing(facts: &'static [(&'static str, &'static str)]) -> impl Fn(&mut Question, &mut Facts) {
    move |_, known| {
        for (key, value) in facts {
            known.suppose(key, value).unwrap();
        }
    }
}
