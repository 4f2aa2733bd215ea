//! How loud a library may be: quiet enough that no secret or payload of its making reaches a log line.

use tracing::Metadata;
use tracing::level_filters::LevelFilter;

/// Libraries that log tickets, tokens and payloads at every level (slack-morphism tells the socket's address,
/// which has its ticket in it, in an error): not a word. Our adapters tell their faults.
const SILENT: [&str; 2] = ["serenity", "slack_morphism"];

/// Libraries that put statements and frames into lines that aren't errors.
const CHATTY: [&str; 3] = ["sqlx", "tokio_tungstenite", "tungstenite"];

/// Our own crates choose their words, at every level; other libraries may warn.
pub(super) fn lets_pass(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    let library = target.split("::").next().unwrap_or(target);
    let loudest = if is_ours(library) {
        LevelFilter::TRACE
    } else if SILENT.contains(&library) {
        LevelFilter::OFF
    } else if CHATTY.contains(&library) {
        LevelFilter::ERROR
    } else {
        LevelFilter::WARN
    };
    *metadata.level() <= loudest
}

fn is_ours(library: &str) -> bool {
    library
        .strip_prefix("breakglass")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}
