//! Runs the examples of docs/policy.md: each `# policy: NAME` block with its `# cases: NAME`.

use std::collections::BTreeMap;

use breakglass_core::document::SourceFile;
use breakglass_core::policy::cases::{self, Report};
use breakglass_core::policy::{Key, Policy};

const PAGE: &str = include_str!("../../docs/policy.md");

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
fn the_page_names_all_that_a_condition_can_read() {
    for key in Key::ALL {
        assert!(
            PAGE.contains(&format!("`{}`", key.as_str())),
            "{}",
            key.as_str()
        );
    }
}
