//! Holds a JSON value against a shape and notes each problem along the body's own tree.

mod value;

use serde_json::{Map, Value, json};

/// The shape of an object.
pub(in super::super) struct Shape {
    pub(super) fields: &'static [Field],
    /// What its fields must fulfil together.
    pub(super) also: fn(&mut Checker, &Value, &[String]),
}

/// One field of an object.
pub(in super::super) struct Field {
    name: &'static str,
    rule: Rule,
    is_required: bool,
}

/// What a value must be.
pub(in super::super) enum Rule {
    /// A text of so many to so many characters.
    Text(usize, usize),
    /// A text that fits a pattern of its own, and what is wrong if it doesn't: a code and words.
    Form(fn(&str) -> bool, &'static str, &'static str),
    Integer(i64, i64),
    /// Any number.
    Number,
    Flag,
    Snowflake,
    /// An address of at most so many characters: `http` or `https`.
    Url(usize),
    /// An instant in RFC 3339.
    Instant,
    /// One of these numbers.
    OneOf(&'static [i64]),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A text of at most so many characters, or a number.
    Scalar(usize),
    /// A number of bits, as number or as text.
    Bits,
    Object(&'static Shape),
    /// So many to so many items.
    List(&'static Rule, usize, usize),
    /// As a list, with no item twice.
    Set(&'static Rule, usize, usize),
    /// An object whose `type` is one of these numbers.
    Union(&'static [(i64, &'static Shape)]),
    /// A text for each of some languages, as the rule says.
    Languages(&'static Rule),
    /// Anything: looked at elsewhere.
    Anything,
    /// Known to Discord, but not to the sandbox.
    NotHere,
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
pub(super) const fn shape(fields: &'static [Field]) -> Shape {
    Shape {
        fields,
        also: |_, _, _| (),
    }
}

/// Collects the problems of one body.
#[derive(Default)]
pub(in super::super) struct Checker {
    /// Where, with code and words.
    problems: Vec<(Vec<String>, &'static str, String)>,
    strays: Vec<String>,
}

impl Checker {
    /// The tree of errors; `Null` if there are none.
    pub(super) fn into_errors(self) -> Value {
        let mut tree = Value::Null;
        for (at, code, message) in self.problems {
            let mut node = &mut tree;
            for part in &at {
                if node.is_null() {
                    *node = Map::new().into();
                }
                node = &mut node[part.as_str()];
            }
            if node["_errors"].is_null() {
                node["_errors"] = json!([]);
            }
            if let Some(errors) = node["_errors"].as_array_mut() {
                errors.push(json!({"code": code, "message": message}));
            }
        }
        tree
    }

    /// The fields that Discord doesn't know.
    pub(super) fn strays(&mut self) -> Vec<String> {
        std::mem::take(&mut self.strays)
    }

    /// Notes a field that Discord ignores.
    pub(super) fn stray(&mut self, at: &[String]) {
        self.strays.push(at.join("."));
    }

    pub(super) fn problem(
        &mut self,
        at: &[String],
        code: &'static str,
        message: impl Into<String>,
    ) {
        self.problems.push((at.to_vec(), code, message.into()));
    }

    /// Holds an object against a shape.
    pub(super) fn object(&mut self, shape: &Shape, value: &Value, at: &[String]) {
        let nothing = Map::new();
        let map = match value {
            Value::Object(map) => map,
            Value::Null => &nothing,
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                return self.problem(
                    at,
                    "MODEL_TYPE_CONVERT",
                    "Only dictionaries may be used in a ModelType",
                );
            }
        };
        for (key, value) in map {
            let at = below(at, key);
            match shape.fields.iter().find(|field| field.name == key) {
                Some(field) if value.is_null() && !field.is_required => {}
                Some(field) => self.check(&field.rule, value, &at),
                None if says_nothing(value) => {}
                None => self.stray(&at),
            }
        }
        for field in shape.fields.iter().filter(|field| field.is_required) {
            if !map.contains_key(field.name) {
                self.problem(
                    &below(at, field.name),
                    "BASE_TYPE_REQUIRED",
                    "This field is required",
                );
            }
        }
        (shape.also)(self, value, at);
    }

    /// Holds a value against a rule.
    pub(super) fn check(&mut self, rule: &Rule, value: &Value, at: &[String]) {
        match rule {
            Rule::Object(shape) => self.object(shape, value, at),
            Rule::List(item, min, max) => self.list(item, value, at, (*min, *max)),
            Rule::Set(item, min, max) => {
                self.list(item, value, at, (*min, *max));
                self.no_item_twice(value, at);
            }
            Rule::Union(shapes) => self.one(shapes, value, at),
            Rule::Languages(text) => {
                for (language, value) in value.as_object().into_iter().flatten() {
                    self.check(text, value, &below(at, language));
                }
            }
            Rule::Text(min, max) => self.text(value, at, *min, *max),
            Rule::Integer(min, max) => self.integer(value, at, *min, *max),
            Rule::Url(max) => self.url(value, at, *max),
            Rule::Anything => {}
            Rule::NotHere => {
                self.problem(at, "SANDBOX_NOT_HERE", "The sandbox doesn't know this.");
            }
            Rule::Form(..)
            | Rule::Number
            | Rule::Flag
            | Rule::Snowflake
            | Rule::Instant
            | Rule::OneOf(_)
            | Rule::Word(_)
            | Rule::Scalar(_)
            | Rule::Bits => {
                if let Some((code, message)) = value::fault(rule, value) {
                    self.problem(at, code, message);
                }
            }
        }
    }

    fn text(&mut self, value: &Value, at: &[String], min: usize, max: usize) {
        let Some(text) = value.as_str() else {
            let message = format!("Could not interpret \"{value}\" as string.");
            return self.problem(at, "STRING_TYPE_CONVERT", message);
        };
        let length = text.chars().count();
        if length == 0 && min > 0 {
            self.problem(at, "BASE_TYPE_REQUIRED", "This field is required");
        } else if min > 0 && !(min..=max).contains(&length) {
            let message = format!("Must be between {min} and {max} in length.");
            self.problem(at, "BASE_TYPE_BAD_LENGTH", message);
        } else if length > max {
            self.problem(
                at,
                "BASE_TYPE_MAX_LENGTH",
                format!("Must be {max} or fewer in length."),
            );
        }
    }

    fn integer(&mut self, value: &Value, at: &[String], min: i64, max: i64) {
        match value.as_i64() {
            None => self.problem(
                at,
                "NUMBER_TYPE_COERCE",
                format!("Value \"{value}\" is not int."),
            ),
            Some(number) if number < min => {
                let message = format!("int value should be greater than or equal to {min}.");
                self.problem(at, "NUMBER_TYPE_MIN", message);
            }
            Some(number) if number > max => {
                let message = format!("int value should be less than or equal to {max}.");
                self.problem(at, "NUMBER_TYPE_MAX", message);
            }
            Some(_) => {}
        }
    }

    fn url(&mut self, value: &Value, at: &[String], max: usize) {
        self.text(value, at, 1, max);
        let text = value.as_str().unwrap_or_default();
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"));
        let host = rest.map(|rest| rest.split('/').next().unwrap_or_default());
        match host {
            None => {
                let message = format!(
                    "Scheme \"{}\" is not supported. Scheme must be one of ('http', 'https').",
                    text.split(':').next().unwrap_or_default()
                );
                self.problem(at, "URL_TYPE_INVALID_SCHEME", message);
            }
            Some(host) if host.is_empty() || text.contains(char::is_whitespace) => {
                self.problem(at, "URL_TYPE_INVALID_URL", "Not a well formed URL.");
            }
            Some(_) => {}
        }
    }

    fn list(&mut self, item: &Rule, value: &Value, at: &[String], (min, max): (usize, usize)) {
        let Some(items) = value.as_array() else {
            return self.problem(
                at,
                "LIST_TYPE_CONVERT",
                "Only iterables may be used in a ListType",
            );
        };
        if items.len() < min || items.len() > max {
            let message = format!("Must be between {min} and {max} in length.");
            self.problem(at, "BASE_TYPE_BAD_LENGTH", message);
        }
        for (index, value) in items.iter().enumerate() {
            self.check(item, value, &below(at, &index.to_string()));
        }
    }

    fn no_item_twice(&mut self, value: &Value, at: &[String]) {
        let items: Vec<&Value> = value.as_array().into_iter().flatten().collect();
        let is_again =
            |(index, item): (usize, &&Value)| items.iter().take(index).any(|before| before == item);
        if items.iter().enumerate().any(is_again) {
            self.problem(
                at,
                "SET_TYPE_ALREADY_CONTAINS_VALUE",
                "The set already contains this value",
            );
        }
    }

    fn one(&mut self, shapes: &[(i64, &Shape)], value: &Value, at: &[String]) {
        let kind = value["type"].as_i64();
        let found = shapes.iter().find(|(there, _)| Some(*there) == kind);
        if let Some((_, shape)) = found {
            return self.object(shape, value, at);
        }

        let kinds = shapes
            .iter()
            .map(|(kind, _)| kind.to_string())
            .collect::<Vec<_>>()
            .join(", ");
        let message = format!("Value of field \"type\" must be one of ({kinds}).");
        self.problem(&below(at, "type"), "UNION_TYPE_CHOICES", message);
    }
}

/// Whether a field may as well not be there.
fn says_nothing(value: &Value) -> bool {
    *value == false || *value == 0 || value.is_null()
}

/// The place of `key` below `at`.
pub(super) fn below(at: &[String], key: &str) -> Vec<String> {
    at.iter().cloned().chain([key.to_owned()]).collect()
}
