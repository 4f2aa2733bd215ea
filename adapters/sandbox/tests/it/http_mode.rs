//! HTTP delivery: what is signed, how, and what an answer may be.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::post;
use breakglass_sandbox::{ActError, Delivery, Options, Sandbox, Undelivered, signature};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::app::call;
use crate::options;

/// Headers and raw body of a request.
type Arrived = (HeaderMap, Vec<u8>);

/// What came in, and what is answered.
#[derive(Clone, Default)]
struct Inbox {
    requests: Arc<Mutex<Vec<Arrived>>>,
    answer: Arc<Mutex<Option<(u16, &'static str)>>>,
}

async fn take(State(inbox): State<Inbox>, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    inbox
        .requests
        .lock()
        .unwrap()
        .push((headers, body.to_vec()));
    let answer = *inbox.answer.lock().unwrap();
    match answer {
        Some((status, body)) => (StatusCode::from_u16(status).unwrap(), body),
        None => std::future::pending().await,
    }
}

async fn start() -> (Sandbox, Inbox) {
    let inbox = Inbox::default();
    let router = Router::new()
        .route("/{*path}", post(take))
        .with_state(inbox.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/slack", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let delivery = Delivery::Http {
        commands_url: format!("{url}/commands"),
        interactions_url: format!("{url}/interactions"),
        events_url: None,
    };
    let ack_within = Duration::from_millis(200);
    (
        Sandbox::start(Options {
            delivery,
            ack_within,
            ..options()
        })
        .await
        .unwrap(),
        inbox,
    )
}

fn form(body: &[u8]) -> HashMap<String, String> {
    form_urlencoded::parse(body).into_owned().collect()
}

/// <https://docs.slack.dev/authentication/verifying-requests-from-slack>
#[test]
fn the_documented_example_has_the_documented_signature() {
    let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow\
        &channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner\
        &command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands\
        %2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN\
        &trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    assert_eq!(
        signature(
            "8f742231b10e8888abcd99yyyzzz85a5",
            1_531_420_618,
            body.as_bytes()
        ),
        "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    );
}

#[tokio::test]
async fn commands_are_signed_forms() {
    let (sandbox, inbox) = start().await;
    *inbox.answer.lock().unwrap() = Some((200, r#"{"text": "noted"}"#));
    let slashed = sandbox
        .slash("U01MAYA", "C0APPR", "/ask", "for 30 min & more")
        .await
        .unwrap();
    assert_eq!(slashed.shown.unwrap().text, "noted");
    let (headers, body) = inbox.requests.lock().unwrap().remove(0);
    assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
    let at = headers["x-slack-request-timestamp"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    let expected = signature("sandbox-signing-secret", at, &body);
    assert_eq!(headers["x-slack-signature"], expected.as_str());
    let form = form(&body);
    assert_eq!(form["text"], "for 30 min &amp; more");
    assert_eq!(form["command"], "/ask");
    assert_eq!(form["is_enterprise_install"], "false");
    let refused = call(&sandbox, "auth.test", Value::Null).await;
    assert_eq!(refused["error"], "json_not_object");
    sandbox.stop().await;
}

#[tokio::test]
async fn interactions_are_json_in_a_form() {
    let (sandbox, inbox) = start().await;
    *inbox.answer.lock().unwrap() = Some((200, ""));
    sandbox.shortcut("U01MAYA", "quick").await.unwrap();
    let (_, body) = inbox.requests.lock().unwrap().remove(0);
    let payload: Value = serde_json::from_str(&form(&body)["payload"]).unwrap();
    assert_eq!(payload["type"], "shortcut");
    assert_eq!(payload["callback_id"], "quick");
    sandbox.stop().await;
}

#[tokio::test]
async fn an_app_that_fails_or_sleeps_is_reported() {
    let (sandbox, inbox) = start().await;
    *inbox.answer.lock().unwrap() = Some((503, "busy"));
    let failed = sandbox.shortcut("U01MAYA", "quick").await;
    assert!(matches!(
        failed,
        Err(ActError::Undelivered(Undelivered::Status(503)))
    ));
    *inbox.answer.lock().unwrap() = None;
    let failed = sandbox.slash("U01MAYA", "C0APPR", "/ask", "").await;
    assert!(matches!(
        failed,
        Err(ActError::Undelivered(Undelivered::TimedOut))
    ));
    assert!(
        sandbox.ephemerals("U01MAYA")[0]
            .text
            .contains("operation_timeout")
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn socket_mode_is_off() {
    let (sandbox, _) = start().await;
    let args = serde_json::json!({});
    let answer = crate::app::call_with(&sandbox, "xapp-sandbox", "apps.connections.open", args);
    assert_eq!(answer.await["error"], "socket_mode_not_enabled");
    sandbox.stop().await;
}
