//! How dangerous a request is, 0 to 100, and why.
//!
//! Sensitivity (low 5, medium 15, high 25, critical 40), blast radius (service 0, team 5, company 15,
//! public 20) and signals: first time on the target 10; odd hour 5 (before 7, from 20, or at the weekend, in
//! the policy's time zone); denied within the last hour 5; burst 5 (three requests or more in the last 24
//! hours, before this one). A signal that couldn't be looked up counts as if it were so.

use chrono::{Datelike as _, Timelike as _, Weekday};
use chrono_tz::Tz;

use crate::fact::{Facts, Known};
use crate::ruling::{Risk, RiskFactor};
use crate::time::Timestamp;

use super::{BlastRadius, Sensitivity, Target};

/// From so many requests in 24 hours on it is a burst.
const BURST: u32 = 3;

/// The hour and the weekday (1 Monday to 7), in the policy's time zone.
pub(super) fn hour_and_weekday(now: Timestamp, timezone: Tz) -> (u32, u32) {
    let local = now.to_utc().with_timezone(&timezone);
    (local.hour(), local.weekday().number_from_monday())
}

/// Adds it up. `first_time` is told apart from the facts, since they are about one target.
pub(super) fn risk(
    target: &Target,
    first_time: &Known<bool>,
    facts: &Facts,
    (now, timezone): (Timestamp, Tz),
) -> Risk {
    let mut factors = vec![
        sensitivity(target.sensitivity),
        blast_radius(target.blast_radius),
    ];
    let burst = match &facts.requests_24h {
        Known::Known(count) => Known::Known(*count >= BURST),
        Known::Unknown(why) => Known::Unknown(why.clone()),
    };
    let odd = Known::Known(is_odd_hour(now, timezone));
    factors.extend(
        [
            signal("first_time", 10, "first time on this target", first_time),
            signal("odd_hour", 5, "outside working hours", &odd),
            signal(
                "denied_1h",
                5,
                "denied within the last hour",
                &facts.denied_1h,
            ),
            signal("burst", 5, "many requests in 24 hours", &burst),
        ]
        .into_iter()
        .flatten(),
    );
    let score = factors
        .iter()
        .fold(0_u8, |sum, factor| sum.saturating_add(factor.points));
    Risk {
        score: score.min(100),
        factors,
    }
}

/// Why the score is a guess, if one of the signals is unknown.
pub(super) fn unknown_signal(first_time: &Known<bool>, facts: &Facts) -> Option<String> {
    let why = |name: &str, why: &String| Some(format!("{name}: {why}"));
    match (first_time, &facts.denied_1h, &facts.requests_24h) {
        (Known::Unknown(reason), _, _) => why("first_time", reason),
        (_, Known::Unknown(reason), _) => why("denied_1h", reason),
        (_, _, Known::Unknown(reason)) => why("requests_24h", reason),
        (Known::Known(_), Known::Known(_), Known::Known(_)) => None,
    }
}

fn is_odd_hour(now: Timestamp, timezone: Tz) -> bool {
    let (hour, weekday) = hour_and_weekday(now, timezone);
    !(7..20).contains(&hour) || weekday >= Weekday::Sat.number_from_monday()
}

fn sensitivity(sensitivity: Sensitivity) -> RiskFactor {
    let points = match sensitivity {
        Sensitivity::Low => 5,
        Sensitivity::Medium => 15,
        Sensitivity::High => 25,
        Sensitivity::Critical => 40,
    };
    factor(
        "sensitivity",
        points,
        format!("{} target", sensitivity.as_str()),
    )
}

fn blast_radius(reach: BlastRadius) -> RiskFactor {
    let (points, why) = match reach {
        BlastRadius::Service => (0, "one service"),
        BlastRadius::Team => (5, "team-wide"),
        BlastRadius::Company => (15, "company-wide"),
        BlastRadius::Public => (20, "public"),
    };
    factor("blast_radius", points, why)
}

fn signal(name: &str, points: u8, why: &str, fact: &Known<bool>) -> Option<RiskFactor> {
    match fact {
        Known::Known(false) => None,
        Known::Known(true) => Some(factor(name, points, why)),
        Known::Unknown(reason) => Some(factor(
            name,
            points,
            format!("perhaps {why} (unknown: {reason})"),
        )),
    }
}

fn factor(name: &str, points: u8, why: impl Into<String>) -> RiskFactor {
    RiskFactor {
        name: name.to_owned(),
        points,
        why: why.into(),
    }
}
