//! HTTP mode: signed requests from Slack, judged on their raw bytes before anything in them is read.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value, json};

use super::Kind;
use super::door::{Ack, Door};
use crate::client::config::Clock;
use crate::verify::{self, Seen};

/// The largest body that is taken: a view of Slack's largest size, form-encoded, and some more.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// What the routes need.
#[derive(Clone)]
struct Gate {
    door: Door,
    secret: SecretString,
    clock: Clock,
    seen: Arc<Seen>,
}

/// The three paths that the app's manifest names.
pub(crate) fn router(door: Door, secret: SecretString, clock: Clock) -> Router {
    let gate = Gate {
        door,
        secret,
        clock,
        seen: Arc::new(Seen::default()),
    };
    Router::new()
        .route("/slack/commands", post(command))
        .route("/slack/interactions", post(interaction))
        .route("/slack/events", post(event))
        .with_state(gate)
}

async fn command(State(gate): State<Gate>, request: Request) -> Response {
    let body = match gate.verified(request).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let fields = form(&body);
    // Slack looks whether we are there, without a command.
    if fields.contains_key("ssl_check") {
        return StatusCode::OK.into_response();
    }
    gate.take(Kind::Command, Value::Object(fields)).await
}

async fn interaction(State(gate): State<Gate>, request: Request) -> Response {
    let body = match gate.verified(request).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let fields = form(&body);
    let payload = fields.get("payload").and_then(Value::as_str);
    let Some(payload) = payload.and_then(|payload| serde_json::from_str(payload).ok()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    gate.take(Kind::Interaction, payload).await
}

async fn event(State(gate): State<Gate>, request: Request) -> Response {
    let body = match gate.verified(request).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let Ok(payload) = serde_json::from_slice::<Value>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    if let Some(challenge) = payload.get("challenge") {
        return axum::Json(json!({ "challenge": challenge })).into_response();
    }
    gate.take(Kind::Event, payload).await
}

impl Gate {
    /// The raw body, if Slack signed it just now and it wasn't here before.
    async fn verified(&self, request: Request) -> Result<Bytes, Response> {
        let (parts, body) = request.into_parts();
        let body = body_of(body).await?;
        let now = (self.clock)();
        let signed = verify::check(
            self.secret.expose_secret().as_bytes(),
            header(&parts.headers, "x-slack-request-timestamp"),
            header(&parts.headers, "x-slack-signature"),
            &body,
            now,
        )
        .map_err(|forged| refuse(&forged.to_string()))?;
        if !self.seen.first_time(signed, now.seconds()) {
            return Err(refuse("a signature that was used before"));
        }
        Ok(body)
    }

    async fn take(&self, kind: Kind, payload: Value) -> Response {
        match self.door.knock(kind, &payload).await {
            Some(Ack::Empty) => StatusCode::OK.into_response(),
            Some(Ack::Payload(answer)) => axum::Json(answer).into_response(),
            None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

async fn body_of(body: Body) -> Result<Bytes, Response> {
    to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| {
        tracing::warn!("refused: a body that is too large, or broke off");
        StatusCode::PAYLOAD_TOO_LARGE.into_response()
    })
}

fn refuse(why: &str) -> Response {
    tracing::warn!(why, "refused: not signed by Slack");
    StatusCode::UNAUTHORIZED.into_response()
}

/// A header that is there once and readable; else nothing, which no signature fits.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let mut all = headers.get_all(name).iter();
    match (all.next(), all.next()) {
        (Some(only), None) => only.to_str().unwrap_or_default(),
        _ => "",
    }
}

fn form(body: &[u8]) -> Map<String, Value> {
    form_urlencoded::parse(body)
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect()
}
