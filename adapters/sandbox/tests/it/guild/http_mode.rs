//! HTTP delivery: what is signed, and how an answer may come.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use breakglass_sandbox::discord::{self, Answer, Delivery, Forgery, Guild};
use breakglass_sandbox::{ActError, Sandbox, Undelivered};
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::client::{register, rest};
use super::{APPROVALS, MAYA, options, start};

/// An app that checks signatures and answers as it is told.
#[derive(Clone, Default)]
struct App {
    public_key: Arc<Mutex<String>>,
    arrived: Arc<Mutex<Vec<Value>>>,
    answer: Arc<Mutex<Option<(u16, Value)>>>,
}

impl App {
    fn verifies(&self, headers: &HeaderMap, body: &[u8]) -> bool {
        let header = |name: &str| Some(headers.get(name)?.to_str().unwrap().to_owned());
        let (Some(signature), Some(time)) = (
            header("x-signature-ed25519"),
            header("x-signature-timestamp"),
        ) else {
            return false;
        };
        let key: [u8; 32] = hex::decode(self.public_key.lock().unwrap().as_str())
            .unwrap()
            .try_into()
            .unwrap();
        let signature = Signature::from_slice(&hex::decode(signature).unwrap()).unwrap();
        let signed = [time.as_bytes(), body].concat();
        VerifyingKey::from_bytes(&key)
            .unwrap()
            .verify_strict(&signed, &signature)
            .is_ok()
    }
}

async fn take(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Response {
    if !app.verifies(&headers, &body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let payload: Value = serde_json::from_slice(&body).unwrap();
    if payload["type"] == 1 {
        return axum::Json(json!({"type": 1})).into_response();
    }
    app.arrived.lock().unwrap().push(payload);
    match app.answer.lock().unwrap().clone() {
        Some((status, Value::Null)) => StatusCode::from_u16(status).unwrap().into_response(),
        Some((status, json)) => {
            (StatusCode::from_u16(status).unwrap(), axum::Json(json)).into_response()
        }
        None => StatusCode::ACCEPTED.into_response(),
    }
}

async fn begin() -> (Sandbox, Guild, App) {
    let app = App::default();
    let router = Router::new()
        .route("/discord/interactions", post(take))
        .with_state(app.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "http://{}/discord/interactions",
        listener.local_addr().unwrap()
    );
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let delivery = Delivery::Http { url };
    let sandbox = start(discord::Options {
        delivery,
        ..options()
    })
    .await;
    let guild = sandbox.guild();
    *app.public_key.lock().unwrap() = guild.public_key();
    register(&guild).await;
    (sandbox, guild, app)
}

fn ask() -> Value {
    json!({"what": "orders-db"})
}

#[tokio::test]
async fn an_endpoint_is_checked_by_a_ping_and_a_false_one() {
    let (sandbox, guild, app) = begin().await;
    guild.check_endpoint().await.unwrap();
    *app.public_key.lock().unwrap() = hex::encode([1; 32]);
    assert!(guild.check_endpoint().await.is_err());
    sandbox.stop().await;
}

#[tokio::test]
async fn an_answer_stands_in_the_response() {
    let (sandbox, guild, app) = begin().await;
    let answer = json!({"type": 4, "data": {"content": "hello", "flags": 64}});
    *app.answer.lock().unwrap() = Some((200, answer));
    let answered = guild.slash(MAYA, APPROVALS, "/ask", ask()).await.unwrap();
    assert!(matches!(answered.answer, Answer::Message(message) if message.content == "hello"));
    assert_eq!(guild.ephemerals(MAYA).len(), 1);

    *app.answer.lock().unwrap() = Some((200, json!({"type": 4, "data": {}})));
    let refused = guild.slash(MAYA, APPROVALS, "/ask", ask()).await;
    assert!(matches!(refused, Err(ActError::BadAnswer(why)) if why.contains("50006")));
    *app.answer.lock().unwrap() = Some((500, Value::Null));
    let failed = guild.slash(MAYA, APPROVALS, "/ask", ask()).await;
    assert!(matches!(
        failed,
        Err(ActError::Undelivered(Undelivered::Status(500)))
    ));
    sandbox.stop().await;
}

#[tokio::test]
async fn an_answer_comes_by_a_callback_after_202() {
    let (sandbox, guild, app) = begin().await;
    let acting = tokio::spawn({
        let guild = guild.clone();
        async move { guild.slash(MAYA, APPROVALS, "/ask", ask()).await }
    });
    let payload = loop {
        if let Some(payload) = app.arrived.lock().unwrap().pop() {
            break payload;
        }
        tokio::task::yield_now().await;
    };
    let (id, token) = (
        payload["id"].as_str().unwrap(),
        payload["token"].as_str().unwrap(),
    );
    let callback = format!("/interactions/{id}/{token}/callback");
    let (status, _) = rest(
        &guild,
        "POST",
        &callback,
        json!({"type": 5, "data": {"flags": 64}}),
    )
    .await;
    assert_eq!(status, 204);
    assert!(matches!(
        acting.await.unwrap().unwrap().answer,
        Answer::Deferred(_)
    ));
    sandbox.stop().await;
}

#[tokio::test]
async fn forgeries_are_told_from_what_is_real() {
    let (sandbox, guild, app) = begin().await;
    assert!(
        guild.forge(Forgery::Replay).await.is_err(),
        "there was nothing yet"
    );
    *app.answer.lock().unwrap() = Some((200, json!({"type": 4, "data": {"content": "x"}})));
    guild.slash(MAYA, APPROVALS, "/ask", ask()).await.unwrap();
    for forgery in [Forgery::OtherKey, Forgery::OtherBody, Forgery::Unsigned] {
        assert_eq!(guild.forge(forgery).await.unwrap(), 401, "{forgery:?}");
    }
    let first = app.arrived.lock().unwrap()[0]["id"].clone();
    // This app has no window and keeps no ids, so that these get through: that they are what they say shows there.
    guild.forge(Forgery::Replay).await.unwrap();
    assert_eq!(app.arrived.lock().unwrap()[1]["id"], first);
    guild.forge(Forgery::Old { secs: 301 }).await.unwrap();
    assert_ne!(app.arrived.lock().unwrap()[2]["id"], first);
    sandbox.stop().await;
}
