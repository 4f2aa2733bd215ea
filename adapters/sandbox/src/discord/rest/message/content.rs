//! What a body says of a message, put into the message.

use serde_json::{Value, json};

use crate::discord::message::{EPHEMERAL, LOADING, Message};

/// Flags that an app may set or clear: no embeds, only for one person, no sound.
const SETTABLE: u64 = 1 << 2 | EPHEMERAL | 1 << 12;

/// Puts the fields that are there into `message`; the others stay as they are.
pub(in super::super) fn fill(message: &mut Message, body: &Value) {
    if let Some(content) = body.get("content") {
        content
            .as_str()
            .unwrap_or_default()
            .clone_into(&mut message.content);
    }
    if let Some(embeds) = body.get("embeds") {
        message.embeds = embeds.as_array().cloned().unwrap_or_default();
    }
    if let Some(components) = body.get("components") {
        let rows = components.as_array().cloned().unwrap_or_default();
        message.components = numbered(rows);
    }
    if let Some(flags) = body["flags"].as_u64() {
        message.flags = message.flags & !SETTABLE & !LOADING | flags & SETTABLE;
    }
    message.flags &= !LOADING;
    if body.get("content").is_some() || body.get("allowed_mentions").is_some() {
        message.settle_mentions(&body["allowed_mentions"]);
    }
}

/// Whether nothing of a message can be seen.
pub(in super::super) fn is_empty(message: &Message) -> bool {
    message.content.trim().is_empty() && message.embeds.is_empty() && message.components.is_empty()
}

/// Components with the numbers and defaults that Discord fills in.
pub(in super::super) fn numbered(mut components: Vec<Value>) -> Vec<Value> {
    let mut next = 1;
    for component in &mut components {
        number(component, &mut next);
    }
    components
}

fn number(component: &mut Value, next: &mut u64) {
    if component["id"].as_u64().unwrap_or_default() == 0 {
        component["id"] = (*next).into();
    }
    *next += 1;
    if component["type"] == 3 {
        for key in ["min_values", "max_values"] {
            if component[key].is_null() {
                component[key] = json!(1);
            }
        }
    }
    if let Some(inner) = component.get_mut("component") {
        number(inner, next);
    }
    let inner = component
        .get_mut("components")
        .and_then(Value::as_array_mut);
    for inner in inner.into_iter().flatten() {
        number(inner, next);
    }
    if let Some(component) = component.as_object_mut() {
        component.retain(|_, value| !value.is_null());
    }
}
