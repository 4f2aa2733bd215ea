//! Messages as a few lines of text, for snapshots that people can read.

use serde_json::Value;

/// What notifications show, then the embed, then buttons.
pub(super) fn sketch(message: &Value) -> String {
    let mut lines = vec![format!("({})", text(&message["content"]))];
    for embed in message["embeds"].as_array().into_iter().flatten() {
        if let Some(title) = embed["title"].as_str() {
            lines.push(format!("# {title}"));
        }
        lines.push(text(&embed["description"]).to_owned());
        if let Some(footer) = embed["footer"]["text"].as_str() {
            lines.push(format!("    {footer}"));
        }
    }
    for row in message["components"].as_array().into_iter().flatten() {
        let buttons = row["components"].as_array().unwrap().iter().map(button);
        lines.push(buttons.collect::<Vec<_>>().join(" "));
    }
    lines.join("\n")
}

/// A modal with its fields.
pub(super) fn modal(modal: &Value) -> String {
    let title = text(&modal["title"]);
    let mut lines = vec![format!("== {title} == {}", text(&modal["custom_id"]))];
    for row in modal["components"].as_array().unwrap() {
        let input = &row["components"][0];
        let mark = if input["required"] == true { " *" } else { "" };
        lines.push(format!(
            "{}{mark} ({}) = {:?}  ‹{}›",
            text(&input["label"]),
            text(&input["custom_id"]),
            text(&input["value"]),
            text(&input["placeholder"]),
        ));
    }
    lines.join("\n")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn button(button: &Value) -> String {
    let url = button["url"].as_str();
    let to = url.map_or_else(String::new, |url| format!(" → {url}"));
    format!("[ {}{to} ]", text(&button["label"]))
}
