//! Reads blocks as a person would: the text in them, in order.

use serde_json::Value;

/// All text that a reader sees in `blocks`, one line for each piece.
pub(crate) fn shown(blocks: &[Value]) -> String {
    let mut lines = Vec::new();
    for block in blocks {
        collect(block, &mut lines);
    }
    lines.join("\n")
}

/// The parts of a block in which a reader sees text, in reading order.
const SHOWN: [&str; 9] = [
    "text",
    "label",
    "fields",
    "elements",
    "element",
    "accessory",
    "placeholder",
    "options",
    "hint",
];

fn collect(value: &Value, lines: &mut Vec<String>) {
    if let Some(items) = value.as_array() {
        for item in items {
            collect(item, lines);
        }
    }
    if value["type"] == "rich_text_section" {
        lines.push(inline(value));
        return;
    }
    if let Some(text) = value.get("text").and_then(Value::as_str) {
        lines.push(text.to_owned());
    }
    for part in SHOWN
        .iter()
        .filter_map(|key| value.get(*key))
        .filter(|part| !part.is_string())
    {
        collect(part, lines);
    }
}

/// A rich text section as one line.
fn inline(section: &Value) -> String {
    let pieces = section["elements"].as_array().into_iter().flatten();
    pieces.map(piece).collect()
}

fn piece(piece: &Value) -> String {
    let text = |key: &str| piece[key].as_str().unwrap_or_default();
    match text("type") {
        "user" => format!("<@{}>", text("user_id")),
        "usergroup" => format!("<!subteam^{}>", text("usergroup_id")),
        "channel" => format!("<#{}>", text("channel_id")),
        "broadcast" => format!("<!{}>", text("range")),
        "emoji" => format!(":{}:", text("name")),
        "date" => text("fallback").to_owned(),
        "link" if !piece["text"].is_string() => text("url").to_owned(),
        _ => text("text").to_owned(),
    }
}
