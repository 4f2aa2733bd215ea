//! What Slack takes and what it refuses, as tables.

#![expect(
    clippy::needless_pass_by_value,
    reason = "tables read better without ampersands"
)]

mod elements;
mod views;

use serde_json::{Value, json};

fn plain(text: &str) -> Value {
    json!({"type": "plain_text", "text": text})
}

fn mrkdwn(text: &str) -> Value {
    json!({"type": "mrkdwn", "text": text})
}

fn button() -> Value {
    json!({"type": "button", "action_id": "yes", "text": plain("Yes")})
}

fn with(mut base: Value, key: &str, value: Value) -> Value {
    base[key] = value;
    base
}

fn actions(elements: Value) -> Value {
    json!({"type": "actions", "elements": elements})
}

fn section(accessory: Value) -> Value {
    json!({"type": "section", "text": mrkdwn("x"), "accessory": accessory})
}

fn input(element: Value) -> Value {
    json!({"type": "input", "block_id": "i", "label": plain("Why?"), "element": element})
}

fn options(count: usize) -> Value {
    (0..count)
        .map(|n| json!({"text": plain(&format!("Option {n}")), "value": format!("o{n}")}))
        .collect()
}

fn select(count: usize) -> Value {
    json!({"type": "static_select", "action_id": "s", "options": options(count)})
}

/// `block` alone in a message is refused because of `why`, or taken when that is empty.
#[track_caller]
fn check(block: Value, why: &str) {
    check_all(json!([block]), why);
}

#[track_caller]
fn check_all(blocks: Value, why: &str) {
    refused(
        super::message(&blocks)
            .map(|_| ())
            .map_err(|problems| problems.to_string()),
        why,
    );
}

#[track_caller]
fn check_modal(view: Value, why: &str) {
    refused(
        super::modal(&view)
            .map(|_| ())
            .map_err(|problems| problems.to_string()),
        why,
    );
}

#[track_caller]
fn refused(result: Result<(), String>, why: &str) {
    match result {
        Ok(()) => assert!(why.is_empty(), "taken, but should be refused: {why}"),
        Err(said) => assert!(
            !why.is_empty() && said.contains(why),
            "{said:?} is not {why:?}"
        ),
    }
}

#[test]
fn blocks_are_taken_up_to_their_limits_and_refused_beyond() {
    let long = |n| "x".repeat(n);
    check(json!({"type": "divider"}), "");
    check(json!({"type": "header", "text": plain(&long(150))}), "");
    check(
        json!({"type": "header", "text": plain(&long(151))}),
        "less than 151 characters at /0/text/text",
    );
    check(
        json!({"type": "header", "text": mrkdwn("x")}),
        "must be plain_text at /0/text/type",
    );
    check(json!({"type": "section", "text": mrkdwn(&long(3000))}), "");
    check(
        json!({"type": "section", "text": mrkdwn(&long(3001))}),
        "less than 3001",
    );
    check(
        json!({"type": "section", "text": mrkdwn("")}),
        "more than 0 characters",
    );
    check(
        json!({"type": "section", "text": "x"}),
        "must be a text object",
    );
    check(json!({"type": "section"}), "needs text or fields");
    check(
        json!({"type": "section", "fields": vec![mrkdwn("x"); 10]}),
        "",
    );
    check(
        json!({"type": "section", "fields": vec![mrkdwn("x"); 11]}),
        "no more than 10 items",
    );
    check(
        json!({"type": "section", "fields": [mrkdwn(&long(2001))]}),
        "less than 2001",
    );
    check(
        json!({"type": "context", "elements": vec![mrkdwn("x"); 10]}),
        "",
    );
    check(
        json!({"type": "context", "elements": vec![mrkdwn("x"); 11]}),
        "no more than 10 items",
    );
    check(
        json!({"type": "context", "elements": [button()]}),
        "must be plain_text or mrkdwn",
    );
    check(actions(json!([])), "no less than 1 items");
    check(
        json!({"type": "table", "rows": []}),
        "unsupported type: table",
    );
    check(json!({"text": plain("x")}), "unsupported type");
    check(
        json!({"type": "divider", "colour": "red"}),
        "invalid additional property: colour",
    );
    check(
        json!({"type": "divider", "block_id": long(256)}),
        "less than 256",
    );
    check_all(json!({"type": "divider"}), "must be an array");
    check_all(json!(vec![json!({"type": "divider"}); 50]), "");
    check_all(
        json!(vec![json!({"type": "divider"}); 51]),
        "no more than 50 items",
    );
}

#[test]
fn ids_are_unique_where_they_must_be() {
    let divider = json!({"type": "divider", "block_id": "d"});
    check_all(json!([divider, divider]), "block_id already exists: d");
    check(
        actions(json!([button(), button()])),
        "action_id already exists for another element: yes",
    );
    check_all(
        json!([actions(json!([button()])), actions(json!([button()]))]),
        "",
    );
}
