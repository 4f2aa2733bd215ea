//! A form that somebody has open.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::message::MessageId;

/// What people entered: custom id, then a text or a list of values.
pub(super) type Entries = BTreeMap<String, Value>;

/// A form that somebody has open.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Modal {
    /// Who sees it.
    pub user: String,
    /// What the app calls it.
    pub custom_id: String,
    /// Its title.
    pub title: String,
    /// Its components, as the app sent them, with the numbers that Discord fills in.
    pub components: Vec<Value>,
    /// Where it was opened.
    pub(super) channel: String,
    /// The message whose component opened it.
    pub(super) source: Option<MessageId>,
    /// The `interaction_metadata` of the interaction that it answers.
    #[serde(skip)]
    pub(super) trigger: Value,
}

/// One thing to fill in.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) custom_id: String,
    pub(super) label: String,
    /// The text input or select itself.
    pub(super) element: Value,
}

impl Field {
    /// Whether people mean this field by `name`.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.custom_id == name || self.label == name
    }

    /// Whether it is words that are typed.
    pub(super) fn is_text(&self) -> bool {
        self.element["type"] == 4
    }

    /// What it holds before anybody enters anything.
    pub(super) fn initial(&self) -> Value {
        if self.is_text() {
            return text_of(&self.element["value"]).into();
        }
        let chosen = options(&self.element).filter(|option| option["default"] == true);
        chosen.map(|option| option["value"].clone()).collect()
    }

    /// Why it can't be sent with `held` in it, as Discord's client says it.
    pub(super) fn fault(&self, held: &Value) -> Option<String> {
        let is_required = self.element["required"] != false;
        let bound = |key: &str, default: usize| {
            let bound = self.element[key].as_u64();
            bound
                .and_then(|bound| usize::try_from(bound).ok())
                .unwrap_or(default)
        };
        let (length, min, max) = match held {
            Value::String(text) => (
                text.chars().count(),
                bound("min_length", 0),
                bound("max_length", 4_000),
            ),
            Value::Array(chosen) => (chosen.len(), bound("min_values", 1), bound("max_values", 1)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => (0, 0, 0),
        };
        if length == 0 {
            return is_required.then(|| "This field is required".into());
        }
        if length < min {
            return Some(format!("At least {min} needed, {length} given"));
        }
        (length > max).then(|| format!("At most {max} allowed, {length} given"))
    }
}

/// The options of a select.
pub(super) fn options(element: &Value) -> impl Iterator<Item = &Value> {
    element["options"].as_array().into_iter().flatten()
}

/// A text, or nothing.
pub(super) fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Modal {
    /// All that can be filled in, in order.
    pub(super) fn fields(&self) -> Vec<Field> {
        let mut fields = Vec::new();
        for component in &self.components {
            let elements: Vec<&Value> = match component["type"].as_u64() {
                Some(18) => vec![&component["component"]],
                Some(1) => component["components"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .collect(),
                _ => Vec::new(),
            };
            fields.extend(elements.into_iter().map(|element| Field {
                custom_id: text_of(&element["custom_id"]),
                label: text_of(if component["type"] == 18 {
                    &component["label"]
                } else {
                    &element["label"]
                }),
                element: element.clone(),
            }));
        }
        fields
    }

    /// The labels of what can be filled in, in order.
    pub fn labels(&self) -> Vec<String> {
        self.fields().into_iter().map(|field| field.label).collect()
    }

    /// What each field holds before anybody enters anything, by custom id.
    pub fn values(&self) -> BTreeMap<String, Value> {
        let fields = self.fields().into_iter();
        fields
            .map(|field| (field.custom_id.clone(), field.initial()))
            .collect()
    }

    /// All text that a reader sees in it.
    pub fn shown(&self) -> String {
        let mut lines = vec![self.title.clone()];
        for component in &self.components {
            lines.extend([&component["content"], &component["description"]].map(text_of));
        }
        for field in self.fields() {
            let held = field.initial();
            lines.extend([
                field.label,
                text_of(&field.element["placeholder"]),
                text_of(&held),
            ]);
        }
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    }

    /// Its components with what was entered, as a submission carries them.
    pub(super) fn submitted(&self, entries: &Entries) -> Value {
        let element = |element: &Value| {
            let held = entries
                .get(&text_of(&element["custom_id"]))
                .cloned()
                .unwrap_or_default();
            let key = if element["type"] == 4 {
                "value"
            } else {
                "values"
            };
            json!({"type": element["type"], "id": element["id"], "custom_id": element["custom_id"], key: held})
        };
        let components = self.components.iter().map(|component| {
            let mut sent = json!({"type": component["type"], "id": component["id"]});
            match component["type"].as_u64() {
                Some(18) => sent["component"] = element(&component["component"]),
                Some(1) => {
                    let inner = component["components"].as_array().into_iter().flatten();
                    sent["components"] = inner.map(element).collect();
                }
                _ => {}
            }
            sent
        });
        components.collect()
    }
}
