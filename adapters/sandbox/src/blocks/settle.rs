//! Fills in what Slack fills in when it takes blocks: block and action ids, flags of text objects.

use serde_json::Value;

use crate::mint;

/// Options as Slack keeps and returns them.
pub(crate) fn options(mut options: Vec<Value>) -> Vec<Value> {
    options.iter_mut().for_each(flags);
    options
}

/// Blocks as Slack keeps and returns them.
pub(crate) fn blocks(mut blocks: Vec<Value>) -> Vec<Value> {
    for block in &mut blocks {
        flags(block);
        if let Some(block) = block.as_object_mut() {
            block
                .entry("block_id")
                .or_insert_with(|| mint::word(5).into());
        }
        for part in ["element", "accessory"] {
            action_id(&mut block[part]);
        }
        if block["type"] == "actions" {
            block["elements"]
                .as_array_mut()
                .into_iter()
                .flatten()
                .for_each(action_id);
        }
        if let Some(block) = block.as_object_mut() {
            block.retain(|_, value| !value.is_null());
        }
    }
    blocks
}

/// A view as Slack keeps and returns it, with all optional fields present.
pub(crate) fn view(mut view: Value) -> Value {
    flags(&mut view);
    if let Some(map) = view.as_object_mut() {
        let blocks = map.get("blocks").and_then(Value::as_array).cloned();
        map.insert(
            "blocks".into(),
            self::blocks(blocks.unwrap_or_default()).into(),
        );
        for text in ["private_metadata", "callback_id", "external_id"] {
            map.entry(text).or_insert_with(|| "".into());
        }
        for flag in ["clear_on_close", "notify_on_close"] {
            map.entry(flag).or_insert_with(|| false.into());
        }
        if map.get("type").is_some_and(|kind| kind == "modal") {
            for text in ["submit", "close"] {
                map.entry(text).or_insert(Value::Null);
            }
        }
    }
    view
}

fn action_id(element: &mut Value) {
    let Some(map) = element.as_object_mut() else {
        return;
    };
    let is_still = map.get("type").is_some_and(|kind| kind == "image");
    if !is_still {
        map.entry("action_id")
            .or_insert_with(|| mint::word(5).into());
    }
}

/// `emoji: true` on plain text, `verbatim: false` on mrkdwn, unless set.
fn flags(value: &mut Value) {
    if let Some(items) = value.as_array_mut() {
        items.iter_mut().for_each(flags);
    }
    let Some(map) = value.as_object_mut() else {
        return;
    };
    match map.get("type").and_then(Value::as_str) {
        Some("plain_text") => drop(map.entry("emoji").or_insert_with(|| true.into())),
        Some("mrkdwn") => drop(map.entry("verbatim").or_insert_with(|| false.into())),
        _ => map.values_mut().for_each(flags),
    }
}
