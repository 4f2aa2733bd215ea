//! What keeps a form from being sent, as Slack's own client checks it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Control, controls, value};
use crate::view::Entries;

/// Why the form can't be sent yet, by block id; empty if it can.
pub(crate) fn faults(blocks: &[Value], entries: &Entries) -> BTreeMap<String, String> {
    let inputs = controls(blocks).into_iter().filter(Control::is_input);
    let faults = inputs.filter_map(|control| {
        let fault = fault(&control, &value(&control, entries)?)?;
        Some((control.block_id.to_owned(), fault))
    });
    faults.collect()
}

fn fault(control: &Control<'_>, held: &Value) -> Option<String> {
    let content = held.as_object()?.iter().find(|(key, _)| *key != "type")?.1;
    let is_empty = match content {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(_) | Value::Bool(_) | Value::Number(_) => false,
    };
    if is_empty {
        return control
            .is_required()
            .then(|| "Please complete this required field.".into());
    }
    let text = content.as_str()?;
    let length = text.chars().count();
    let bound = |key: &str| {
        control.element[key]
            .as_u64()
            .and_then(|n| usize::try_from(n).ok())
    };
    if let Some(min) = bound("min_length").filter(|min| length < *min) {
        return Some(format!("Please enter at least {min} characters."));
    }
    if let Some(max) = bound("max_length").filter(|max| length > *max) {
        return Some(format!("Please enter at most {max} characters."));
    }
    let is_number = control.kind() != "number_input" || text.parse::<f64>().is_ok();
    (!is_number).then(|| "Please enter a number.".into())
}
