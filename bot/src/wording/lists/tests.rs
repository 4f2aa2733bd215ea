use breakglass_core::document::SourceFile;

use super::*;

#[test]
fn a_list_says_that_it_shows_not_all() {
    let policy = SourceFile {
        name: "policy.toml".to_owned(),
        text: include_str!("../../demo/policy.toml").to_owned(),
    };
    let policy = Policy::parse(&[policy]).unwrap();
    let all: Vec<_> = (0..=LINES_MAX)
        .map(|number| (format!("db-{number}"), "read".to_owned()))
        .collect();
    let heading = |some: usize| {
        let list = may_ask(&policy, &all[..some]);
        assert_eq!(list.lines.len(), some.min(LINES_MAX));
        list.heading
    };
    assert_eq!(heading(LINES_MAX), "You may ask for");
    assert_eq!(heading(LINES_MAX + 1), "You may ask for · the first 20");
}
