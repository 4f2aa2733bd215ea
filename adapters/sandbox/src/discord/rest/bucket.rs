//! Counts calls, so that too many of a kind are refused, and says how many are left.
//!
//! <https://docs.discord.com/developers/topics/rate-limits>

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use tokio::time::Instant;

use super::ApiError;
use super::route::Route;
use crate::discord::options::Bucket;

/// The calls of each bucket in its current window.
#[derive(Debug, Default)]
pub(in super::super) struct Tally(HashMap<u64, Window>);

#[derive(Debug)]
struct Window {
    ends_at: Instant,
    used: u32,
}

/// How a call stands to its bucket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    bucket: u64,
    limit: u32,
    used: u32,
    resets_after: Duration,
}

impl Tally {
    /// Counts one call on what its path names first: a channel, a guild, or an interaction's token.
    pub(super) fn count(&mut self, route: &Route, params: &[String], bucket: Bucket) -> Limits {
        let now = Instant::now();
        self.0.retain(|_, window| now < window.ends_at);
        let mut hasher = DefaultHasher::new();
        route.name().hash(&mut hasher);
        let named = hasher.finish();
        params
            .get(..route.major)
            .unwrap_or_default()
            .hash(&mut hasher);
        let window = self.0.entry(hasher.finish()).or_insert(Window {
            ends_at: now + bucket.window,
            used: 0,
        });
        window.used += 1;
        Limits {
            bucket: named,
            limit: bucket.limit,
            used: window.used,
            resets_after: window.ends_at - now,
        }
    }
}

impl Limits {
    /// What is answered if this was one call too many.
    pub(super) fn exceeded(&self) -> Option<ApiError> {
        let is_over = self.used > self.limit;
        is_over.then(|| ApiError::limited(self.resets_after.as_secs_f64()))
    }

    /// What the headers of the answer say.
    #[expect(clippy::cast_precision_loss, reason = "the year 287396 is far")]
    pub(super) fn headers(&self, now_ms: i64) -> [(&'static str, String); 5] {
        let after = self.resets_after.as_secs_f64();
        let resets_at = now_ms as f64 / 1000.0 + after;
        [
            ("x-ratelimit-limit", self.limit.to_string()),
            (
                "x-ratelimit-remaining",
                self.limit.saturating_sub(self.used).to_string(),
            ),
            ("x-ratelimit-reset", format!("{resets_at:.3}")),
            ("x-ratelimit-reset-after", format!("{after:.3}")),
            ("x-ratelimit-bucket", format!("{:016x}", self.bucket)),
        ]
    }
}
