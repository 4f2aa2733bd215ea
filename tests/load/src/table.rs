//! What was measured, beside what it may be.

use std::fmt::Display;
use std::time::Duration;

/// Measured figures, and whether each is within its bound.
#[derive(Debug, Default)]
pub(crate) struct Table {
    broken: usize,
}

impl Table {
    /// A figure for which nothing is promised.
    pub(crate) fn say(what: &str, value: impl Display) {
        println!("{what:<58} {value:>14}");
    }

    /// A figure that must be below `bound`.
    pub(crate) fn below(&mut self, what: &str, value: f64, (bound, unit): (f64, &str)) {
        let broken = value >= bound;
        self.broken += usize::from(broken);
        let verdict = if broken { "TOO MUCH" } else { "" };
        println!(
            "{what:<58} {:>14} < {bound} {unit} {verdict}",
            format!("{value:.1} {unit}")
        );
    }

    /// Something that must not have happened even once.
    pub(crate) fn none(&mut self, what: &str, many: usize) {
        self.broken += usize::from(many > 0);
        println!(
            "{what:<58} {many:>14} {}",
            if many > 0 { "NOT GOOD" } else { "" }
        );
    }

    /// Was every bound kept?
    pub(crate) const fn is_good(&self) -> bool {
        self.broken == 0
    }
}

pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
