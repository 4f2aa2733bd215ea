//! Holds a JSON value against a shape and notes each problem with its place.

use std::fmt;

use serde_json::Value;

use super::schema;

/// The shape of an object.
pub(super) struct Shape {
    /// Its `type`, unless it has none.
    pub(super) kind: Option<&'static str>,
    pub(super) fields: &'static [Field],
    /// What its fields must fulfil together.
    pub(super) also: fn(&mut Checker, &Value, &str),
}

/// One field of an object.
pub(super) struct Field {
    name: &'static str,
    rule: Rule,
    is_required: bool,
}

/// What a value must be.
pub(super) enum Rule {
    /// A plain text object with at most so many characters.
    Plain(usize),
    /// A plain text or mrkdwn object with at most so many characters.
    Text(usize),
    /// A string of 1 to so many characters.
    Name(usize),
    /// A string of at most so many characters.
    String(usize),
    Flag,
    Integer(i64, i64),
    /// One of these strings.
    Word(&'static [&'static str]),
    /// An object without `type`.
    Object(&'static Shape),
    /// An object whose `type` is one of these.
    One(&'static [&'static Shape]),
    /// Between so many and so many objects without `type`.
    Objects(&'static Shape, usize, usize),
    /// Between so many and so many objects whose `type` is one of these.
    Many(&'static [&'static Shape], usize, usize),
    /// At most so many strings.
    Names(usize),
    /// 1 to so many text objects of at most so many characters.
    Texts(usize, usize),
    /// 1 to so many text objects or images, as context has them.
    TextsOrImages(usize),
}

pub(super) const fn must(name: &'static str, rule: Rule) -> Field {
    Field {
        name,
        rule,
        is_required: true,
    }
}

pub(super) const fn may(name: &'static str, rule: Rule) -> Field {
    Field {
        name,
        rule,
        is_required: false,
    }
}

/// A shape without rules across its fields.
pub(super) const fn shape(kind: &'static str, fields: &'static [Field]) -> Shape {
    Shape {
        kind: Some(kind),
        fields,
        also: |_, _, _| (),
    }
}

/// What is wrong with blocks or a view, each with the place where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problems(Vec<Problem>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Problem {
    /// A JSON pointer below the blocks or the view.
    at: String,
    what: String,
}

impl Problems {
    /// As Slack words them, with JSON pointers that start at `root`.
    pub(crate) fn into_messages(self, root: &str) -> Vec<String> {
        let message = |Problem { at, what }| format!("[ERROR] {what} [json-pointer:{root}{at}]");
        self.0.into_iter().map(message).collect()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Problem { at, what }) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "; " };
            write!(
                f,
                "{comma}{what} at {}",
                if at.is_empty() { "/" } else { at }
            )?;
        }
        Ok(())
    }
}

/// Collects the problems of one message or view.
#[derive(Default)]
pub(super) struct Checker {
    problems: Vec<Problem>,
}

