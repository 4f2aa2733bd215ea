//! What serenity's models make of what the gateway sends.

use serde_json::json;
use serenity::model::event::GatewayEvent;

use super::super::{gateway, read};
use super::{command, incident, pressed, submitted, text};

/// What serenity's gateway makes of each payload says the same as the payload.
#[test]
fn the_gateway_loses_nothing_that_we_send() {
    let payloads = [
        command(
            "request",
            json!([text("target", "orders-db"), text("why", "x")]),
        ),
        pressed("press.approve.BG-7.0123456789abcdef.0"),
        submitted("short.deny.BG-7.0123456789abcdef", &[("text", "no")]),
        {
            let focused = json!([{ "type": 3, "name": "target", "value": "o", "focused": true }]);
            let mut payload = command("request", focused);
            payload["type"] = json!(4);
            payload
        },
    ];
    for payload in payloads {
        let sent = json!({ "t": "INTERACTION_CREATE", "s": 1, "op": 0, "d": payload });
        let event = serde_json::from_value(sent).unwrap();
        let GatewayEvent::Dispatch(_, event) = event else {
            panic!("not delivered");
        };
        let (name, delivered) = gateway::raw(event).unwrap();
        assert_eq!(name, "INTERACTION_CREATE");
        assert_eq!(
            read(&delivered, &incident()).unwrap_or_else(|error| panic!("{error}: {delivered}")),
            read(&payload, &incident()).unwrap()
        );
    }
}

#[test]
fn the_gateway_tells_of_members() {
    let user = json!({ "id": "200000000000000001", "username": "maya", "discriminator": "0", "avatar": null });
    let member = json!({
        "guild_id": "400000000000000001",
        "user": user,
        "roles": ["300000000000000001"],
        "joined_at": "2025-01-01T00:00:00.000000+00:00",
        "deaf": false,
        "mute": false,
        "flags": 0,
        "pending": false,
        "communication_disabled_until": "2026-03-02T14:07:00.000000+00:00",
    });
    for (name, data) in [
        ("GUILD_MEMBER_ADD", member.clone()),
        ("GUILD_MEMBER_UPDATE", member),
        (
            "GUILD_MEMBER_REMOVE",
            json!({ "guild_id": "400000000000000001", "user": user }),
        ),
    ] {
        let sent = json!({ "t": name, "s": 1, "op": 0, "d": data });
        let GatewayEvent::Dispatch(_, event) = serde_json::from_value(sent).unwrap() else {
            panic!("not delivered");
        };
        let (told, delivered) = gateway::raw(event).unwrap();
        assert_eq!(told, name);
        for path in ["/guild_id", "/user/id", "/roles"] {
            assert_eq!(delivered.pointer(path), data.pointer(path), "{name} {path}");
        }
    }
}
