//! Numbers between us and the database, which knows only signed ones.

/// As the database keeps it; what doesn't fit is the greatest that does, which no counter of ours reaches.
pub(crate) fn to_db(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// As we use it; a negative one, which we never write, is 0.
pub(crate) fn from_db(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
