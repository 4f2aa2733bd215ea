use breakglass_core::intent::{Act, Button, Filled, Typed};
use breakglass_core::notice::Field;
use breakglass_core::time::Length;
use proptest::prelude::*;
use regex::Regex;
use serde_json::{Value, json};

use super::{Kind, Origin, Reading, Wish, read};

fn incident() -> Regex {
    Regex::new("[A-Z][A-Z0-9]+-[0-9]+").unwrap()
}

fn reading(kind: Kind, payload: &Value) -> Reading {
    read(kind, payload, &incident()).unwrap()
}

/// What every interaction has, with more.
fn interaction(kind: &str, more: Value) -> Value {
    let mut payload = json!({
        "type": kind,
        "api_app_id": "A1",
        "team": { "id": "T1", "domain": "acme" },
        "enterprise": null,
        "is_enterprise_install": false,
        "user": { "id": "U1", "team_id": "T1" },
        "trigger_id": "123.abc",
    });
    let more: serde_json::Map<String, Value> = serde_json::from_value(more).unwrap();
    payload.as_object_mut().unwrap().extend(more);
    payload
}

fn press(action: &str, value: &str) -> Value {
    interaction(
        "block_actions",
        json!({
            "response_url": "https://hooks.slack.com/actions/1",
            "channel": { "id": "C1" },
            "container": { "type": "message", "message_ts": "1.2", "channel_id": "C1", "is_ephemeral": false },
            "message": { "ts": "1.2", "app_id": "A1", "bot_id": "B1" },
            "actions": [{ "type": "button", "action_id": action, "value": value }],
        }),
    )
}

fn modal(kind: &str, callback: &str, memo: &Value, values: &Value) -> Value {
    interaction(
        kind,
        json!({
            "view": {
                "id": "V1", "hash": "h1", "type": "modal", "app_id": "A1",
                "callback_id": callback,
                "private_metadata": memo.to_string(),
                "state": { "values": values },
            },
        }),
    )
}

fn filled_form() -> Value {
    json!({
        "target": { "target": { "type": "external_select", "selected_option": { "value": "orders-db" } } },
        "role:orders-db": { "role": { "type": "external_select", "selected_option": { "value": "admin" } } },
        "duration:900-1800": { "duration": { "type": "radio_buttons", "selected_option": { "value": "1800" } } },
        "severity": { "severity": { "type": "static_select", "selected_option": { "value": "1" } } },
        "incident": { "incident": { "type": "plain_text_input", "value": "https://x.example/INC-7" } },
        "beneficiary": { "beneficiary": { "type": "users_select", "selected_user": "U1" } },
        "why": { "why": { "type": "plain_text_input", "value": " replication\u{202E} slot stuck " } },
    })
}

#[test]
fn a_command_is_read() {
    let read = reading(
        Kind::Command,
        &json!({
            "api_app_id": "A1", "team_id": "T1", "user_id": "U1", "channel_id": "C1",
            "is_enterprise_install": "false", "command": "/breakglass", "text": "status",
            "response_url": "https://hooks.slack.com/commands/1", "trigger_id": "123.abc",
        }),
    );
    assert_eq!(read.wish, Wish::Act(Act::Status));
    assert_eq!(read.replay_key, "trigger:123.abc");
    assert_eq!(read.channel.as_deref(), Some("C1"));
    assert_eq!(
        read.reply.url.as_deref(),
        Some("https://hooks.slack.com/commands/1")
    );
    assert_eq!(read.envelope.user, "U1");
    assert!(!read.envelope.enterprise_install);
}

#[test]
fn a_button_is_read() {
    let read = reading(
        Kind::Interaction,
        &press("approve", "BG-7.0123456789abcdef"),
    );
    let expected = Act::Press {
        button: Button::Approve,
        request: "BG-7".parse().unwrap(),
        digest: "0123456789abcdef".to_owned(),
    };
    assert_eq!(read.wish, Wish::Act(expected.clone()));
    let (app, bot) = (Some("A1".to_owned()), Some("B1".to_owned()));
    assert_eq!(read.origin, Origin::Message { app, bot });
    assert_eq!(read.reply.message.unwrap().message, "1.2");
    let again = reading(
        Kind::Interaction,
        &press("approve:3", "BG-7.0123456789abcdef"),
    );
    assert_eq!(again.wish, Wish::Act(expected));
}

#[test]
fn every_button_comes_back() {
    for button in Button::ALL {
        let read = reading(
            Kind::Interaction,
            &press(button.as_str(), "BG-7.0123456789abcdef"),
        );
        assert!(matches!(read.wish, Wish::Act(Act::Press { button: seen, .. }) if seen == button));
    }
}

