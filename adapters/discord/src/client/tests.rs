use std::sync::Arc;

use breakglass_core::port::chat::ChatError;
use breakglass_core::time::Timestamp;
use serde_json::json;

use super::config::{API_URL, DiscordConfig, Mode, Pace};
use super::fault::{Said, sort};
use super::kept::Kept;
use super::members::Member;
use super::people::rows;
use super::respond::{First, Ticket};

fn config(api_url: &str) -> DiscordConfig {
    DiscordConfig {
        mode: Mode::Gateway,
        token: "canary".into(),
        application_id: "100000000000000001".to_owned(),
        guild: "400000000000000001".to_owned(),
        approvers_channel: "500000000000000001".to_owned(),
        security_channel: "500000000000000002".to_owned(),
        help_channel: None,
        api_url: api_url.to_owned(),
        test_mode: false,
        clock: Arc::new(|| Timestamp::from_millis(0)),
        pace: Pace::default(),
    }
}

fn in_test(api_url: &str) -> DiscordConfig {
    DiscordConfig {
        test_mode: true,
        ..config(api_url)
    }
}

#[test]
fn another_api_needs_test_mode() {
    for (url, real, test) in [
        (API_URL, true, true),
        ("https://discord.com/", true, true),
        ("http://discord.com", false, true),
        ("https://discord.com:444", false, true),
        ("https://discord.com.evil.example", false, true),
        ("https://discord.com@evil.example", false, true),
        ("http://127.0.0.1:9", false, true),
        ("ftp://127.0.0.1", false, false),
        ("nonsense", false, false),
    ] {
        assert_eq!(config(url).check().is_ok(), real, "{url}");
        assert_eq!(in_test(url).check().is_ok(), test, "{url} in a test");
    }
}

#[test]
fn the_gateway_is_discord_s_own() {
    let local = "http://127.0.0.1:9";
    for (gateway, real, test) in [
        ("wss://gateway.discord.gg", true, true),
        ("wss://gateway-us-east1-b.discord.gg/", true, true),
        ("ws://gateway.discord.gg", false, true),
        ("wss://discord.gg.evil.example", false, true),
        ("wss://evildiscord.gg", false, true),
        ("ws://127.0.0.1:9/gateway", false, true),
        ("http://127.0.0.1:9/gateway", false, false),
        ("", false, false),
    ] {
        assert_eq!(config(API_URL).is_gateway(gateway), real, "{gateway}");
        assert_eq!(
            in_test(API_URL).is_gateway(gateway),
            real,
            "{gateway}, real API"
        );
        assert_eq!(
            in_test(local).is_gateway(gateway),
            test,
            "{gateway} in a test"
        );
    }
}

#[test]
fn ids_and_keys_are_looked_at() {
    let but = |edit: fn(&mut DiscordConfig)| {
        let mut changed = config(API_URL);
        edit(&mut changed);
        changed.check().is_ok()
    };
    assert!(but(|_| {}));
    assert!(!but(|c| c.guild = "acme".into()));
    assert!(!but(|c| c.guild = "0".into()));
    assert!(!but(|c| c.help_channel = Some("#help".into())));
    assert!(!but(|c| c.mode = Mode::Http {
        public_key: "abc".into()
    }));
}

#[test]
fn a_config_that_is_printed_tells_no_secret() {
    assert!(!format!("{:?}", config(API_URL)).contains("canary"));
}

#[test]
fn failures_are_sorted_by_what_to_do() {
    let kind = |error: &ChatError| match error {
        ChatError::Limited(_) => "wait",
        ChatError::Unavailable(_) => "again",
        ChatError::Gone(_) => "gone",
        ChatError::Refused(_) => "mend",
        ChatError::Closed(_) => "closed",
    };
    for (status, code, expected) in [
        (429, 0, "wait"),
        (500, 0, "again"),
        (503, 0, "again"),
        (404, 10_003, "gone"),
        (404, 10_008, "gone"),
        (404, 10_062, "gone"),
        (404, 10_015, "gone"),
        (400, 40_060, "gone"),
        (401, 50_027, "gone"),
        (403, 50_007, "closed"),
        (401, 0, "mend"),
        (403, 50_001, "mend"),
        (403, 50_013, "mend"),
        (400, 50_035, "mend"),
    ] {
        let said: Said = serde_json::from_value(json!({ "code": code })).unwrap();
        let error = sort("post message", status, &said, None);
        assert_eq!(kind(&error), expected, "{status} {code}");
    }
}

#[test]
fn a_wait_is_told_in_whole_seconds() {
    for (body, header, expected) in [
        (json!({ "retry_after": 64.57 }), None, 65),
        (json!({ "retry_after": 0.3 }), None, 1),
        (json!({}), Some(12.0), 12),
        (json!({}), None, 30),
        (json!({ "retry_after": 1e300 }), None, 3600),
        (json!({ "retry_after": -5 }), None, 1),
    ] {
        let said: Said = serde_json::from_value(body.clone()).unwrap();
        assert_eq!(said.wait(header), expected, "{body}");
    }
}

#[test]
fn a_ticket_comes_back_or_not_at_all() {
    for first in [First::Now, First::Later, First::Update] {
        let ticket = Ticket {
            id: 7,
            token: "aW50-ZXJ_h.Y3=".to_owned(),
            first,
        };
        assert_eq!(ticket.to_string().parse(), Ok(ticket.clone()));
        assert!(!format!("{ticket:?}").contains("aW50"));
        assert_eq!(ticket.reply().trigger.is_some(), first == First::Now);
    }
    for wrong in [
        "",
        "now",
        "now/7",
        "now/7/",
        "now/x/t",
        "soon/7/t",
        "now/7/../../users",
        "now/7/a?b",
    ] {
        assert!(wrong.parse::<Ticket>().is_err(), "{wrong}");
    }
}

#[test]
fn the_oldest_is_forgotten_first() {
    let kept = Kept::new(2);
    for name in ["a", "b", "c"] {
        kept.keep(name.to_owned(), name.len());
    }
    assert_eq!(kept.get("a"), None);
    assert_eq!(kept.get("c"), Some(1));
    assert_eq!(kept.get_or_keep("c".to_owned(), 9), 1);
    assert_eq!(kept.get_or_keep("d".to_owned(), 9), 9);
    assert_eq!(kept.get("b"), None);
}

#[test]
fn people_are_ready_to_be_pasted() {
    let member = |id: &str, username: &str, name: Option<&str>| -> Member {
        let user = json!({ "id": id, "username": username, "global_name": name });
        serde_json::from_value(json!({ "user": user, "nick": null })).unwrap()
    };
    let rows = rows(vec![
        member("3", "asa.oberg", Some("Åsa \"Oz\" Öberg")),
        member("1", "maya_lind", Some("Maya Lind")),
        member("2", "Maya_Lind", Some("Maya Lind")),
        member("4", "___", None),
    ]);
    let text: Vec<String> = rows.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(text.join("\n"));
}
