//! What people fill into the options of a command, as Discord's client lets them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::act::ActError;
use crate::discord::modal::text_of;

/// How far somebody is with a command.
pub(super) enum Typed<'a> {
    /// Ready to be sent.
    Whole(&'a Value),
    /// Still at one option.
    SoFar {
        options: &'a Value,
        focused: &'a str,
    },
}

/// The options as a payload carries them, in the order in which they are registered.
pub(super) fn entered(registered: &[Value], typed: &Typed<'_>) -> Result<Value, ActError> {
    let (given, focused) = match typed {
        Typed::Whole(options) => (options, None),
        Typed::SoFar { options, focused } => (options, Some(*focused)),
    };
    let there = || {
        registered
            .iter()
            .map(|option| text_of(&option["name"]))
            .collect()
    };
    let names = given
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str());
    for name in names.chain(focused) {
        if !registered.iter().any(|option| option["name"] == name) {
            return Err(ActError::NoSuchControl {
                wanted: name.to_owned(),
                there: there(),
            });
        }
    }
    let mut options = Vec::new();
    let mut faults = BTreeMap::new();
    for option in registered {
        let name = text_of(&option["name"]);
        let is_focused = focused == Some(name.as_str());
        if is_focused && option["autocomplete"] != true {
            return Err(ActError::NotOffered(format!("completing {name}")));
        }
        match given.get(&name) {
            Some(value) if is_focused => {
                options.push(
                    json!({"type": option["type"], "name": name, "value": value, "focused": true}),
                );
            }
            Some(value) => match held(option, value)? {
                Ok(value) => {
                    options.push(json!({"type": option["type"], "name": name, "value": value}));
                }
                Err(fault) => {
                    faults.insert(name, fault);
                }
            },
            None if is_focused => {
                options.push(
                    json!({"type": option["type"], "name": name, "value": "", "focused": true}),
                );
            }
            None if option["required"] == true && focused.is_none() => {
                faults.insert(name, "This option is required. Specify a value".into());
            }
            None => {}
        }
    }
    if faults.is_empty() {
        Ok(options.into())
    } else {
        Err(ActError::Incomplete(faults))
    }
}

/// What an option holds after `value` was entered, or why it can't be sent.
fn held(option: &Value, value: &Value) -> Result<Result<Value, String>, ActError> {
    let choices: &[Value] = option["choices"].as_array().map_or(&[], Vec::as_slice);
    if !choices.is_empty() {
        let found = choices
            .iter()
            .find(|choice| choice["value"] == *value || choice["name"] == *value);
        let found = found.ok_or_else(|| ActError::NoSuchOption {
            wanted: value.to_string(),
            there: choices
                .iter()
                .map(|choice| text_of(&choice["name"]))
                .collect(),
        })?;
        return Ok(Ok(found["value"].clone()));
    }
    let fits = match option["type"].as_u64() {
        Some(4) => value.is_i64(),
        Some(5) => value.is_boolean(),
        Some(10) => value.is_number(),
        _ => value.is_string(),
    };
    if !fits {
        return Ok(Err(format!("{value} does not fit")));
    }
    let length = value.as_str().map(|text| text.chars().count() as u64);
    let below = |key: &str, size: Option<f64>| {
        size.zip(option[key].as_f64())
            .is_some_and(|(size, min)| size < min)
    };
    let above = |key: &str, size: Option<f64>| {
        size.zip(option[key].as_f64())
            .is_some_and(|(size, max)| size > max)
    };
    #[expect(clippy::cast_precision_loss, reason = "no text is so long")]
    let length = length.map(|length| length as f64);
    if below("min_length", length) || below("min_value", value.as_f64()) {
        return Ok(Err("Too little".into()));
    }
    if above("max_length", length) || above("max_value", value.as_f64()) {
        return Ok(Err("Too much".into()));
    }
    Ok(Ok(value.clone()))
}
