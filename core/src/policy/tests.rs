use super::*;

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
