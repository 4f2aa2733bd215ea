//! A table of a document, which remembers the keys that were asked for.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

use toml::de::DeTable;

use super::{Document, Field, Place, nearest};

/// A table. Ask for every key it may have before you give up on it: when it is dropped, each key that
/// nobody asked for is a fault.
#[derive(Debug)]
pub struct Table<'d> {
    document: &'d Document<'d>,
    path: String,
    span: Range<usize>,
    entries: &'d DeTable<'d>,
    asked: RefCell<BTreeSet<String>>,
}

impl<'d> Table<'d> {
    pub(super) fn new(
        document: &'d Document<'d>,
        path: String,
        span: Range<usize>,
        entries: &'d DeTable<'d>,
    ) -> Self {
        Self {
            document,
            path,
            span,
            entries,
            asked: RefCell::default(),
        }
    }

    /// A key that may be absent.
    pub fn get(&self, key: &str) -> Field<'d> {
        self.asked.borrow_mut().insert(key.to_owned());
        let path = self.path_to(key);
        match self.entries.get(key) {
            Some(value) => Field::new(self.document, path, value.span(), Some(value.get_ref())),
            None => Field::new(self.document, path, self.span.clone(), None),
        }
    }

    /// A key whose absence is a fault.
    pub fn need(&self, key: &str) -> Field<'d> {
        let field = self.get(key);
        if !field.is_present() {
            field.fault("required key is missing");
        }
        field
    }

    /// The keys that are there, in alphabetical order: for tables whose keys are names.
    pub fn keys(&self) -> Vec<&'d str> {
        self.entries
            .keys()
            .map(|key| key.get_ref().as_ref())
            .collect()
    }

    /// Where it begins.
    pub fn place(&self) -> Place {
        self.document.place(self.span.clone(), self.path.clone())
    }

    /// Records a fault of the table as a whole.
    pub fn fault(&self, message: impl Into<String>) {
        self.document.record(self.place().fault(message));
    }

    fn path_to(&self, key: &str) -> String {
        let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let key = if key.chars().all(bare) {
            key.to_owned()
        } else {
            format!("{key:?}")
        };
        if self.path.is_empty() {
            key
        } else {
            format!("{}.{key}", self.path)
        }
    }
}

impl Drop for Table<'_> {
    fn drop(&mut self) {
        let asked = self.asked.take();
        for (key, _) in self.entries {
            let name: &str = key.get_ref();
            if asked.contains(name) {
                continue;
            }
            let place = self.document.place(key.span(), self.path_to(name));
            let free = asked
                .iter()
                .map(String::as_str)
                .filter(|k| !self.entries.contains_key(*k));
            self.document
                .record(place.fault("unknown key").suggest(nearest(name, free)));
        }
    }
}
