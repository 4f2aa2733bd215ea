//! Buttons, menus, inputs and rich text.

use serde_json::{Value, json};

use super::*;

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
