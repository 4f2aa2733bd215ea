//! The values of `context.*` for one question, each known or unknown with a why.

use std::cell::OnceCell;
use std::fmt;
use std::sync::LazyLock;

use cedar_policy::{Context, Entities, EntityUid, Request, RestrictedExpression};

use crate::fact::Known;

use super::condition::{Key, Kind};

/// A value of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    Bool(bool),
    Long(i64),
    Word(&'static str),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Long(value) => value.fmt(f),
            Self::Word(value) => value.fmt(f),
        }
    }
}

/// Cedar wants a principal, an action and a resource; conditions can't read them.
static NOBODY: LazyLock<Option<EntityUid>> = LazyLock::new(|| "Person::\"nobody\"".parse().ok());

/// What conditions can read.
#[derive(Debug, Clone)]
pub(super) struct Circumstances {
    values: [Known<Value>; Key::ALL.len()],
    entities: Entities,
    request: OnceCell<Option<Request>>,
}

impl Default for Circumstances {
    /// All known, all as harmless as can be.
    fn default() -> Self {
        let values = Key::ALL.map(|key| {
            Known::Known(match key.kind() {
                Kind::Bool => Value::Bool(false),
                Kind::Long(least, _) => Value::Long(least),
                Kind::Word(words) => Value::Word(words.first().copied().unwrap_or_default()),
            })
        });
        Self {
            values,
            entities: Entities::empty(),
            request: OnceCell::new(),
        }
    }
}

impl Circumstances {
    pub(super) fn set(&mut self, key: Key, value: Known<Value>) {
        self.values[key as usize] = value;
        self.request.take();
    }

    /// The value, if it is known.
    pub(super) fn get(&self, key: Key) -> Option<Value> {
        self.values[key as usize].value().copied()
    }

    /// Why it is unknown, if it is.
    pub(super) fn unknown(&self, key: Key) -> Option<&str> {
        match &self.values[key as usize] {
            Known::Known(_) => None,
            Known::Unknown(why) => Some(why),
        }
    }

    /// `context.on_call is false`, `context.on_call is unknown: no answer from Slack`
    pub(super) fn describe(&self, key: Key) -> String {
        let name = key.as_str();
        match &self.values[key as usize] {
            Known::Known(value) => format!("context.{name} is {value}"),
            Known::Unknown(why) => format!("context.{name} is unknown: {why}"),
        }
    }

    /// What Cedar evaluates against, made once; unknown values aren't in it.
    pub(super) fn request(&self) -> Option<&Request> {
        self.request.get_or_init(|| self.to_request()).as_ref()
    }

    pub(super) const fn entities(&self) -> &Entities {
        &self.entities
    }

    fn to_request(&self) -> Option<Request> {
        let pairs = Key::ALL.into_iter().filter_map(|key| {
            let value = match self.get(key)? {
                Value::Bool(value) => RestrictedExpression::new_bool(value),
                Value::Long(value) => RestrictedExpression::new_long(value),
                Value::Word(value) => RestrictedExpression::new_string(value.to_owned()),
            };
            Some((key.as_str().to_owned(), value))
        });
        let context = Context::from_pairs(pairs).ok()?;
        let nobody = NOBODY.as_ref()?;
        Request::new(
            nobody.clone(),
            nobody.clone(),
            nobody.clone(),
            context,
            None,
        )
        .ok()
    }
}
