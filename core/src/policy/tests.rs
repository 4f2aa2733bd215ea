use super::*;
use crate::ruling::Question;

const EXAMPLE: &str = include_str!("../../../docs/example/policy.toml");

pub(super) fn file(name: &str, text: &str) -> SourceFile {
    SourceFile {
        name: name.to_owned(),
        text: text.to_owned(),
    }
}

pub(super) fn example() -> Policy {
    Policy::parse(&[file("policy.toml", EXAMPLE)]).unwrap_or_else(|faults| panic!("{faults}"))
}

#[test]
fn the_example_has_neither_faults_nor_warnings() {
    assert_eq!(example().warnings(), []);
}

/// `person` asks for `target/role`, for themselves, on Slack, and says no more.
pub(super) fn question(person: &str, role: &str) -> Question {
    let (target, role) = role.split_once('/').unwrap();
    Question {
        requester: person.parse().unwrap(),
        beneficiary: person.parse().unwrap(),
        target: target.parse().unwrap(),
        role: role.parse().unwrap(),
        duration: None,
        severity: None,
        incident: None,
        platform: Platform::Slack,
    }
}
