//! A value of a document, or the place where it would be, with typed getters.

use std::fmt::Display;
use std::ops::{Range, RangeInclusive};
use std::str::FromStr;

use toml::de::DeValue;

use crate::time::{Length, Timestamp};

use super::{Document, Place, Table, nearest};

/// A key or an item of a list. Each getter gives `None` when it is absent, and also, after recording a
/// fault, when it is not what was asked for.
#[derive(Debug, Clone)]
pub struct Field<'d> {
    document: &'d Document<'d>,
    path: String,
    span: Range<usize>,
    value: Option<&'d DeValue<'d>>,
}

impl<'d> Field<'d> {
    pub(super) const fn new(
        document: &'d Document<'d>,
        path: String,
        span: Range<usize>,
        value: Option<&'d DeValue<'d>>,
    ) -> Self {
        Self {
            document,
            path,
            span,
            value,
        }
    }

    /// Is it there at all, right or wrong?
    pub const fn is_present(&self) -> bool {
        self.value.is_some()
    }

    /// Is it a piece of text?
    pub fn is_string(&self) -> bool {
        self.value.is_some_and(DeValue::is_str)
    }

    /// Where it is written, or, if it is absent, where its table begins.
    pub fn place(&self) -> Place {
        self.document.place(self.span.clone(), self.path.clone())
    }

    /// Records a fault here.
    pub fn fault(&self, message: impl Into<String>) {
        self.document.record(self.place().fault(message));
    }

    /// Records a fault here, with a guess at what was meant.
    pub fn fault_suggesting(
        &self,
        message: impl Into<String>,
        suggestion: Option<impl Into<String>>,
    ) {
        self.document
            .record(self.place().fault(message).suggest(suggestion));
    }

    /// A piece of text.
    pub fn string(&self) -> Option<String> {
        self.text().map(str::to_owned)
    }

    /// A piece of text that `T` can read, such as an id; the fault carries `T`'s reason.
    pub fn parse<T>(&self) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        let text = self.text()?;
        text.parse()
            .map_err(|error| self.fault(format!("{}: {error}", quoted(text))))
            .ok()
    }

    /// One of these words, as what it stands for.
    pub fn one_of<T: Copy>(&self, words: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*meaning);
        }
        let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        let message = format!("{} is not one of {}", quoted(text), known.join(", "));
        self.fault_suggesting(message, nearest(text, known));
        None
    }

    /// `true` or `false`.
    pub fn bool(&self) -> Option<bool> {
        let value = self.value?;
        value
            .as_bool()
            .or_else(|| self.expected("true or false", value))
    }

    /// A whole number within these bounds, which must fit `T`.
    pub fn integer<T>(&self, bounds: RangeInclusive<T>) -> Option<T>
    where
        T: TryFrom<i64> + PartialOrd + Display,
    {
        let value = self.value?;
        let Some(integer) = value.as_integer() else {
            return self.expected("a whole number", value);
        };
        let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.and_then(|number| T::try_from(number).ok());
        let within = number.filter(|number| bounds.contains(number));
        if within.is_none() {
            self.fault(format!("must be {} to {}", bounds.start(), bounds.end()));
        }
        within
    }

    /// A duration such as `"90s"` or `"1h30m"`.
    pub fn length(&self) -> Option<Length> {
        self.parse()
    }

    /// A duration within these bounds.
    pub fn length_in(&self, bounds: RangeInclusive<Length>) -> Option<Length> {
        let length = self.length()?;
        if !bounds.contains(&length) {
            let (least, most) = (bounds.start(), bounds.end());
            self.fault(format!("{length} is not within {least} and {most}"));
            return None;
        }
        Some(length)
    }

    /// An instant with its offset, written without quotes as TOML has it: `2026-03-02T02:14:00Z`.
    pub fn instant(&self) -> Option<Timestamp> {
        const INSTANT: &str = "an instant like 2026-03-02T02:14:00Z, without quotes";
        let value = self.value?;
        let read = value
            .as_datetime()
            .and_then(|datetime| datetime.to_string().parse().ok());
        read.or_else(|| self.expected(INSTANT, value))
    }

    /// The items of a list; `None` if it is absent or no list.
    pub fn items(&self) -> Option<Vec<Self>> {
        let value = self.value?;
        let Some(array) = value.as_array() else {
            return self.expected("a list", value);
        };
        let item = |(index, value): (usize, &'d toml::Spanned<DeValue<'d>>)| {
            let path = format!("{}[{index}]", self.path);
            Self::new(self.document, path, value.span(), Some(value.get_ref()))
        };
        Some(array.iter().enumerate().map(item).collect())
    }

    /// A list of texts that `T` can read. Items it can't read are faults and left out.
    pub fn list<T>(&self) -> Option<Vec<T>>
    where
        T: FromStr,
        T::Err: Display,
    {
        Some(self.items()?.iter().filter_map(Self::parse).collect())
    }

    /// A table.
    pub fn table(&self) -> Option<Table<'d>> {
        let value = self.value?;
        match value.as_table() {
            Some(entries) => Some(Table::new(
                self.document,
                self.path.clone(),
                self.span.clone(),
                entries,
            )),
            None => self.expected("a table", value),
        }
    }

    /// The tables of a list (`[[key]]`); empty if it is absent.
    pub fn tables(&self) -> Vec<Table<'d>> {
        self.items()
            .unwrap_or_default()
            .iter()
            .filter_map(Self::table)
            .collect()
    }

    fn text(&self) -> Option<&'d str> {
        let value = self.value?;
        value
            .as_str()
            .or_else(|| self.expected("a text in quotes", value))
    }

    fn expected<T>(&self, what: &str, value: &DeValue<'_>) -> Option<T> {
        self.fault(format!("must be {what}, not {}", described(value)));
        None
    }
}

/// What kind of value it is, in words.
const fn described(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// The text as it is safe and short enough to print.
fn quoted(text: &str) -> String {
    const CHARS_MAX: usize = 60;
    match text.char_indices().nth(CHARS_MAX) {
        Some((cut, _)) => format!("{:?}…", &text[..cut]),
        None => format!("{text:?}"),
    }
}
