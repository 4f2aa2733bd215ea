//! The page of guarantees names tests that there are.

use std::collections::BTreeSet;
use std::path::Path;

/// A guarantee that names a test which is gone guarantees nothing.
#[test]
fn what_is_guaranteed_names_tests_that_there_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let page = std::fs::read_to_string(root.join("docs/guarantees.md")).unwrap();
    let is_name = |name: &&str| name.len() > 12 && name.bytes().all(is_of_name);
    let named: BTreeSet<&str> = page.split('`').skip(1).step_by(2).filter(is_name).collect();
    assert!(named.len() > 50, "{}", named.len());
    let mut sources = String::new();
    for folder in ["core", "adapters", "bot", "tests/tests"] {
        read_sources(&root.join(folder), &mut sources);
    }
    let missing: Vec<_> = named
        .iter()
        .filter(|name| !sources.contains(&format!("fn {name}(")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

const fn is_of_name(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// All Rust sources below, one after the other.
fn read_sources(folder: &Path, sources: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_sources(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}
