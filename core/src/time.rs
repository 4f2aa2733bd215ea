//! Instants and lengths of time: wall-clock milliseconds, and durations written `90s`, `30m`, `1h30m`.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, TimeZone, Utc};
use serde::{Deserialize, Serialize};

/// A wall-clock instant in whole milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The instant this many milliseconds after the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The instant `length` later, at most the greatest that can be told.
    #[must_use]
    pub const fn plus(self, length: Length) -> Self {
        Self(self.0.saturating_add(length.millis()))
    }

    /// The instant `length` earlier, at least the smallest that can be told.
    #[must_use]
    pub const fn minus(self, length: Length) -> Self {
        Self(self.0.saturating_sub(length.millis()))
    }

    /// Milliseconds from `earlier` to here; negative if `earlier` is later.
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The same instant for calendar questions.
    pub fn to_utc(self) -> DateTime<Utc> {
        Utc.timestamp_millis_opt(self.0)
            .single()
            .unwrap_or_default()
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(instant: DateTime<Utc>) -> Self {
        Self(instant.timestamp_millis())
    }
}

impl FromStr for Timestamp {
    type Err = chrono::ParseError;

    /// Takes RFC 3339.
    fn from_str(text: &str) -> Result<Self, chrono::ParseError> {
        Ok(DateTime::parse_from_rfc3339(text)?
            .with_timezone(&Utc)
            .into())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_utc().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A length of time in whole seconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Length(u32);

impl Length {
    /// This many seconds.
    pub const fn from_secs(secs: u32) -> Self {
        Self(secs)
    }

    /// This many minutes, at most what fits.
    pub const fn from_mins(mins: u32) -> Self {
        Self(mins.saturating_mul(60))
    }

    /// Whole seconds.
    pub const fn secs(self) -> u32 {
        self.0
    }

    /// Milliseconds.
    pub const fn millis(self) -> i64 {
        self.0 as i64 * 1000
    }
}

/// Why a text is not a length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write a duration like 90s, 30m or 1h30m")]
pub struct LengthError;

impl FromStr for Length {
    type Err = LengthError;

    /// Takes `90s`, `30m`, `1h30m`, `2d`: each unit at most once, largest first, no spaces.
    fn from_str(text: &str) -> Result<Self, LengthError> {
        let mut rest = text;
        let mut secs: u32 = 0;
        for (unit, worth) in [('d', 86_400_u32), ('h', 3600), ('m', 60), ('s', 1)] {
            let Some((number, after)) = rest.split_once(unit) else {
                continue;
            };
            if number.is_empty() || number.len() > 9 || !number.bytes().all(|b| b.is_ascii_digit())
            {
                return Err(LengthError);
            }
            let number: u32 = number.parse().map_err(|_| LengthError)?;
            let part = number.checked_mul(worth).ok_or(LengthError)?;
            secs = secs.checked_add(part).ok_or(LengthError)?;
            rest = after;
        }
        if rest.is_empty() && !text.is_empty() {
            Ok(Self(secs))
        } else {
            Err(LengthError)
        }
    }
}

impl fmt::Display for Length {
    /// As people read it: `1 h 30 min`, `30 min`, `45 s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hours, mins, secs) = (self.0 / 3600, self.0 / 60 % 60, self.0 % 60);
        let mut parts = Vec::new();
        if hours > 0 {
            parts.push(format!("{hours} h"));
        }
        if mins > 0 {
            parts.push(format!("{mins} min"));
        }
        if secs > 0 || parts.is_empty() {
            parts.push(format!("{secs} s"));
        }
        f.write_str(&parts.join(" "))
    }
}

impl fmt::Debug for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
