//! Pictures as a few lines of text, for snapshots that people can read.

use serde_json::{Value, json};

use super::super::Picture;

/// The notification's text, then what is seen.
pub(super) fn sketch(picture: &Picture) -> String {
    let blocks = json!(picture.blocks);
    format!("({})\n{}", picture.text, seen(&blocks))
}

/// A modal or home page.
pub(super) fn view(view: &Value) -> String {
    let of = |name: &str| view[name]["text"].as_str().unwrap_or("-").to_owned();
    format!(
        "== {} == [{}] [{}] {}\n{}",
        of("title"),
        of("close"),
        of("submit"),
        view["private_metadata"].as_str().unwrap_or_default(),
        seen(&view["blocks"])
    )
}

fn seen(blocks: &Value) -> String {
    let blocks = blocks.as_array().unwrap();
    let lines: Vec<String> = blocks.iter().map(block).collect();
    lines.join("\n")
}

fn block(block: &Value) -> String {
    let all = |name: &str, draw: fn(&Value) -> String| -> Vec<String> {
        block[name].as_array().unwrap().iter().map(draw).collect()
    };
    match block["type"].as_str().unwrap() {
        "header" => format!("# {}", text(&block["text"])),
        "context" => format!("    {}", all("elements", text).join(" ")),
        "actions" => all("elements", button).join(" "),
        "rich_text" => all("elements", line).join("\n"),
        "input" => input(block),
        other => panic!("a block of type {other}"),
    }
}

fn text(value: &Value) -> String {
    value["text"].as_str().unwrap().to_owned()
}

fn button(value: &Value) -> String {
    let confirm = value.get("confirm").map_or_else(String::new, |confirm| {
        format!(" → {} {}", text(&confirm["title"]), text(&confirm["text"]))
    });
    format!("[ {}{confirm} ]", text(&value["text"]))
}

fn line(value: &Value) -> String {
    let pieces: Vec<String> = value["elements"]
        .as_array()
        .unwrap()
        .iter()
        .map(piece)
        .collect();
    let line = pieces.concat();
    match value["type"].as_str().unwrap() {
        "rich_text_section" => line,
        "rich_text_quote" => format!("┃ {line}"),
        "rich_text_preformatted" => format!("$ {line}"),
        other => panic!("a line of type {other}"),
    }
}

fn piece(value: &Value) -> String {
    match value["type"].as_str().unwrap() {
        "text" if value["style"]["bold"] == true => format!("*{}*", text(value)),
        "text" if value["style"]["code"] == true => format!("`{}`", text(value)),
        "text" => text(value),
        "date" => format!(
            "<{} {}>",
            value["format"],
            value["fallback"].as_str().unwrap()
        ),
        "user" => format!("@{}", value["user_id"].as_str().unwrap()),
        "usergroup" => format!("@{}", value["usergroup_id"].as_str().unwrap()),
        other => panic!("a piece of type {other}"),
    }
}

fn input(block: &Value) -> String {
    let element = &block["element"];
    let options = element["options"]
        .as_array()
        .map_or_else(String::new, |options| {
            let labels: Vec<String> = options.iter().map(|option| text(&option["text"])).collect();
            format!(" {{{}}}", labels.join(" | "))
        });
    let initial = ["initial_option", "initial_value", "initial_user"]
        .iter()
        .find_map(|name| element.get(*name))
        .map_or_else(String::new, |initial| {
            let label = || text(&initial["text"]);
            format!(" = {}", initial.as_str().map_or_else(label, str::to_owned))
        });
    format!(
        "{}{} ({}, {}){options}{initial}{}",
        text(&block["label"]),
        if block["optional"] == true { "" } else { " *" },
        element["type"].as_str().unwrap(),
        block["block_id"].as_str().unwrap(),
        block
            .get("hint")
            .map_or_else(String::new, |hint| format!("  ‹{}›", text(hint))),
    )
}
