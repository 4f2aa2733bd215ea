//! Bodies that Discord takes, and bodies that it refuses, with the place and the reason.

use serde_json::{Value, json};

use super::check::{Checker, Shape};
use super::{ANSWER, CHOICES, COMMAND, CREATE, EDIT, MODAL, THREAD};

/// The tree of errors; `Null` for a body that is taken.
fn judged(shape: &'static Shape, body: &Value) -> Value {
    let mut checker = Checker::default();
    checker.object(shape, body, &[]);
    checker.into_errors()
}

/// Checks that the body is refused with this code at this place alone.
fn refused(shape: &'static Shape, body: &Value, place: &str, code: &str) {
    let errors = judged(shape, body);
    let mut found = Vec::new();
    collect(&errors, "", &mut found);
    assert_eq!(found, [format!("{place} {code}")], "{body}");
}

fn collect(node: &Value, at: &str, found: &mut Vec<String>) {
    for (key, below) in node.as_object().into_iter().flatten() {
        if key == "_errors" {
            let codes = below.as_array().into_iter().flatten();
            found.extend(codes.map(|error| format!("{at} {}", error["code"].as_str().unwrap())));
        } else {
            let at = if at.is_empty() {
                key.clone()
            } else {
                format!("{at}.{key}")
            };
            collect(below, &at, found);
        }
    }
}

fn button(id: &str) -> Value {
    json!({"type": 2, "style": 1, "label": "Go", "custom_id": id})
}

fn rows(inner: &Value) -> Value {
    json!({"components": [{"type": 1, "components": inner}]})
}

#[test]
fn a_full_message_is_taken() {
    let row = |n: usize| json!({"type": 1, "components": (0..5).map(|m| button(&format!("{n}.{m}"))).collect::<Vec<_>>()});
    let body = json!({
        "content": "é".repeat(2000),
        "embeds": [{"title": "t".repeat(256), "description": "d".repeat(4096), "fields": [{"name": "n", "value": "v", "inline": true}]}],
        "components": (0..5).map(row).collect::<Vec<_>>(),
        "allowed_mentions": {"parse": [], "users": ["1"], "roles": ["2"]},
        "nonce": "n".repeat(25), "enforce_nonce": true, "flags": 4, "tts": null,
    });
    assert_eq!(judged(&CREATE, &body), Value::Null);
    assert_eq!(
        judged(
            &EDIT,
            &json!({"content": null, "embeds": [], "components": []})
        ),
        Value::Null
    );
    assert_eq!(
        judged(&ANSWER, &json!({"content": "x", "flags": 64})),
        Value::Null
    );
}

#[test]
fn messages_past_the_limits_are_refused() {
    let long = |n: usize| "x".repeat(n);
    for (body, place, code) in [
        (
            json!({"content": long(2001)}),
            "content",
            "BASE_TYPE_MAX_LENGTH",
        ),
        (json!({"content": 1}), "content", "STRING_TYPE_CONVERT"),
        (json!({"nonce": long(26)}), "nonce", "BASE_TYPE_MAX_LENGTH"),
        (
            json!({"enforce_nonce": true}),
            "nonce",
            "BASE_TYPE_REQUIRED",
        ),
        (json!({"tts": "yes"}), "tts", "BOOLEAN_TYPE_CONVERT"),
        (json!({"flags": 32768}), "flags", "SANDBOX_NOT_HERE"),
    ] {
        refused(&CREATE, &body, place, code);
    }
}

