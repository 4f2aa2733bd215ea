//! Answers on their way out, with the headers that tell how many calls are left.

use axum::Json;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::bucket::Limits;
use super::{ApiError, Outcome};

/// What a call came to.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// Empty if `Null`.
    pub(super) body: Value,
}

impl Reply {
    pub(super) fn ok(body: Value) -> Self {
        Self { status: 200, body }
    }

    pub(super) fn created(body: Value) -> Self {
        Self { status: 201, body }
    }

    pub(super) fn nothing() -> Self {
        Self {
            status: 204,
            body: Value::Null,
        }
    }
}

/// The answer, with its headers.
pub(super) fn respond(outcome: Outcome, limits: &Limits, now_ms: i64) -> Response {
    let mut response = match outcome {
        Ok(Reply {
            status,
            body: Value::Null,
        }) => status_of(status).into_response(),
        Ok(Reply { status, body }) => (status_of(status), Json(body)).into_response(),
        Err(error) => failure(&error),
    };
    for (name, value) in limits.headers(now_ms) {
        put(&mut response, name, &value);
    }
    response
}

/// What went wrong, in Discord's JSON.
pub(super) fn failure(error: &ApiError) -> Response {
    let mut response = (status_of(error.status), Json(error.to_json())).into_response();
    if let Some((retry_after_secs, is_global)) = error.limited {
        put(
            &mut response,
            "retry-after",
            &retry_after_secs.ceil().to_string(),
        );
        put(
            &mut response,
            "x-ratelimit-scope",
            if is_global { "global" } else { "user" },
        );
        if is_global {
            put(&mut response, "x-ratelimit-global", "true");
        }
    }
    response
}

/// What a broken server in front of the real one says.
pub(super) fn server_error() -> Response {
    let kind = [(header::CONTENT_TYPE, "text/html")];
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        kind,
        "<html>Server Error</html>",
    )
        .into_response()
}

/// An answer in the midst of which the connection breaks.
pub(super) fn broken() -> Response {
    let pieces = [
        Ok("{\"id\":"),
        Err(std::io::Error::other("broken on request")),
    ];
    let body = Body::from_stream(futures_util::stream::iter(pieces));
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn put(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
    }
}