#[test]
fn doctored_buttons_do_nothing() {
    for (action, value) in [
        ("approve", ""),
        ("approve", "BG-7"),
        ("approve", "BG-7.zzzzzzzzzzzzzzzz"),
        ("approve", "7.0123456789abcdef"),
        ("unknown", "BG-7.0123456789abcdef"),
        ("target", "BG-7.0123456789abcdef"),
    ] {
        let read = reading(Kind::Interaction, &press(action, value));
        assert!(matches!(read.wish, Wish::Nothing(_)), "{action} {value}");
    }
}

#[test]
fn an_ephemeral_answer_has_no_message_to_redraw() {
    let mut payload = press("end_now", "BG-7.0123456789abcdef");
    payload["container"]["is_ephemeral"] = json!(true);
    payload.as_object_mut().unwrap().remove("message");
    let read = reading(Kind::Interaction, &payload);
    assert_eq!(read.origin, Origin::Own);
    assert_eq!(read.reply.message, None);
    assert_eq!(read.channel.as_deref(), Some("C1"));
}

#[test]
fn a_message_without_an_author_is_nobody_s() {
    let mut payload = press("approve", "BG-7.0123456789abcdef");
    payload.as_object_mut().unwrap().remove("message");
    let read = reading(Kind::Interaction, &payload);
    assert_eq!(
        read.origin,
        Origin::Message {
            app: None,
            bot: None
        }
    );
}

#[test]
fn the_request_form_is_read() {
    let memo = json!({ "url": "https://hooks.slack.com/1", "source": "https://x", "again": true });
    let read = reading(
        Kind::Interaction,
        &modal("view_submission", "request", &memo, &filled_form()),
    );
    let expected = Typed {
        target: Some("orders-db".to_owned()),
        role: Some("admin".to_owned()),
        duration: Some(Length::from_mins(30)),
        severity: Some(1),
        incident: Some("INC-7".to_owned()),
        beneficiary: None,
        why: "replication slot stuck".to_owned(),
        source: Some("https://x".to_owned()),
        again: true,
    };
    assert_eq!(read.wish, Wish::SendOff(expected));
    assert_eq!(read.reply.url.as_deref(), Some("https://hooks.slack.com/1"));
    assert_eq!(read.reply.view.as_deref(), Some("V1"));
    assert_eq!(read.blocks["role"], "role:orders-db");
}

#[test]
fn a_field_that_changes_draws_the_form_again() {
    let mut payload = modal("block_actions", "request", &json!({}), &filled_form());
    payload["actions"] = json!([{ "action_id": "target" }]);
    let read = reading(Kind::Interaction, &payload);
    let Wish::Act(Act::OpenForm(typed)) = read.wish else {
        panic!("{:?}", read.wish);
    };
    assert_eq!(typed.target.as_deref(), Some("orders-db"));
    assert_eq!(typed.why, "replication slot stuck");
    assert_eq!(read.reply.view.as_deref(), Some("V1"));
}

#[test]
fn a_role_that_was_typed_waits_for_its_target() {
    let values = json!({ "target": { "target": { "selected_option": { "value": "orders-db" } } } });
    let mut payload = modal(
        "block_actions",
        "request",
        &json!({ "role": "admin" }),
        &values,
    );
    payload["actions"] = json!([{ "action_id": "target" }]);
    let Wish::Act(Act::OpenForm(typed)) = reading(Kind::Interaction, &payload).wish else {
        panic!("no form is opened");
    };
    assert_eq!(typed.role.as_deref(), Some("admin"));
}

#[test]
fn trying_again_keeps_what_was_typed() {
    let typed = Typed {
        why: "slot stuck".to_owned(),
        ..Typed::default()
    };
    let mut payload = modal("block_actions", "", &json!({ "typed": typed }), &json!({}));
    payload["actions"] = json!([{ "action_id": "try_again" }]);
    let read = reading(Kind::Interaction, &payload);
    assert_eq!(read.wish, Wish::Act(Act::OpenForm(typed)));
}

#[test]
fn a_short_form_is_read() {
    let about = json!({ "button": "review", "request": "BG-7", "digest": "0123456789abcdef" });
    let values = json!({
        "text": { "text": { "value": "all good" } },
        "finding": { "finding": { "selected_option": { "value": "drill" } } },
        "duration": { "duration": { "selected_option": { "value": "900" } } },
    });
    let memo = json!({ "about": about, "message": { "channel": "C1", "message": "1.2" } });
    let read = reading(
        Kind::Interaction,
        &modal("view_submission", "short", &memo, &values),
    );
    let expected = Act::Form {
        button: Button::Review,
        request: "BG-7".parse().unwrap(),
        digest: "0123456789abcdef".to_owned(),
        filled: Filled {
            text: "all good".to_owned(),
            duration: Some(Length::from_mins(15)),
            finding: Some("drill".to_owned()),
        },
    };
    assert_eq!(read.wish, Wish::Act(expected));
    assert_eq!(read.channel.as_deref(), Some("C1"));
    assert_eq!(read.reply.message.unwrap().message, "1.2");
}

