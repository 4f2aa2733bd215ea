//! Runs the examples of docs/policy.md, each `# policy: NAME` block with its `# cases: NAME`, and of the README.

use std::collections::BTreeMap;

use breakglass_core::document::SourceFile;
use breakglass_core::policy::cases::{self, Report};
use breakglass_core::policy::{Key, Policy};

const PAGE: &str = include_str!("../../docs/policy.md");
const README: &str = include_str!("../../README.md");

/// The fenced TOML blocks, by the comment they begin with.
fn blocks() -> BTreeMap<&'static str, &'static str> {
    let fenced = PAGE
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    fenced
        .map(|block| {
            let heading = block.lines().next().unwrap_or_default();
            (heading.trim_start_matches("# "), block)
        })
        .collect()
}

fn file(name: &str, text: &str) -> SourceFile {
    SourceFile {
        name: name.to_owned(),
        text: text.to_owned(),
    }
}

#[test]
fn every_example_does_what_the_page_says() {
    let blocks = blocks();
    let base = blocks["policy: base"];
    let mut run = 0;
    for (heading, rules) in &blocks {
        let Some(name) = heading
            .strip_prefix("policy: ")
            .filter(|name| *name != "base")
        else {
            continue;
        };
        let policy = Policy::parse(&[file(name, &format!("{base}{rules}"))]);
        let policy = policy.unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(policy.warnings(), [], "{name}");
        let text = blocks[format!("cases: {name}").as_str()];
        let cases =
            cases::read(&file(name, text), &policy).unwrap_or_else(|faults| panic!("{faults}"));
        let mut report = Report::default();
        report.run(name, &cases, &policy);
        assert!(report.failures.is_empty(), "{report}");
        run += 1;
    }
    assert_eq!(
        blocks.len(),
        1 + 2 * run,
        "every block is a policy with its cases"
    );
}

#[test]
fn the_example_of_the_readme_does_what_it_says() {
    let (_, rest) = README.split_once("```toml\n[[rule]]").unwrap_or_default();
    let (rules, _) = rest.split_once("```").unwrap_or_default();
    let edge =
        "[[target]]\nid = 'edge'\nprovisioner = 'p'\nroles = [{ id = 'debug', grants = 'd' }]\n";
    let base = blocks()["policy: base"];
    let policy = Policy::parse(&[file("README", &format!("{base}{edge}[[rule]]{rules}"))]);
    let policy = policy.unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(policy.warnings(), []);
    let case = |keys: &str| format!("[[case]]\nname = 'it'\n{keys}\n");
    let text = [
        case(
            "as = 'maya'\nrole = 'orders-db/admin'\nincident = 'INC-1'\nexpect = 'allow'\nrule = 'two-people'",
        ),
        case(
            "as = 'maya'\nrole = 'edge/debug'\non_call = true\nexpect = 'allow'\napprovals = 'none'",
        ),
        case("as = 'maya'\nrole = 'edge/debug'\nunknown = ['on_call']\nexpect = 'deny'"),
        case(
            "as = 'carl'\nrole = 'orders-db/admin'\nexpect = 'deny'\nguard = 'no-contractor-admin'",
        ),
    ];
    let text = text.concat();
    let cases =
        cases::read(&file("README", &text), &policy).unwrap_or_else(|faults| panic!("{faults}"));
    let mut report = Report::default();
    report.run("README", &cases, &policy);
    assert_eq!(report.to_string(), "4 passed, 0 failed\n");
}

#[test]
fn the_page_names_all_that_a_condition_can_read() {
    for key in Key::ALL {
        assert!(
            PAGE.contains(&format!("`{}`", key.as_str())),
            "{}",
            key.as_str()
        );
    }
}
