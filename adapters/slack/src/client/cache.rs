//! Look-ups that are remembered for minutes: fresh ones are used, old ones are looked up again, older ones are unknown.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use breakglass_core::port::chat::ChatError;
use tokio::time::Instant;

/// Keys remembered at most; beyond, all are forgotten and looked up again.
const KEYS_MAX: usize = 20_000;

type Entry<V> = Arc<tokio::sync::Mutex<Option<(Instant, V)>>>;

/// Answers by key, each looked up by one caller at a time.
#[derive(Debug)]
pub(super) struct Cache<V> {
    entries: Mutex<HashMap<String, Entry<V>>>,
    fresh: Duration,
    usable: Duration,
}

impl<V: Clone> Cache<V> {
    /// Answers are used without asking for `fresh`, and for `usable` when asking fails.
    pub(super) fn new(fresh: Duration, usable: Duration) -> Self {
        Self {
            entries: Mutex::new(HashMap::new()),
            fresh,
            usable,
        }
    }

    /// The answer for `key`, looked up if it isn't fresh at `now`.
    pub(super) async fn get(
        &self,
        key: &str,
        now: Instant,
        look_up: impl Future<Output = Result<V, ChatError>>,
    ) -> Result<V, ChatError> {
        let entry = self.entry(key);
        let mut held = entry.lock().await;
        if let Some((at, value)) = &*held
            && now.saturating_duration_since(*at) < self.fresh
        {
            return Ok(value.clone());
        }
        match look_up.await {
            Ok(value) => {
                *held = Some((now, value.clone()));
                Ok(value)
            }
            // What Slack answers counts; only when it doesn't answer is the old good enough.
            Err(error @ (ChatError::Limited(_) | ChatError::Unavailable(_))) => match &*held {
                Some((at, value)) if now.saturating_duration_since(*at) < self.usable => {
                    Ok(value.clone())
                }
                Some(_) | None => Err(error),
            },
            Err(error) => {
                *held = None;
                Err(error)
            }
        }
    }

    fn entry(&self, key: &str) -> Entry<V> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= KEYS_MAX && !entries.contains_key(key) {
            entries.clear();
        }
        Arc::clone(entries.entry(key.to_owned()).or_default())
    }
}