#[test]
fn embeds_past_the_limits_are_refused() {
    let embed = |embed: Value| json!({"embeds": [embed]});
    let long = |n: usize| "x".repeat(n);
    for (body, place, code) in [
        (
            embed(json!({"title": long(257)})),
            "embeds.0.title",
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            embed(json!({"description": long(4097)})),
            "embeds.0.description",
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            embed(json!({})),
            "embeds.0.description",
            "BASE_TYPE_REQUIRED",
        ),
        (
            embed(json!({"title": "t", "color": 0x100_0000})),
            "embeds.0.color",
            "NUMBER_TYPE_MAX",
        ),
        (
            embed(json!({"title": "t", "url": "ftp://x"})),
            "embeds.0.url",
            "URL_TYPE_INVALID_SCHEME",
        ),
        (
            embed(json!({"title": "t", "timestamp": "now"})),
            "embeds.0.timestamp",
            "DATE_TIME_TYPE_PARSE",
        ),
        (
            json!({"embeds": vec![json!({"description": long(3001)}); 2]}),
            "embeds",
            "MAX_EMBED_SIZE_EXCEEDED",
        ),
        (
            json!({"embeds": vec![json!({"title": "t"}); 11]}),
            "embeds",
            "BASE_TYPE_BAD_LENGTH",
        ),
        (
            json!({"allowed_mentions": {"parse": ["all"]}}),
            "allowed_mentions.parse.0",
            "BASE_TYPE_CHOICES",
        ),
        (
            json!({"allowed_mentions": {"parse": ["users"], "users": ["1"]}}),
            "allowed_mentions",
            "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
        ),
        (
            json!({"attachments": [{}]}),
            "attachments.0",
            "SANDBOX_NOT_HERE",
        ),
    ] {
        refused(&CREATE, &body, place, code);
    }
}

#[test]
fn components_past_the_limits_are_refused() {
    let at = |tail: &str| format!("components.0.components.{tail}");
    let six: Vec<Value> = (0..6).map(|n| button(&n.to_string())).collect();
    for (inner, place, code) in [
        (
            json!([]),
            "components.0.components".to_owned(),
            "BASE_TYPE_BAD_LENGTH",
        ),
        (
            json!(six),
            "components.0.components".to_owned(),
            "BASE_TYPE_BAD_LENGTH",
        ),
        (
            json!([button("a"), button("a")]),
            at("1.custom_id"),
            "COMPONENT_CUSTOM_ID_DUPLICATED",
        ),
        (
            json!([button(&"x".repeat(101))]),
            at("0.custom_id"),
            "BASE_TYPE_BAD_LENGTH",
        ),
        (
            json!([{"type": 2, "style": 1, "label": "x"}]),
            at("0.custom_id"),
            "BASE_TYPE_REQUIRED",
        ),
        (
            json!([{"type": 2, "style": 5, "label": "x"}]),
            at("0.url"),
            "BASE_TYPE_REQUIRED",
        ),
        (
            json!([{"type": 2, "style": 1, "label": "x".repeat(81), "custom_id": "a"}]),
            at("0.label"),
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            json!([{"type": 2, "style": 1, "custom_id": "a"}]),
            at("0"),
            "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED",
        ),
        (
            json!([{"type": 2, "style": 7, "label": "x", "custom_id": "a"}]),
            at("0.style"),
            "BASE_TYPE_CHOICES",
        ),
        (
            json!([{"type": 4, "style": 1, "custom_id": "a"}]),
            at("0.type"),
            "UNION_TYPE_CHOICES",
        ),
    ] {
        refused(&CREATE, &rows(&inner), &place, code);
    }
    let row = json!({"type": 1, "components": [{"type": 2, "style": 5, "label": "x", "url": "https://x.example"}]});
    refused(
        &CREATE,
        &json!({"components": vec![row; 6]}),
        "components",
        "BASE_TYPE_BAD_LENGTH",
    );
}

#[test]
fn selects_past_the_limits_are_refused() {
    let select = |options: usize, max: u64| {
        let option = |n: usize| json!({"label": format!("{n}"), "value": format!("{n}")});
        json!({"type": 3, "custom_id": "s", "max_values": max, "options": (0..options).map(option).collect::<Vec<_>>()})
    };
    let at = |tail: &str| format!("components.0.components.{tail}");
    for (inner, place, code) in [
        (
            json!([select(2, 1), button("a")]),
            "components.0.components".to_owned(),
            "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
        ),
        (
            json!([select(26, 1)]),
            at("0.options"),
            "BASE_TYPE_BAD_LENGTH",
        ),
        (
            json!([select(2, 3)]),
            at("0.max_values"),
            "BASE_TYPE_BAD_LENGTH",
        ),
    ] {
        refused(&CREATE, &rows(&inner), &place, code);
    }
}

