//! Ids that carry the instant of their making, and instants as Discord writes them.
//!
//! <https://docs.discord.com/developers/reference#snowflakes>

use chrono::{DateTime, SecondsFormat};
use serde_json::Value;

/// The first instant of 2015, in milliseconds since the Unix epoch.
const EPOCH_MS: i64 = 1_420_070_400_000;

/// Makes ids, each larger than all before.
#[derive(Debug, Default)]
pub(super) struct Snowflakes(i64);

impl Snowflakes {
    /// A new id, made at `now_ms`.
    pub(super) fn next(&mut self, now_ms: i64) -> String {
        self.0 = ((now_ms - EPOCH_MS) << 22).max(self.0 + 1);
        self.0.to_string()
    }
}

/// When an id was made, in milliseconds since the Unix epoch.
pub(super) fn made_at_ms(id: &str) -> i64 {
    id.parse::<i64>().map_or(0, |id| (id >> 22) + EPOCH_MS)
}

/// An instant as Discord writes it: RFC 3339 with microseconds and an offset.
pub(super) fn instant(ms: i64) -> String {
    let instant = DateTime::from_timestamp_millis(ms).unwrap_or_default();
    instant.to_rfc3339_opts(SecondsFormat::Micros, false)
}

/// Whether `value` is this id; clients may send ids as numbers.
pub(super) fn is_id(value: &Value, id: &str) -> bool {
    value == id
        || value
            .as_u64()
            .is_some_and(|number| number.to_string() == id)
}

/// Whether `text` is a snowflake: 1 to 20 digits.
pub(super) fn is_one(text: &str) -> bool {
    text.parse::<u64>().is_ok() && text.bytes().all(|byte| byte.is_ascii_digit())
}
