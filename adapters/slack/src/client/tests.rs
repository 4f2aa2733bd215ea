use std::sync::Arc;
use std::time::Duration;

use breakglass_core::port::chat::ChatError;
use breakglass_core::time::Timestamp;
use serde_json::json;
use tokio::time::Instant;

use super::cache::Cache;
use super::calls::User;
use super::config::{API_URL, Mode, Pace, SlackConfig};
use super::fault::{sort_code, sort_status};
use super::people::rows;
use super::respond::allowed;

fn config(api_url: &str) -> SlackConfig {
    SlackConfig {
        mode: Mode::Http {
            signing_secret: "secret".into(),
        },
        bot_token: "xoxb-canary".into(),
        team: "T1".to_owned(),
        approvers_channel: "C1".to_owned(),
        security_channel: "C2".to_owned(),
        help_channel: None,
        api_url: api_url.to_owned(),
        test_mode: api_url != API_URL,
        clock: Arc::new(|| Timestamp::from_millis(0)),
        pace: Pace::default(),
    }
}

#[test]
fn answers_go_to_slack_and_nowhere_else() {
    let (real, local) = (config(API_URL), config("http://127.0.0.1:9/api"));
    for (url, in_real, in_test) in [
        ("https://hooks.slack.com/actions/T1/2/3", true, true),
        ("http://hooks.slack.com/actions/T1/2/3", false, false),
        ("https://hooks.slack.com:444/actions", false, false),
        ("https://hooks.slack.com.evil.example/actions", false, false),
        ("https://evil.example/hooks.slack.com", false, false),
        ("https://x@hooks.slack.com/", false, false),
        ("https://hooks.slack.com@evil.example/", false, false),
        ("http://127.0.0.1:9/respond/1", false, true),
        ("https://127.0.0.1:9/respond/1", false, false),
        ("http://127.0.0.1:10/respond/1", false, false),
        ("http://169.254.169.254/latest", false, false),
        ("/respond/1", false, false),
        ("", false, false),
    ] {
        assert_eq!(allowed(url, &real), in_real, "{url}");
        assert_eq!(allowed(url, &local), in_test, "{url} in a test");
    }
}

#[test]
fn another_api_needs_test_mode() {
    for (url, expected) in [
        (API_URL, true),
        ("http://slack.com/api", false),
        ("https://slack.com.evil.example/api", false),
        ("http://127.0.0.1:9/api", false),
        ("nonsense", false),
    ] {
        let mut config = config(url);
        config.test_mode = false;
        assert_eq!(config.check().is_ok(), expected, "{url}");
        config.test_mode = true;
        assert_eq!(config.check().is_ok(), url != "nonsense", "{url} in a test");
    }
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
        ChatError::Refused(_) | ChatError::Closed(_) => "mend",
    };
    for (code, expected) in [
        ("ratelimited", "wait"),
        ("internal_error", "again"),
        ("service_unavailable", "again"),
        ("message_not_found", "gone"),
        ("view_not_found", "gone"),
        ("expired_trigger_id", "gone"),
        ("invalid_auth", "mend"),
        ("not_in_channel", "mend"),
        ("something_new", "mend"),
    ] {
        assert_eq!(kind(&sort_code("m", code, None)), expected, "{code}");
    }
    for (status, expected) in [
        (429, "wait"),
        (500, "again"),
        (503, "again"),
        (404, "gone"),
        (403, "mend"),
    ] {
        assert_eq!(kind(&sort_status("m", status)), expected, "{status}");
    }
    let text = sort_code("chat.postMessage", "missing_scope", Some("chat:write")).to_string();
    assert_eq!(
        text,
        "slack answered chat.postMessage with missing_scope: add the scope chat:write to the app and install it again"
    );
}

#[tokio::test]
async fn look_ups_are_fresh_then_usable_then_unknown() {
    let cache = Cache::new(Duration::from_mins(5), Duration::from_mins(15));
    let away = || Err(ChatError::Unavailable("away".to_owned()));
    let gone = || Err(ChatError::Gone("gone".to_owned()));
    let start = Instant::now();
    // At so many seconds Slack would answer this; then the cache answers that, having asked or not.
    for (secs, slack, answer, asked) in [
        (0, away(), away(), true),
        (0, Ok(1), Ok(1), true),
        (299, Ok(2), Ok(1), false),
        (300, away(), Ok(1), true),
        (899, away(), Ok(1), true),
        (900, away(), away(), true),
        (900, Ok(3), Ok(3), true),
        (1200, gone(), gone(), true),
        (1201, away(), away(), true),
    ] {
        let mut was_asked = false;
        let look_up = async {
            was_asked = true;
            slack
        };
        let now = start + Duration::from_secs(secs);
        assert_eq!(cache.get("key", now, look_up).await, answer, "at {secs} s");
        assert_eq!(was_asked, asked, "at {secs} s");
    }
}

#[test]
fn people_are_ready_to_be_pasted() {
    let user = |id: &str, name: &str| -> User {
        let user = json!({ "id": id, "name": "handle", "real_name": name });
        serde_json::from_value(user).unwrap()
    };
    let rows = rows(vec![
        user("U3", "Åsa \"Oz\" Öberg"),
        user("U1", "Maya Lind"),
        user("U2", "Maya Lind"),
        user("U4", "李雷"),
    ]);
    let text: Vec<String> = rows.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(text.join("\n"));
}