#[test]
fn a_select_asks_with_the_rest_of_the_form() {
    let mut payload = modal("block_suggestion", "request", &json!({}), &json!({}));
    payload["action_id"] = json!("role");
    payload["block_id"] = json!("role:orders-db");
    payload["value"] = json!("adm");
    let read = reading(Kind::Interaction, &payload);
    let form = Typed {
        target: Some("orders-db".to_owned()),
        ..Typed::default()
    };
    let typed = "adm".to_owned();
    assert_eq!(
        read.wish,
        Wish::Choices {
            field: Field::Role,
            typed,
            form
        }
    );
}

#[test]
fn shortcuts_open_the_form() {
    let global = interaction("shortcut", json!({ "callback_id": "breakglass_request" }));
    assert_eq!(
        reading(Kind::Interaction, &global).wish,
        Wish::Act(Act::OpenForm(Typed::default()))
    );
    let about = |thread: Value| {
        let payload = interaction(
            "message_action",
            json!({
                "callback_id": "breakglass_request_about",
                "channel": { "id": "C1" },
                "message": { "ts": "1700000000.000100", "thread_ts": thread },
            }),
        );
        let Wish::Act(Act::OpenForm(typed)) = reading(Kind::Interaction, &payload).wish else {
            panic!("no form is opened");
        };
        typed.source
    };
    let link = "https://acme.slack.com/archives/C1/p1700000000000100";
    assert_eq!(about(Value::Null).as_deref(), Some(link));
    assert_eq!(
        about(json!("1699999999.000100")),
        Some(format!("{link}?thread_ts=1699999999.000100&cid=C1"))
    );
    let strange = interaction("shortcut", json!({ "callback_id": "other" }));
    assert!(matches!(
        reading(Kind::Interaction, &strange).wish,
        Wish::Nothing(_)
    ));
}

#[test]
fn an_opened_home_page_is_read() {
    let event = |tab: &str| {
        json!({
            "api_app_id": "A1", "team_id": "T1", "event_id": "Ev1", "type": "event_callback",
            "authorizations": [{ "is_enterprise_install": false }],
            "event": { "type": "app_home_opened", "user": "U1", "tab": tab },
        })
    };
    let read = reading(Kind::Event, &event("home"));
    assert_eq!(read.wish, Wish::Act(Act::HomeOpened));
    assert_eq!(read.replay_key, "event:Ev1");
    assert!(matches!(
        reading(Kind::Event, &event("messages")).wish,
        Wish::Nothing(_)
    ));
}

#[test]
fn each_delivery_of_an_act_has_the_same_key() {
    let mut payload = modal("view_submission", "request", &json!({}), &filled_form());
    assert_eq!(
        reading(Kind::Interaction, &payload).replay_key,
        "trigger:123.abc"
    );
    payload.as_object_mut().unwrap().remove("trigger_id");
    assert_eq!(
        reading(Kind::Interaction, &payload).replay_key,
        "view:V1:h1"
    );
    payload["view"].as_object_mut().unwrap().remove("hash");
    let key = reading(Kind::Interaction, &payload).replay_key;
    assert_eq!(key, reading(Kind::Interaction, &payload).replay_key);
    assert!(key.starts_with("sha256:"));
    payload["user"]["id"] = json!("U2");
    assert_ne!(key, reading(Kind::Interaction, &payload).replay_key);
}

#[test]
fn what_slack_may_add_is_not_fatal() {
    for kind in ["view_closed", "dialog_submission", "workflow_step_edit", ""] {
        let read = reading(
            Kind::Interaction,
            &interaction(kind, json!({ "new": [1, { "x": null }] })),
        );
        assert!(matches!(read.wish, Wish::Nothing(_)), "{kind}");
    }
    for unreadable in [
        json!(null),
        json!([]),
        json!({}),
        json!({ "type": "block_actions" }),
    ] {
        for kind in [Kind::Command, Kind::Interaction, Kind::Event] {
            assert!(
                read(kind, &unreadable, &incident()).is_err(),
                "{unreadable}"
            );
        }
    }
}

proptest! {
    #[test]
    fn no_payload_makes_it_panic(
        action in "\\PC{0,20}", value in "\\PC{0,40}", memo in "\\PC{0,40}", block in "\\PC{0,10}",
    ) {
        let _read = read(Kind::Interaction, &press(&action, &value), &incident());
        for kind in ["view_submission", "block_actions", "block_suggestion"] {
            let values = json!({ &block: { &action: { "value": &value, "selected_option": null } } });
            let mut payload = modal(kind, &action, &json!({}), &values);
            payload["view"]["private_metadata"] = json!(memo);
            payload["action_id"] = json!(action);
            payload["block_id"] = json!(block);
            let _read = read(Kind::Interaction, &payload, &incident());
        }
    }
}
