//! HTTP mode: the same as in Socket Mode, and nothing that Slack didn't sign just now.

use breakglass_core::intent::{Act, Typed};
use breakglass_core::port::chat::Chat as _;
use breakglass_sandbox::{Delivery, MessageId, Options, Sandbox, signature};
use breakglass_slack::SlackChat;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::office::{APPROVERS, BO, MAYA, MovedClock, Office, app, config, options};
use super::pictures;
use crate::desk::Mood;

/// An office reached by HTTP, and its address.
async fn open() -> (Office, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/slack", listener.local_addr().unwrap());
    let delivery = Delivery::Http {
        commands_url: format!("{base}/commands"),
        interactions_url: format!("{base}/interactions"),
        events_url: Some(format!("{base}/events")),
    };
    let clock = MovedClock::default();
    let sandbox = Sandbox::start(Options {
        delivery: delivery.clone(),
        ..options()
    })
    .await
    .unwrap();
    let chat = SlackChat::new(config(&sandbox, &delivery, &clock)).unwrap();
    let office = Office::around(sandbox, chat, clock);
    let router = office.chat.router(office.desk.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (office, base)
}

/// A request as somebody who may know the secret would send it.
struct Forgery {
    path: &'static str,
    body: String,
    secret: String,
    signed_at: i64,
}

impl Forgery {
    fn command(office: &Office, fields: &[(&str, &str)]) -> Self {
        let mut form = vec![
            ("api_app_id", "A0BREAKGLASS"),
            ("team_id", "T0SANDBOX"),
            ("user_id", MAYA),
            ("channel_id", APPROVERS),
            ("command", "/breakglass"),
            ("text", "status"),
            ("trigger_id", "1.forged"),
        ];
        form.retain(|(name, _)| fields.iter().all(|(other, _)| other != name));
        form.extend(fields);
        Self {
            path: "/commands",
            body: form
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect::<Vec<_>>()
                .join("&"),
            secret: app().signing_secret,
            signed_at: office.clock.now().seconds(),
        }
    }

    async fn send(&self, base: &str) -> (StatusCode, Value) {
        let signed = signature(&self.secret, self.signed_at, self.body.as_bytes());
        let request = reqwest::Client::new()
            .post(format!("{base}{}", self.path))
            .header("x-slack-request-timestamp", self.signed_at.to_string())
            .header("x-slack-signature", signed)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(self.body.clone());
        let response = request.send().await.unwrap();
        let status = response.status();
        let body = response.text().await.unwrap();
        (status, serde_json::from_str(&body).unwrap_or(Value::Null))
    }
}

#[tokio::test]
async fn people_reach_us() {
    let (office, _) = open().await;
    let posted = office
        .chat
        .post_card(APPROVERS, &pictures::waiting_card())
        .await
        .unwrap();
    office.slash(MAYA, "").await;
    let id = MessageId {
        channel: posted.channel,
        ts: posted.message,
    };
    office.sandbox.press(BO, id, "Approve").await.unwrap();
    office.sandbox.open_home(MAYA).await.unwrap();
    let acts = office.desk.acts();
    assert_eq!(acts[0], Act::OpenForm(Typed::default()));
    assert!(matches!(acts[1], Act::Press { .. }), "{acts:?}");
    assert_eq!(acts[2], Act::HomeOpened);
    office.desk.is(Mood::CannotWrite);
    let slashed = office.slash(MAYA, "status").await;
    assert!(
        slashed
            .shown
            .is_some_and(|answer| answer.text.contains("I couldn't record that"))
    );
}

#[tokio::test]
async fn only_what_slack_signed_just_now_comes_in() {
    let (office, base) = open().await;
    let good = Forgery::command(&office, &[]);
    assert_eq!(good.send(&base).await.0, StatusCode::OK);
    assert_eq!(
        good.send(&base).await.0,
        StatusCode::UNAUTHORIZED,
        "a replay"
    );

    let mut wrong = Forgery::command(&office, &[("trigger_id", "2")]);
    wrong.secret = "guessed".to_owned();
    assert_eq!(
        wrong.send(&base).await.0,
        StatusCode::UNAUTHORIZED,
        "a forgery"
    );
    for moved in [-301, 302] {
        let mut stale = Forgery::command(&office, &[("trigger_id", "3")]);
        stale.signed_at += moved;
        assert_eq!(
            stale.send(&base).await.0,
            StatusCode::UNAUTHORIZED,
            "signed {moved} s off"
        );
    }
    let late = Forgery::command(&office, &[("trigger_id", "4")]);
    office.clock.forward(301_000);
    assert_eq!(
        late.send(&base).await.0,
        StatusCode::UNAUTHORIZED,
        "held back"
    );
    let unsigned = reqwest::Client::new()
        .post(format!("{base}/commands"))
        .body("text=status");
    assert_eq!(
        unsigned.send().await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(office.desk.acts(), [Act::Status]);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let (office, base) = open().await;
    let mut large = Forgery::command(&office, &[]);
    large.body.push_str("&text=");
    large.body.push_str(&"x".repeat(1024 * 1024));
    assert_eq!(large.send(&base).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(office.desk.taken().is_empty());
}

#[tokio::test]
async fn another_workspace_or_app_is_turned_away() {
    let (office, base) = open().await;
    for (fields, text) in [
        ([("team_id", "T0OTHER")], "people from other companies"),
        ([("api_app_id", "A0OTHER")], "another app"),
        (
            [("is_enterprise_install", "true")],
            "people from other companies",
        ),
        ([("user_id", "U0BREAKGLASS")], "Bots can't"),
    ] {
        let (status, answer) = Forgery::command(&office, &fields).send(&base).await;
        assert_eq!(status, StatusCode::OK);
        assert!(
            answer["text"]
                .as_str()
                .is_some_and(|said| said.contains(text)),
            "{answer}"
        );
        assert_eq!(answer["response_type"], "ephemeral");
    }
    assert!(office.desk.taken().is_empty());
}

#[tokio::test]
async fn slack_s_own_checks_are_answered() {
    let (office, base) = open().await;
    let check = Forgery::command(&office, &[("ssl_check", "1")]);
    assert_eq!(check.send(&base).await.0, StatusCode::OK);
    let mut challenge = Forgery::command(&office, &[]);
    challenge.path = "/events";
    challenge.body = json!({ "type": "url_verification", "challenge": "c0ffee" }).to_string();
    let (status, answer) = challenge.send(&base).await;
    assert_eq!(
        (status, &answer["challenge"]),
        (StatusCode::OK, &json!("c0ffee"))
    );
    for path in ["/events", "/interactions"] {
        let mut nonsense = Forgery::command(&office, &[("x", path)]);
        nonsense.path = path;
        assert_eq!(
            nonsense.send(&base).await.0,
            StatusCode::BAD_REQUEST,
            "{path}"
        );
    }
    assert!(office.desk.taken().is_empty());
}
