//! A strict reader of TOML files: it knows which keys were asked for, and tells every fault with its place.
//!
//! A [`Document`] is one parsed file. From its [root](Document::root) one walks through [`Table`]s and
//! [`Field`]s, each knowing where it is written. Nothing returns early: a getter that can't give a value
//! records a [`Fault`] and gives `None`, so that all faults come in one go. A key that nobody asked for by
//! the time its table is dropped is a fault too, with the nearest key that was asked for.
//!
//! ```
//! use breakglass_core::document::Document;
//!
//! let document = Document::parse("shop.toml", "[door]\nopns = '8h'\n");
//! let door = document.root().need("door").table();
//! assert!(door.is_some_and(|door| door.get("opens").length().is_none()));
//! let faults = document.finish();
//! assert_eq!(faults.to_string(), "shop.toml:2:1: door.opns: unknown key; did you mean opens?\n");
//! ```

mod fault;
mod field;
mod nearest;
mod table;

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::DeTable;

pub use fault::{Fault, Faults, Place};
pub use field::Field;
pub use nearest::nearest;
pub use table::Table;

/// A file that somebody has read: the name that faults carry, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// As it is shown to people, such as `people/sre.toml`.
    pub name: String,
    /// All of it.
    pub text: String,
}

/// One TOML file, parsed as far as it can be.
#[derive(Debug)]
pub struct Document<'t> {
    name: Arc<str>,
    text: &'t str,
    tree: Spanned<DeTable<'t>>,
    /// Where each line starts, in bytes.
    lines: Vec<usize>,
    faults: RefCell<Vec<Fault>>,
}

impl<'t> Document<'t> {
    /// Parses `text`; what is wrong with it is told by [`finish`](Self::finish).
    pub fn parse(name: &str, text: &'t str) -> Self {
        let (tree, errors) = DeTable::parse_recoverable(text);
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0)
            .chain(newlines.map(|(at, _)| at + 1))
            .collect();
        let document = Self {
            name: name.into(),
            text,
            tree,
            lines,
            faults: RefCell::default(),
        };
        for error in errors {
            let place = document.place(error.span().unwrap_or_default(), String::new());
            document.record(place.fault(error.message()));
        }
        document
    }

    /// The table that the whole file is.
    pub fn root(&self) -> Table<'_> {
        Table::new(self, String::new(), 0..0, self.tree.get_ref())
    }

    /// Adds a fault that the caller found.
    pub fn record(&self, fault: Fault) {
        self.faults.borrow_mut().push(fault);
    }

    /// All faults found so far, sorted by place; empty if there are none.
    pub fn finish(self) -> Faults {
        Faults::sorted(self.faults.into_inner())
    }

    fn place(&self, span: Range<usize>, key: String) -> Place {
        let start = span.start.min(self.text.len());
        let line = self.lines.partition_point(|&begin| begin <= start);
        let begin = self
            .lines
            .get(line.saturating_sub(1))
            .copied()
            .unwrap_or_default();
        let column = self
            .text
            .get(begin..start)
            .map_or(0, |before| before.chars().count())
            + 1;
        Place {
            file: Arc::clone(&self.name),
            line,
            column,
            key,
        }
    }
}
