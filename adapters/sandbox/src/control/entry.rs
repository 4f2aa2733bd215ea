//! What an element holds: at first, and after somebody used it.

use serde_json::{Value, json};

use super::walk::Control;

/// Somebody wanted an option that is not offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoSuchOption {
    pub(crate) wanted: String,
    pub(crate) offered: Vec<String>,
}

/// What an element holds before anybody touched it; nothing for elements that hold no value.
pub(crate) fn initial(control: &Control<'_>) -> Option<Value> {
    let (key, initial) = keys(control.kind())?;
    let held = match control.element.get(initial) {
        Some(value) => value.clone(),
        None if key.ends_with('s') => json!([]),
        None => Value::Null,
    };
    Some(json!({"type": control.kind(), key: held}))
}

/// What an element holds after `input` was entered: text or an option's value or label, a list
/// of those where several can be chosen, or null to clear it. `offered` are the options of an
/// external select.
pub(crate) fn entry(
    control: &Control<'_>,
    input: &Value,
    offered: &[Value],
) -> Result<Value, NoSuchOption> {
    let Some((key, _)) = keys(control.kind()) else {
        return Ok(Value::Null);
    };
    let held = match key {
        _ if input.is_null() => Value::Null,
        "selected_option" => option(control, input, offered)?,
        "selected_options" => {
            let chosen = input
                .as_array()
                .cloned()
                .unwrap_or_else(|| vec![input.clone()]);
            let chosen = chosen.iter().map(|one| option(control, one, offered));
            Value::Array(chosen.collect::<Result<_, _>>()?)
        }
        "rich_text_value" => rich_text(input),
        _ => input.clone(),
    };
    Ok(json!({"type": control.kind(), key: held}))
}

/// The option of an overflow menu that `input` names.
pub(crate) fn overflow(control: &Control<'_>, input: &Value) -> Result<Value, NoSuchOption> {
    option(control, input, &[])
}

/// Whether the options in `value` are still among those that `control` offers.
pub(crate) fn is_offered(control: &Control<'_>, value: &Value) -> bool {
    if matches!(control.kind(), "external_select" | "multi_external_select") {
        return true;
    }
    let one = value
        .get("selected_option")
        .filter(|option| !option.is_null());
    let many = value["selected_options"].as_array().into_iter().flatten();
    let there = own_options(control);
    one.into_iter()
        .chain(many)
        .all(|held| there.iter().any(|o| o["value"] == held["value"]))
}

fn option(control: &Control<'_>, input: &Value, offered: &[Value]) -> Result<Value, NoSuchOption> {
    let own = own_options(control);
    let there: Vec<&Value> = own.into_iter().chain(offered).collect();
    let wanted = input
        .get("value")
        .unwrap_or(input)
        .as_str()
        .unwrap_or_default();
    let by_value = there.iter().find(|option| option["value"] == wanted);
    let found = by_value.or_else(|| there.iter().find(|option| option["text"]["text"] == wanted));
    let label = |option: &&Value| {
        option["text"]["text"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    found
        .map(|option| (*option).clone())
        .ok_or_else(|| NoSuchOption {
            wanted: wanted.to_owned(),
            offered: there.iter().map(label).collect(),
        })
}

fn own_options<'a>(control: &Control<'a>) -> Vec<&'a Value> {
    let element = control.element;
    let groups = element["option_groups"].as_array().into_iter().flatten();
    let grouped = groups.flat_map(|group| group["options"].as_array().into_iter().flatten());
    let single = element["options"].as_array().into_iter().flatten();
    let initial = element["initial_option"]
        .is_object()
        .then(|| &element["initial_option"]);
    let initials = element["initial_options"].as_array().into_iter().flatten();
    single
        .chain(grouped)
        .chain(initial)
        .chain(initials)
        .collect()
}

fn rich_text(input: &Value) -> Value {
    if input.is_object() {
        return input.clone();
    }
    let text = json!({"type": "text", "text": input});
    json!({"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [text]}]})
}

/// The key under which a kind of element holds its value, and the key of its initial value.
fn keys(kind: &str) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        "plain_text_input" | "email_text_input" | "url_text_input" | "number_input" => {
            ("value", "initial_value")
        }
        "rich_text_input" => ("rich_text_value", "initial_value"),
        "static_select" | "external_select" | "radio_buttons" => {
            ("selected_option", "initial_option")
        }
        "checkboxes" | "multi_static_select" | "multi_external_select" => {
            ("selected_options", "initial_options")
        }
        "users_select" => ("selected_user", "initial_user"),
        "multi_users_select" => ("selected_users", "initial_users"),
        "conversations_select" => ("selected_conversation", "initial_conversation"),
        "multi_conversations_select" => ("selected_conversations", "initial_conversations"),
        "channels_select" => ("selected_channel", "initial_channel"),
        "multi_channels_select" => ("selected_channels", "initial_channels"),
        "datepicker" => ("selected_date", "initial_date"),
        "timepicker" => ("selected_time", "initial_time"),
        "datetimepicker" => ("selected_date_time", "initial_date_time"),
        _ => return None,
    })
}
