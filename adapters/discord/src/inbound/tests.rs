mod anything;
mod delivered;

use breakglass_core::id::RequestId;
use breakglass_core::intent::{Act, Button, Filled, Typed};
use breakglass_core::notice::Field;
use breakglass_core::time::Length;
use regex::Regex;
use serde_json::{Value, json};

use super::*;

fn incident() -> Regex {
    Regex::new("[A-Z][A-Z0-9]+-[0-9]+").unwrap()
}

/// An interaction of Maya in our guild, as Discord sends it.
fn interaction(kind: u8, data: impl Into<Value>) -> Value {
    let data: Value = data.into();
    json!({
        "id": "1400000000000000001",
        "application_id": "100000000000000001",
        "type": kind,
        "token": "aW50ZXJhY3Rpb24",
        "guild_id": "400000000000000001",
        "channel_id": "500000000000000001",
        "context": 0,
        "authorizing_integration_owners": { "0": "400000000000000001" },
        "member": {
            "user": {
                "id": "200000000000000001",
                "username": "maya",
                "discriminator": "0",
                "avatar": null,
                "global_name": "Maya Lind",
            },
            "roles": ["300000000000000001"],
            "permissions": "2147483647",
            "joined_at": "2025-01-01T00:00:00.000000+00:00",
            "deaf": false,
            "mute": false,
            "flags": 0,
            "communication_disabled_until": null,
        },
        "locale": "en-GB",
        "version": 1,
        "entitlements": [],
        "app_permissions": "2147483647",
        "attachment_size_limit": 10_485_760,
        "channel": { "id": "500000000000000001", "type": 0 },
        "data": data,
    })
}

fn command(sub: &str, options: impl Into<Value>) -> Value {
    let options: Value = options.into();
    let data = json!({
        "id": "600000000000000001",
        "name": "breakglass",
        "type": 1,
        "options": [{ "type": 1, "name": sub, "options": options }],
    });
    interaction(2, data)
}

fn pressed(custom_id: &str) -> Value {
    let mut press = interaction(3, json!({ "custom_id": custom_id, "component_type": 2 }));
    press["message"] = json!({
        "id": "700000000000000001",
        "channel_id": "500000000000000001",
        "author": {
            "id": "100000000000000001",
            "username": "breakglass",
            "discriminator": "0",
            "avatar": null,
            "bot": true,
        },
        "content": "",
        "timestamp": "2026-03-02T14:07:00.000000+00:00",
        "edited_timestamp": null,
        "tts": false,
        "mention_everyone": false,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": false,
        "type": 0,
        "flags": 0,
    });
    press
}

fn submitted(custom_id: &str, fields: &[(&str, &str)]) -> Value {
    let row = |(name, value): &(&str, &str)| json!({ "type": 1, "components": [{ "type": 4, "custom_id": name, "value": value }] });
    let rows: Vec<Value> = fields.iter().map(row).collect();
    interaction(5, json!({ "custom_id": custom_id, "components": rows }))
}

fn wish(payload: &Value) -> Wish {
    read(payload, &incident()).unwrap().wish
}

fn text(name: &str, value: &str) -> Value {
    json!({ "type": 3, "name": name, "value": value })
}

#[test]
fn sub_commands_are_read() {
    for (payload, act) in plain_commands().into_iter().chain(commands_about_one()) {
        assert_eq!(wish(&payload), Wish::Act(act));
    }
}

fn plain_commands() -> Vec<(Value, Act)> {
    let why = text("why", "wrong role");
    vec![
        (command("status", json!([])), Act::Status),
        (command("list", json!([])), Act::List),
        (command("help", json!([])), Act::Help),
        (command("link", json!([])), Act::Link { code: None }),
        (
            command("link", json!([text("code", "K7-Q2")])),
            Act::Link {
                code: Some("K7-Q2".to_owned()),
            },
        ),
        (command("unlink", json!([])), Act::Unlink),
        (
            command(
                "unlink",
                json!([{ "name": "person", "type": 6, "value": "202" }]),
            ),
            Act::UnlinkOf {
                account: "202".to_owned(),
            },
        ),
        (command("end", json!([])), Act::End(None)),
        (
            command("request", json!([])),
            Act::OpenForm(Typed::default()),
        ),
        (
            command(
                "lockdown",
                json!([why, { "type": 5, "name": "revoke_all", "value": true }]),
            ),
            Act::Lockdown {
                reason: Some("wrong role".to_owned()),
                revoke_all: true,
            },
        ),
    ]
}

