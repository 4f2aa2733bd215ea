//! Modals, option look-ups, and what is filled in.

use serde_json::{Value, json};

use super::super::{message, modal, suggestions};
use super::*;

#[test]
fn modals_keep_to_their_limits() {
    let blocks = json!([{"type": "divider"}]);
    let modal = json!({"type": "modal", "title": plain("T"), "blocks": blocks});
    check_modal(modal.clone(), "");
    check_modal(
        with(modal.clone(), "blocks", json!([])),
        "no less than 1 items",
    );
    check_modal(with(modal.clone(), "title", plain(&"x".repeat(24))), "");
    check_modal(
        with(modal.clone(), "title", plain(&"x".repeat(25))),
        "less than 25",
    );
    check_modal(
        with(modal.clone(), "submit", plain(&"x".repeat(25))),
        "less than 25",
    );
    check_modal(
        with(modal.clone(), "close", mrkdwn("x")),
        "must be plain_text",
    );
    check_modal(
        with(modal.clone(), "private_metadata", json!("x".repeat(3001))),
        "less than 3001",
    );
    check_modal(
        with(
            modal.clone(),
            "blocks",
            json!(vec![json!({"type": "divider"}); 101]),
        ),
        "100 items",
    );
    check_modal(
        with(modal.clone(), "hash", json!("x")),
        "invalid additional property: hash",
    );
    check_modal(
        json!({"type": "modal", "blocks": []}),
        "missing required field: title",
    );
    check_modal(
        json!({"type": "home", "blocks": []}),
        "unsupported type: home",
    );
    let text =
        |id: &str| json!({"type": "plain_text_input", "action_id": id, "focus_on_load": true});
    let form = with(modal.clone(), "blocks", json!([input(text("a"))]));
    check_modal(form.clone(), "submit is needed");
    check_modal(with(form, "submit", plain("Send")), "");
    let mut two = vec![input(text("a")), input(text("b"))];
    two[1]["block_id"] = json!("j");
    check_modal(
        with(with(modal, "submit", plain("Send")), "blocks", json!(two)),
        "focus_on_load",
    );
}

#[test]
fn option_lookups_answer_with_options_or_groups() {
    let check = |answer: Value, count: Option<usize>| {
        assert_eq!(
            suggestions(&answer).ok().map(|found| found.len()),
            count,
            "{answer}"
        );
    };
    check(json!({"options": options(3)}), Some(3));
    check(json!({"options": []}), Some(0));
    check(json!({"options": options(101)}), None);
    check(
        json!({"option_groups": [{"label": plain("All"), "options": options(2)}]}),
        Some(2),
    );
    check(json!({}), None);
    check(json!({"options": [{"text": "x", "value": "x"}]}), None);
}

#[test]
fn ids_and_flags_are_filled_in() {
    let taken = message(&json!([actions(json!([with(
        button(),
        "action_id",
        json!("a")
    )]))]));
    let block = taken.unwrap().remove(0);
    assert_eq!(block["elements"][0]["text"]["emoji"], true);
    assert!(block["block_id"].is_string());
    let view = json!({"type": "modal", "title": plain("T"), "blocks": [section(button())]});
    let view = modal(&view).unwrap();
    assert_eq!(view["blocks"][0]["text"]["verbatim"], false);
    assert_eq!(
        (&view["private_metadata"], &view["submit"]),
        (&json!(""), &Value::Null)
    );
}
