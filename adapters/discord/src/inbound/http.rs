//! HTTP mode: signed requests from Discord, judged on their raw bytes before anything in them is read.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use serde_json::{Value, json};

use super::door::Door;
use super::{Wish, read};
use crate::client::config::Clock;
use crate::verify::{self, Key, Seen};

/// The largest body that is taken: a command with all its options at their longest, resolved, and some more.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// What the route needs.
#[derive(Clone)]
struct Gate {
    door: Door,
    key: Key,
    clock: Clock,
    seen: Arc<Seen>,
}

/// The one path, set as the application's Interactions Endpoint URL.
pub(crate) fn router(door: Door, key: Key, clock: Clock) -> Router {
    let gate = Gate {
        door,
        key,
        clock,
        seen: Arc::new(Seen::default()),
    };
    Router::new()
        .route("/discord/interactions", post(interaction))
        .with_state(gate)
}

async fn interaction(State(gate): State<Gate>, request: Request) -> Response {
    let body = match gate.verified(request).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let Ok(payload) = serde_json::from_slice::<Value>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let incident = gate.door.desk().incident_pattern();
    let Ok(reading) = read(&payload, &incident) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    if reading.wish == Wish::Ping {
        return axum::Json(json!({ "type": 1 })).into_response();
    }
    if !gate.seen.first_time(reading.id, (gate.clock)().seconds()) {
        return refuse("an interaction that was here before");
    }
    // What is answered goes through the callback, as it does behind the gateway.
    gate.door.knock(&payload).await;
    StatusCode::ACCEPTED.into_response()
}

impl Gate {
    /// The raw body, if Discord signed it just now.
    async fn verified(&self, request: Request) -> Result<Bytes, Response> {
        let (parts, body) = request.into_parts();
        let body = body_of(body).await?;
        verify::check(
            &self.key,
            header(&parts.headers, "x-signature-timestamp"),
            header(&parts.headers, "x-signature-ed25519"),
            &body,
            (self.clock)(),
        )
        .map_err(|forged| refuse(&forged.to_string()))?;
        Ok(body)
    }
}

async fn body_of(body: Body) -> Result<Bytes, Response> {
    to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| {
        tracing::warn!("refused: a body that is too large, or broke off");
        StatusCode::PAYLOAD_TOO_LARGE.into_response()
    })
}

fn refuse(why: &str) -> Response {
    tracing::warn!(why, "refused: not signed by Discord");
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