impl Checker {
    pub(super) fn finish(self) -> Result<(), Problems> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(Problems(self.problems))
        }
    }

    pub(super) fn problem(&mut self, at: &str, what: impl Into<String>) {
        self.problems.push(Problem {
            at: at.to_owned(),
            what: what.into(),
        });
    }

    pub(super) fn check(&mut self, rule: &Rule, value: &Value, at: &str) {
        match rule {
            Rule::Plain(max) => self.text(value, at, &["plain_text"], *max),
            Rule::Text(max) => self.text(value, at, &["plain_text", "mrkdwn"], *max),
            Rule::Name(max) => self.string(value, at, 1, *max),
            Rule::String(max) => self.string(value, at, 0, *max),
            Rule::Flag if value.is_boolean() => {}
            Rule::Flag => self.problem(at, "must be a boolean"),
            Rule::Integer(min, max) => {
                if !value.as_i64().is_some_and(|n| (*min..=*max).contains(&n)) {
                    self.problem(at, format!("must be an integer from {min} to {max}"));
                }
            }
            Rule::Word(words) => {
                if !value.as_str().is_some_and(|word| words.contains(&word)) {
                    self.problem(at, format!("must be one of {}", words.join(", ")));
                }
            }
            Rule::Object(shape) => self.object(shape, value, at),
            Rule::One(shapes) => self.one(shapes, value, at),
            Rule::Objects(shape, min, max) => {
                self.list(value, at, (*min, *max), |checker, item, at| {
                    checker.object(shape, item, at);
                });
            }
            Rule::Many(shapes, min, max) => {
                self.list(value, at, (*min, *max), |checker, item, at| {
                    checker.one(shapes, item, at);
                });
            }
            Rule::Texts(max, chars) => {
                self.list(value, at, (1, *max), |checker, item, at| {
                    checker.check(&Rule::Text(*chars), item, at);
                });
            }
            Rule::TextsOrImages(max) => {
                self.list(value, at, (1, *max), |checker, item, at| {
                    let is_image = item["type"] == "image";
                    let rule = if is_image {
                        Rule::One(schema::IMAGES)
                    } else {
                        Rule::Text(3_000)
                    };
                    checker.check(&rule, item, at);
                });
            }
            Rule::Names(max) => {
                self.list(value, at, (0, *max), |checker, item, at| {
                    checker.string(item, at, 1, 255);
                });
            }
        }
    }

    fn text(&mut self, value: &Value, at: &str, kinds: &[&str], max: usize) {
        let Some(map) = value.as_object() else {
            return self.problem(at, "must be a text object");
        };
        let kind = map.get("type").and_then(Value::as_str).unwrap_or_default();
        if !kinds.contains(&kind) {
            return self.problem(
                &format!("{at}/type"),
                format!("must be {}", kinds.join(" or ")),
            );
        }
        let flag = if kind == "mrkdwn" {
            "verbatim"
        } else {
            "emoji"
        };
        for (key, value) in map {
            let at = format!("{at}/{key}");
            match key.as_str() {
                "type" => {}
                "text" => self.string(value, &at, 1, max),
                key if key == flag && value.is_boolean() => {}
                _ => self.problem(&at, format!("invalid additional property: {key}")),
            }
        }
        if !map.contains_key("text") {
            self.problem(at, "missing required field: text");
        }
    }

    fn string(&mut self, value: &Value, at: &str, min: usize, max: usize) {
        let Some(text) = value.as_str() else {
            return self.problem(at, "must be a string");
        };
        let length = text.chars().count();
        if length < min {
            self.problem(at, format!("must be more than {} characters", min - 1));
        }
        if length > max {
            self.problem(at, format!("must be less than {} characters", max + 1));
        }
    }

    fn list(
        &mut self,
        value: &Value,
        at: &str,
        (min, max): (usize, usize),
        each: impl Fn(&mut Self, &Value, &str),
    ) {
        let Some(items) = value.as_array() else {
            return self.problem(at, "must be an array");
        };
        if items.len() < min {
            self.problem(at, format!("no less than {min} items"));
        }
        if items.len() > max {
            self.problem(at, format!("no more than {max} items"));
        }
        for (index, item) in items.iter().enumerate() {
            each(self, item, &format!("{at}/{index}"));
        }
    }

    fn one(&mut self, shapes: &[&Shape], value: &Value, at: &str) {
        let kind = value["type"].as_str().unwrap_or_default();
        match shapes.iter().find(|shape| shape.kind == Some(kind)) {
            Some(shape) => self.object(shape, value, at),
            None => self.problem(&format!("{at}/type"), format!("unsupported type: {kind}")),
        }
    }

    fn object(&mut self, shape: &Shape, value: &Value, at: &str) {
        let Some(map) = value.as_object() else {
            return self.problem(at, "must be an object");
        };
        for (key, value) in map {
            let at = format!("{at}/{key}");
            match shape.fields.iter().find(|field| field.name == key) {
                Some(field) => self.check(&field.rule, value, &at),
                None if key == "type" && shape.kind.is_some() => {}
                None => self.problem(&at, format!("invalid additional property: {key}")),
            }
        }
        for field in shape.fields.iter().filter(|field| field.is_required) {
            if !map.contains_key(field.name) {
                self.problem(at, format!("missing required field: {}", field.name));
            }
        }
        (shape.also)(self, value, at);
    }
}