fn commands_about_one() -> Vec<(Value, Act)> {
    let id = || text("id", "BG-7");
    let seven = Some(RequestId::new(7));
    vec![
        (command("end", json!([id()])), Act::End(seven)),
        (command("end", json!([text("id", "#7")])), Act::End(seven)),
        (
            command("end", json!([text("id", "tomorrow")])),
            Act::Unclear("end tomorrow".to_owned()),
        ),
        (command("withdraw", json!([id()])), Act::Withdraw(seven)),
        (
            command("revoke", json!([id(), text("why", "wrong role")])),
            Act::Revoke {
                request: seven,
                reason: Some("wrong role".to_owned()),
            },
        ),
        (
            command("review", json!([id(), text("finding", "drill")])),
            Act::Review {
                request: seven,
                finding: Some("drill".to_owned()),
                note: String::new(),
            },
        ),
        (
            command("again", json!([id()])),
            Act::Press {
                button: Button::AskAgain,
                request: RequestId::new(7),
                digest: String::new(),
            },
        ),
        (
            command("describe", json!([id(), text("words", "dropped the slot")])),
            Act::Form {
                button: Button::Describe,
                request: RequestId::new(7),
                digest: String::new(),
                filled: Filled {
                    text: "dropped the slot".to_owned(),
                    ..Filled::default()
                },
            },
        ),
    ]
}

#[test]
fn a_request_is_read_from_its_options() {
    let options = json!([
        text("target", "orders-db"),
        text("role", "admin"),
        text("duration", "1h30"),
        { "type": 4, "name": "severity", "value": 1 },
        text("incident", "https://acme.example/browse/inc-2231"),
        { "type": 6, "name": "for", "value": "200000000000000002" },
        text("why", "replication slot\u{202E} stuck"),
    ]);
    let expected = Typed {
        target: Some("orders-db".to_owned()),
        role: Some("admin".to_owned()),
        duration: Some(Length::from_mins(90)),
        severity: Some(1),
        incident: Some("INC-2231".to_owned()),
        beneficiary: Some("200000000000000002".to_owned()),
        why: "replication slot stuck".to_owned(),
        source: None,
        again: false,
    };
    assert_eq!(
        wish(&command("request", options)),
        Wish::Act(Act::Ask(expected))
    );
}

#[test]
fn a_request_for_oneself_is_for_nobody_else() {
    let own = json!([{ "type": 6, "name": "for", "value": "200000000000000001" }]);
    assert_eq!(
        wish(&command("request", own)),
        Wish::Act(Act::Ask(Typed::default()))
    );
}

#[test]
fn choices_are_asked_for_with_the_other_options() {
    let options = json!([
        text("target", "orders-db"),
        { "type": 3, "name": "role", "value": "adm", "focused": true },
    ]);
    let mut payload = command("request", options);
    payload["type"] = json!(4);
    let Wish::Choices { field, typed, form } = wish(&payload) else {
        panic!("no choices");
    };
    assert_eq!((field, typed.as_str()), (Field::Role, "adm"));
    assert_eq!(form.target.as_deref(), Some("orders-db"));
}

#[test]
fn every_button_comes_back() {
    for button in Button::ALL {
        let custom_id = format!("press.{}.BG-7.0123456789abcdef.2", button.as_str());
        let expected = Act::Press {
            button,
            request: RequestId::new(7),
            digest: "0123456789abcdef".to_owned(),
        };
        assert_eq!(wish(&pressed(&custom_id)), Wish::Act(expected));
    }
}

#[test]
fn doctored_buttons_do_nothing() {
    for custom_id in [
        "",
        "press",
        "press.approve",
        "press.approve.BG-7",
        "press.approve.BG-7.0123456789abcdef",
        "press.approve.7.0123456789abcdef.0",
        "press.approve.BG-7.0123456789ABCDEF.0",
        "press.approve.BG-7.0123.0",
        "press.no_such.BG-7.0123456789abcdef.0",
        "press.approve.BG-7.0123456789abcdef.x.0",
        "short.deny.BG-7.0123456789abcdef",
        "request.-.-.-.0.-",
    ] {
        let wish = wish(&pressed(custom_id));
        assert!(matches!(wish, Wish::Nothing(_)), "{custom_id}: {wish:?}");
    }
}

