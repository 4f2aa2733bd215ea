//! What Slack takes and what it refuses, as tables.

#![expect(
    clippy::needless_pass_by_value,
    reason = "tables read better without ampersands"
)]

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
fn buttons_and_their_confirm_dialogs_keep_to_their_limits() {
    let confirm = json!({"title": plain("Sure?"), "text": mrkdwn("Really"), "confirm": plain("Yes"),
        "deny": plain("No")});
    check(
        actions(json!([with(button(), "text", plain(&"x".repeat(75)))])),
        "",
    );
    check(
        actions(json!([with(button(), "text", plain(&"x".repeat(76)))])),
        "less than 76",
    );
    check(
        actions(json!([with(button(), "text", mrkdwn("x"))])),
        "must be plain_text",
    );
    check(
        actions(json!([with(button(), "value", json!("x".repeat(2001)))])),
        "less than 2001",
    );
    check(
        actions(json!([with(button(), "value", json!(7))])),
        "must be a string",
    );
    check(
        actions(json!([with(button(), "style", json!("default"))])),
        "must be one of primary, danger",
    );
    check(
        actions(json!([with(button(), "confirm", confirm.clone())])),
        "",
    );
    let wordy = with(confirm.clone(), "text", mrkdwn(&"x".repeat(301)));
    check(
        actions(json!([with(button(), "confirm", wordy)])),
        "less than 301",
    );
    let wordy = with(confirm.clone(), "confirm", plain(&"x".repeat(31)));
    check(
        actions(json!([with(button(), "confirm", wordy)])),
        "less than 31",
    );
    let typed = with(confirm, "type", json!("confirm"));
    check(
        actions(json!([with(button(), "confirm", typed)])),
        "invalid additional property: type",
    );
    check(section(button()), "");
    check(input(button()), "unsupported type: button");
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

#[test]
fn menus_offer_what_they_start_with() {
    let first = json!({"text": plain("Option 0"), "value": "o0"});
    let other = json!({"text": plain("Another label"), "value": "o0"});
    check(section(select(100)), "");
    check(section(select(101)), "no more than 100 items");
    check(section(select(0)), "no less than 1 items");
    check(
        section(with(select(2), "initial_option", first.clone())),
        "",
    );
    check(
        section(with(select(2), "initial_option", other)),
        "not one of the options",
    );
    check(
        section(json!({"type": "static_select"})),
        "needs either options or option_groups",
    );
    let groups = json!([{"label": plain("All"), "options": options(1)}]);
    check(
        section(json!({"type": "static_select", "option_groups": groups})),
        "",
    );
    check(
        section(with(select(1), "option_groups", groups)),
        "needs either",
    );
    let external =
        json!({"type": "external_select", "initial_option": first, "min_query_length": 0});
    check(section(external), "");
    let radio = json!({"type": "radio_buttons", "options": options(11)});
    check(actions(json!([radio])), "no more than 10 items");
    let overflow = json!({"type": "overflow", "options": options(6)});
    check(section(overflow), "no more than 5 items");
    let long = json!([{"text": plain(&"x".repeat(76)), "value": "v"}]);
    check(section(with(select(1), "options", long)), "less than 76");
    let styled = json!([{"text": mrkdwn("*x*"), "value": "v"}]);
    check(
        section(with(select(1), "options", styled.clone())),
        "must be plain_text",
    );
    check(
        actions(json!([{"type": "radio_buttons", "options": styled}])),
        "",
    );
}

#[test]
fn inputs_know_their_bounds() {
    let text = json!({"type": "plain_text_input", "action_id": "t"});
    check(input(text.clone()), "");
    check(
        input(with(text.clone(), "max_length", json!(3001))),
        "integer from 1 to 3000",
    );
    check(
        input(with(
            with(text.clone(), "min_length", json!(9)),
            "max_length",
            json!(8),
        )),
        "min_length",
    );
    check(
        input(with(text.clone(), "placeholder", plain(&"x".repeat(151)))),
        "less than 151",
    );
    check(section(text), "unsupported type: plain_text_input");
    check(
        input(json!({"type": "number_input"})),
        "missing required field: is_decimal_allowed",
    );
}

#[test]
fn rich_text_holds_known_pieces_only() {
    let rich = |pieces: Value| json!({"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": pieces}]});
    check(
        rich(json!([{"type": "text", "text": "inert *text*", "style": {"bold": true}}])),
        "",
    );
    check(
        rich(json!([{"type": "text", "text": ""}])),
        "more than 0 characters",
    );
    check(
        rich(json!([{"type": "text", "text": "x", "style": {"loud": true}}])),
        "loud",
    );
    check(rich(json!([{"type": "user", "user_id": "U1"}])), "");
    check(
        rich(
            json!([{"type": "date", "timestamp": 1_700_000_000, "format": "{time}", "fallback": "x"}]),
        ),
        "",
    );
    check(
        rich(json!([{"type": "date", "timestamp": "1700000000", "format": "{time}"}])),
        "integer",
    );
    check(
        rich(json!([{"type": "mrkdwn", "text": "x"}])),
        "unsupported type: mrkdwn",
    );
    check(
        json!({"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}),
        "unsupported type: text",
    );
}

#[test]
fn modals_keep_to_their_limits() {
    let modal = json!({"type": "modal", "title": plain("T"), "blocks": []});
    check_modal(modal.clone(), "");
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
            super::suggestions(&answer).ok().map(|found| found.len()),
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
    let taken = super::message(&json!([actions(json!([with(
        button(),
        "action_id",
        json!("a")
    )]))]));
    let block = taken.unwrap().remove(0);
    assert_eq!(block["elements"][0]["text"]["emoji"], true);
    assert!(block["block_id"].is_string());
    let view = json!({"type": "modal", "title": plain("T"), "blocks": [section(button())]});
    let view = super::modal(&view).unwrap();
    assert_eq!(view["blocks"][0]["text"]["verbatim"], false);
    assert_eq!(
        (&view["private_metadata"], &view["submit"]),
        (&json!(""), &Value::Null)
    );
}
