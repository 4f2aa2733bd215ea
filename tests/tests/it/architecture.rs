//! Dependencies point inwards: the core knows nobody, adapters know only the core.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Who may depend on whom, for more than tests. A new crate has no entry, which fails until it has its place.
const INWARDS: [(&str, &[&str]); 12] = [
    ("breakglass-core", &[]),
    ("breakglass-migrations", &[]),
    ("breakglass-sandbox", &[]),
    ("breakglass-sim", &["breakglass-core"]),
    ("breakglass-slack", &["breakglass-core"]),
    ("breakglass-discord", &["breakglass-core"]),
    ("breakglass-pagers", &["breakglass-core"]),
    ("breakglass-provisioners", &["breakglass-core"]),
    (
        "breakglass-store",
        &["breakglass-core", "breakglass-migrations"],
    ),
    (
        "breakglass",
        &[
            "breakglass-core",
            "breakglass-discord",
            "breakglass-migrations",
            "breakglass-pagers",
            "breakglass-provisioners",
            "breakglass-sandbox",
            "breakglass-slack",
            "breakglass-store",
        ],
    ),
    (
        "breakglass-load",
        &[
            "breakglass",
            "breakglass-core",
            "breakglass-sandbox",
            "breakglass-store",
        ],
    ),
    (
        "breakglass-tests",
        &[
            "breakglass",
            "breakglass-core",
            "breakglass-discord",
            "breakglass-migrations",
            "breakglass-provisioners",
            "breakglass-sandbox",
            "breakglass-slack",
            "breakglass-store",
        ],
    ),
];

/// What has no business anywhere under the core: runtimes, drivers, HTTP.
const NOT_UNDER_THE_CORE: [&str; 12] = [
    "async-std",
    "axum",
    "hyper",
    "libsqlite3-sys",
    "mio",
    "reqwest",
    "sea-orm",
    "serenity",
    "slack-morphism",
    "sqlx-core",
    "tokio",
    "tokio-postgres",
];

/// Package name to the names it depends on, without what only its tests use.
fn graph() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--offline",
            "--all-features",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();

    let packages = metadata["packages"].as_array().unwrap().iter();
    let names: BTreeMap<_, _> = packages
        .map(|p| (text(&p["id"]), text(&p["name"])))
        .collect();
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().unwrap() {
        let dependencies = node["deps"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|dependency| {
                dependency["dep_kinds"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|kind| kind["kind"] != "dev")
            });
        let dependencies = dependencies.map(|dependency| names[&text(&dependency["pkg"])].clone());
        graph
            .entry(names[&text(&node["id"])].clone())
            .or_default()
            .extend(dependencies);
    }
    graph
}

#[test]
fn dependencies_point_inwards() {
    let graph = graph();
    let ours = |name: &&String| *name == "breakglass" || name.starts_with("breakglass-");
    for (name, dependencies) in graph.iter().filter(|(name, _)| ours(name)) {
        let allowed = INWARDS.iter().find(|(known, _)| known == name);
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("{name} has no place in INWARDS"));
        for dependency in dependencies.iter().filter(ours) {
            assert!(
                allowed.contains(&dependency.as_str()),
                "{name} depends on {dependency}"
            );
        }
    }
}

#[test]
fn the_core_brings_no_runtime_driver_or_client() {
    let graph = graph();
    let mut reached = BTreeSet::new();
    let mut ahead = vec!["breakglass-core".to_owned()];
    while let Some(name) = ahead.pop() {
        if reached.insert(name.clone()) {
            ahead.extend(graph[&name].iter().cloned());
        }
    }
    assert!(
        reached.contains("cedar-policy"),
        "the walk goes past the core itself"
    );
    for banned in NOT_UNDER_THE_CORE {
        assert!(
            !reached.contains(banned),
            "{banned} is somewhere under the core"
        );
    }
}