#[test]
fn the_request_form_is_read() {
    let fields = [
        ("why", "replication slot stuck"),
        ("severity", "SEV-2"),
        ("incident", "inc-7"),
    ];
    let form = submitted(
        "request.1800.-.200000000000000002.1.orders-db/admin",
        &fields,
    );
    let expected = Typed {
        target: Some("orders-db".to_owned()),
        role: Some("admin".to_owned()),
        duration: Some(Length::from_mins(30)),
        severity: Some(2),
        incident: Some("INC-7".to_owned()),
        beneficiary: Some("200000000000000002".to_owned()),
        why: "replication slot stuck".to_owned(),
        source: None,
        again: true,
    };
    assert_eq!(wish(&form), Wish::Act(Act::Ask(expected)));
}

#[test]
fn fields_that_cannot_be_understood_are_told_with_the_words() {
    for (field, value) in [("duration", "soon"), ("severity", "9")] {
        let fields = [("why", "replication slot stuck"), (field, value)];
        let Wish::Unclear { how, words } = wish(&submitted("request.-.-.-.0.a/b", &fields)) else {
            panic!("{field} {value} is taken");
        };
        assert!(how.contains(value), "{how}");
        assert_eq!(words, "replication slot stuck");
    }
}

#[test]
fn an_approval_for_less_needs_its_length() {
    let name = "short.approve_for_less.BG-7.0123456789abcdef";
    for value in ["", "less", "15 parsecs"] {
        let wish = wish(&submitted(name, &[("duration", value), ("text", "ok")]));
        assert!(matches!(wish, Wish::Unclear { .. }), "{value}: {wish:?}");
    }
    let form = submitted(name, &[("duration", "15 min"), ("text", "ok")]);
    let expected = Act::Form {
        button: Button::ApproveForLess,
        request: RequestId::new(7),
        digest: "0123456789abcdef".to_owned(),
        filled: Filled {
            text: "ok".to_owned(),
            duration: Some(Length::from_mins(15)),
            finding: None,
        },
    };
    assert_eq!(wish(&form), Wish::Act(expected));
}

#[test]
fn fields_in_labels_and_selects_are_read_as_well() {
    let component = |component| json!({ "type": 18, "label": "x", "component": component });
    let form = interaction(
        5,
        json!({
            "custom_id": "short.review.BG-7.0123456789abcdef",
            "components": [
                component(json!({ "type": 3, "custom_id": "finding", "values": ["misuse"] })),
                component(json!({ "type": 4, "custom_id": "text", "value": "no" })),
            ],
        }),
    );
    let Wish::Act(Act::Form { filled, .. }) = wish(&form) else {
        panic!("no form");
    };
    assert_eq!(filled.finding.as_deref(), Some("misuse"));
    assert_eq!(filled.text, "no");
}

#[test]
fn durations_are_read_as_people_write_them() {
    let mins = |mins| Some(Length::from_mins(mins));
    for (text, expected) in [
        ("30", mins(30)),
        ("30m", mins(30)),
        (" 30 min ", mins(30)),
        ("1h30", mins(90)),
        ("1 h 30 min", mins(90)),
        ("1h", mins(60)),
        ("90s", Some(Length::from_secs(90))),
        ("", None),
        ("h", None),
        ("30m1h", None),
        ("30m30", None),
        ("-30", None),
        ("99999999999", None),
        ("9999999h", None),
        ("half an hour", None),
    ] {
        assert_eq!(words::duration(text), expected, "{text:?}");
    }
}

#[test]
fn a_duration_we_write_is_one_we_read() {
    for secs in [60, 90, 300, 900, 1800, 3600, 5400, 86_400, 90_061] {
        let length = Length::from_secs(secs);
        assert_eq!(
            words::duration(&length.to_string()),
            Some(length),
            "{length}"
        );
    }
}

#[test]
fn who_sends_is_read_from_the_member() {
    let reading = read(&command("status", json!([])), &incident()).unwrap();
    assert_eq!(reading.envelope.user, "200000000000000001");
    assert!(reading.envelope.member && !reading.envelope.bot);
    let mut direct = command("status", json!([]));
    direct["user"] = direct["member"]["user"].clone();
    let fields = direct.as_object_mut().unwrap();
    fields.remove("member");
    fields.remove("guild_id");
    let reading = read(&direct, &incident()).unwrap();
    assert_eq!(reading.envelope.guild, None);
    assert!(!reading.envelope.member);
    let mut silenced = command("status", json!([]));
    silenced["member"]["communication_disabled_until"] = json!("2026-03-02T14:07:00.000000+00:00");
    let until = read(&silenced, &incident())
        .unwrap()
        .envelope
        .silenced_until;
    assert_eq!(until, Some("2026-03-02T14:07:00.000Z".parse().unwrap()));
}
