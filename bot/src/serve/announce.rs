//! What is said at a start: version, configuration, hosts, and what changed since last time.

use std::collections::BTreeMap;
use std::sync::Arc;

use breakglass_core::command::{Actor, Command};
use breakglass_core::fact::Facts;

use crate::config::Config;
use crate::engine::Engine;

/// At most so many changed settings are named.
const CHANGES_MAX: usize = 20;

/// Records and announces the start.
pub(super) async fn start(engine: &Arc<Engine>, config: &Config) -> anyhow::Result<()> {
    let mut now = config.settings();
    now.insert("version".to_owned(), env!("CARGO_PKG_VERSION").to_owned());
    let store = engine.store();
    let last = store.last_start().await?;
    let last: Option<BTreeMap<String, String>> =
        last.and_then(|text: String| serde_json::from_str(&text).ok());
    let changes = last.map_or_else(Vec::new, |last| changes(&last, &now));
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let digest = config.digest().to_string();
    let is_host = |key: &str| matches!(key.rsplit_once('.'), Some((_, "host" | "api_url")));
    for (key, host) in now.iter().filter(|(key, _)| is_host(key)) {
        tracing::info!(%key, %host, "will call");
    }
    tracing::info!(%version, config = %digest, ?changes, "starting");
    let command = Command::Start {
        version,
        config: digest,
        changes,
    };
    engine
        .submit(Actor::Server, command, Facts::default())
        .await?;
    let body = serde_json::to_string(&now).unwrap_or_default();
    Ok(store.keep_start(&body, engine.clock().now()).await?)
}

fn changes(last: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Vec<String> {
    let none = "–".to_owned();
    let keys: std::collections::BTreeSet<&String> = last.keys().chain(now.keys()).collect();
    keys.into_iter()
        .filter_map(|key| {
            let (old, new) = (
                last.get(key).unwrap_or(&none),
                now.get(key).unwrap_or(&none),
            );
            (old != new).then(|| format!("{key}: {old} → {new}"))
        })
        .take(CHANGES_MAX)
        .collect()
}
