//! What a rule has unless it says otherwise, and the limits of all durations.

use std::ops::RangeInclusive;

use crate::document::{Field, Table};
use crate::ruling::Selector;
use crate::time::Length;

use super::draft::{Draft, selectors};

const SECOND: Length = Length::from_secs(1);

/// A lease, its default, a window: 1 s to 24 h.
pub(super) const DAY: RangeInclusive<Length> = SECOND..=Length::from_mins(24 * 60);

/// How long a review may take: 1 s to 90 days, a quarter, after which nobody remembers.
const QUARTER: RangeInclusive<Length> = SECOND..=Length::from_mins(90 * 24 * 60);

/// Which grants somebody else looks at afterwards. Break-glass is always reviewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Review {
    /// Those of rules for emergencies.
    Emergency,
    /// Those that nobody approved.
    BreakGlass,
    /// All.
    Always,
    /// None but break-glass.
    Never,
}

/// How much the requester must and may write, in characters after NFC and trimming.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JustificationBounds {
    /// At least.
    pub min: u16,
    /// At most.
    pub max: u16,
}

/// The `[defaults]` table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defaults {
    /// Offered first.
    pub duration: Length,
    /// The longest lease.
    pub max_duration: Length,
    /// How long approvers have to answer.
    pub window: Length,
    /// Then an approved request that couldn't be granted ends.
    pub provision_within: Length,
    /// How much must be written.
    pub justification: JustificationBounds,
    /// Which grants are reviewed.
    pub review: Review,
    /// How long after the end.
    pub review_within: Length,
    /// By whom.
    pub reviewers: Vec<Selector>,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            duration: Length::from_mins(30),
            max_duration: Length::from_mins(60),
            window: Length::from_mins(10),
            provision_within: Length::from_mins(5),
            justification: JustificationBounds { min: 20, max: 500 },
            review: Review::Emergency,
            review_within: Length::from_mins(24 * 60),
            reviewers: Vec::new(),
        }
    }
}

impl Defaults {
    /// Reads the same keys from `[defaults]` or from a rule; what isn't there is as in `otherwise`.
    pub(super) fn read(table: &Table<'_>, otherwise: &Self, draft: &mut Draft) -> Self {
        let length = |key, bounds| table.get(key).length_in(bounds);
        let reviewers = table.get("reviewers");
        let chosen = selectors(&reviewers, draft);
        if chosen.as_ref().is_some_and(Vec::is_empty) {
            reviewers.fault("an empty list is nobody");
        }
        let longest = length("max_duration", DAY);
        let usual = length("duration", DAY);
        if usual > Some(longest.unwrap_or(otherwise.max_duration)) {
            table.get("duration").fault("is longer than max_duration");
        }
        let reviews = [
            ("emergency", Review::Emergency),
            ("break-glass", Review::BreakGlass),
            ("always", Review::Always),
            ("never", Review::Never),
        ];
        Self {
            duration: usual.unwrap_or(otherwise.duration),
            max_duration: longest.unwrap_or(otherwise.max_duration),
            window: length("window", DAY).unwrap_or(otherwise.window),
            provision_within: length("provision_within", DAY).unwrap_or(otherwise.provision_within),
            justification: justification(&table.get("justification"))
                .unwrap_or(otherwise.justification),
            review: table
                .get("review")
                .one_of(&reviews)
                .unwrap_or(otherwise.review),
            review_within: length("review_within", QUARTER).unwrap_or(otherwise.review_within),
            reviewers: chosen.unwrap_or_else(|| otherwise.reviewers.clone()),
        }
    }
}

fn justification(field: &Field<'_>) -> Option<JustificationBounds> {
    let table = field.table()?;
    let usual = Defaults::default().justification;
    let bound = |key, otherwise| table.get(key).integer(5..=2000).unwrap_or(otherwise);
    let bounds = JustificationBounds {
        min: bound("min", usual.min),
        max: bound("max", usual.max),
    };
    if bounds.min > bounds.max {
        field.fault("min is more than max");
    }
    Some(bounds)
}