#[test]
fn forms_past_the_limits_are_refused() {
    let modal = |title: &str, components: Value| json!({"custom_id": "m", "title": title, "components": components});
    let label = |n: usize| json!({"type": 18, "label": "Why?", "component": {"type": 4, "style": 1, "custom_id": n.to_string()}});
    let labels = |count: usize| json!((0..count).map(label).collect::<Vec<_>>());
    assert_eq!(judged(&MODAL, &modal("Five", labels(5))), Value::Null);
    let in_row = |input: Value| json!([{"type": 1, "components": [input]}]);
    let input = json!({"type": 4, "style": 1, "custom_id": "a", "label": "Why?", "min_length": 5, "max_length": 4});
    for (body, place, code) in [
        (
            modal("Six", labels(6)),
            "components",
            "BASE_TYPE_BAD_LENGTH",
        ),
        (
            modal(&"x".repeat(46), labels(1)),
            "title",
            "BASE_TYPE_BAD_LENGTH",
        ),
        (modal("", labels(1)), "title", "BASE_TYPE_REQUIRED"),
        (
            modal("Twice", json!([label(1), label(1)])),
            "components.1.component.custom_id",
            "COMPONENT_CUSTOM_ID_DUPLICATED",
        ),
        (
            modal("Row", in_row(input)),
            "components.0.components.0.min_length",
            "BASE_TYPE_BAD_LENGTH",
        ),
        (
            modal(
                "Row",
                in_row(json!({"type": 4, "style": 1, "custom_id": "a"})),
            ),
            "components.0.components.0.label",
            "BASE_TYPE_REQUIRED",
        ),
        (
            modal("Row", in_row(button("a"))),
            "components.0.components.0.type",
            "UNION_TYPE_CHOICES",
        ),
        (
            json!({"title": "t", "components": labels(1)}),
            "custom_id",
            "BASE_TYPE_REQUIRED",
        ),
    ] {
        refused(&MODAL, &body, place, code);
    }
}

#[test]
fn commands_and_threads_past_the_limits_are_refused() {
    let option = |name: &str, required: bool| json!({"type": 3, "name": name, "description": "d", "required": required});
    let command = |options: Value| json!({"name": "ask", "description": "Ask", "options": options});
    assert_eq!(
        judged(
            &COMMAND,
            &command(json!([option("a", true), option("b", false)]))
        ),
        Value::Null
    );
    let many: Vec<Value> = (0..26).map(|n| option(&format!("o{n}"), false)).collect();
    for (body, place, code) in [
        (
            json!({"name": "Ask", "description": "d"}),
            "name",
            "APPLICATION_COMMAND_INVALID_NAME",
        ),
        (json!({"name": "ask"}), "description", "STRING_TYPE_CONVERT"),
        (command(json!(many)), "options", "BASE_TYPE_BAD_LENGTH"),
        (
            command(json!([option("a", false), option("b", true)])),
            "options.1.required",
            "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
        ),
        (
            command(json!([option("a", true), option("a", true)])),
            "options.1.name",
            "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS",
        ),
        (
            command(
                json!([{"type": 4, "name": "a", "description": "d", "choices": [{"name": "n", "value": "v"}]}]),
            ),
            "options.0.choices.0.value",
            "NUMBER_TYPE_COERCE",
        ),
        (
            command(json!([{"type": 12, "name": "a", "description": "d"}])),
            "options.0.type",
            "UNION_TYPE_CHOICES",
        ),
    ] {
        refused(&COMMAND, &body, place, code);
    }
    let choices =
        |count: usize| json!({"choices": vec![json!({"name": "n", "value": "v"}); count]});
    assert_eq!(judged(&CHOICES, &choices(25)), Value::Null);
    refused(&CHOICES, &choices(26), "choices", "BASE_TYPE_BAD_LENGTH");
    refused(
        &THREAD,
        &json!({"name": "x".repeat(101)}),
        "name",
        "BASE_TYPE_BAD_LENGTH",
    );
    refused(
        &THREAD,
        &json!({"name": "x", "auto_archive_duration": 61}),
        "auto_archive_duration",
        "BASE_TYPE_CHOICES",
    );
}
