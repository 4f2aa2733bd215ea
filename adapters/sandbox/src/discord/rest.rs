//! The REST API: takes calls in, counts them, checks the token, and gives them to their route.

mod app;
mod bucket;
mod callback;
mod channel;
mod command;
mod error;
mod followup;
mod guild;
mod message;
mod reply;
mod route;
mod thread;

pub(super) use bucket::Tally;
pub(super) use callback::first_answer;
pub(super) use error::ApiError;

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde_json::Value;

use super::Hall;
use super::call::Call;
use super::fault::Fault;
use reply::Reply;
use route::Route;

/// A larger body is refused; no files are taken here.
const BODY_BYTES_MAX: usize = 1 << 20;

/// What a route answers.
type Outcome = Result<Reply, ApiError>;

/// One call that has found its route.
struct Ask {
    /// The parts of the path that the route leaves open, in order.
    params: Vec<String>,
    query: HashMap<String, String>,
    body: Value,
}

impl Ask {
    /// An open part of the path.
    fn param(&self, at: usize) -> &str {
        self.params.get(at).map_or("", String::as_str)
    }

    /// A flag of the query.
    fn flag(&self, key: &str) -> bool {
        matches!(
            self.query.get(key).map(String::as_str),
            Some("true" | "True" | "1")
        )
    }

    /// A number of the query between 1 and `max`, or `default`.
    fn limit(&self, default: usize, max: usize) -> Result<usize, ApiError> {
        let Some(text) = self.query.get("limit") else {
            return Ok(default);
        };
        let limit = text.parse().ok().filter(|limit| (1..=max).contains(limit));
        limit.ok_or_else(|| {
            let message = format!("int value should be between 1 and {max}.");
            ApiError::field("limit", "NUMBER_TYPE_MAX", &message)
        })
    }
}

/// Answers one call of `/api/{version}/{path}`, or of `/api/{path}`.
pub(super) async fn call(
    State(hall): State<Arc<Hall>>,
    Path((version, rest)): Path<(String, String)>,
    request: Request,
) -> Response {
    let is_version = version
        .strip_prefix('v')
        .is_some_and(|n| n.parse::<u8>().is_ok());
    if is_version && version != "v10" {
        return reply::failure(&ApiError::new(400, 50_041, "Invalid API version"));
    }
    let path = if is_version {
        format!("/{rest}")
    } else {
        format!("/{version}/{rest}")
    };
    answer(&hall, &path, request).await
}

/// Answers `/api/gateway`, whose path has no second part.
pub(super) async fn gateway(State(hall): State<Arc<Hall>>, request: Request) -> Response {
    answer(&hall, "/gateway", request).await
}

async fn answer(hall: &Arc<Hall>, path: &str, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let method = head.method.as_str();
    let Ok(body) = axum::body::to_bytes(body, BODY_BYTES_MAX).await else {
        return reply::failure(&ApiError::new(413, 40_005, "Request entity too large"));
    };
    let body = parsed(&head.headers, &body);
    let (route, params) = match route::find(method, path) {
        Ok(found) => found,
        Err(error) => {
            record(
                hall,
                method,
                path,
                body.unwrap_or_default(),
                &Err(error.clone()),
            );
            return reply::failure(&error);
        }
    };
    let (fault, limits) = hall.change(|state| {
        let fault = state.mischief.calls.take(&route.name());
        let limits = state.tally.count(route, &params, hall.options.bucket);
        (fault, limits)
    });
    let prevented = match fault {
        Some(Fault::RateLimited { retry_after_secs }) => Some(ApiError::limited(retry_after_secs)),
        Some(Fault::GloballyLimited { retry_after_secs }) => {
            Some(ApiError::globally_limited(retry_after_secs))
        }
        Some(Fault::ServerError) => return reply::server_error(),
        Some(Fault::Unavailable) => Some(ApiError::new(503, 0, "503: Service Unavailable")),
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::LostAnswer | Fault::Dropped) | None => limits.exceeded(),
    };
    let (body, outcome) = match (prevented, body) {
        (Some(error), body) => (body.unwrap_or_default(), Err(error)),
        (None, Err(error)) => (Value::Null, Err(error)),
        (None, Ok(body)) => {
            let query = form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes());
            let query = query.into_owned().collect();
            let ask = Ask {
                params,
                query,
                body,
            };
            let outcome = carry_out(hall, route, &head.headers, &ask);
            (ask.body, outcome)
        }
    };
    record(hall, method, path, body, &outcome);
    match fault {
        Some(Fault::LostAnswer) => std::future::pending().await,
        Some(Fault::Dropped) => reply::broken(),
        _ => reply::respond(outcome, &limits, hall.now_ms()),
    }
}

fn carry_out(hall: &Arc<Hall>, route: &Route, headers: &HeaderMap, ask: &Ask) -> Outcome {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| value.strip_prefix("Bot "));
    if route.needs_token && token != Some(hall.options.app.token.as_str()) {
        return Err(ApiError::unauthorized());
    }
    (route.run)(hall, ask)
}

/// The body as JSON.
fn parsed(headers: &HeaderMap, body: &[u8]) -> Result<Value, ApiError> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/json")) {
        let message = "Expected \"Content-Type\" header to be one of {'application/json'}.";
        return Err(ApiError::field("_misc", "CONTENT_TYPE_INVALID", message));
    }
    serde_json::from_slice(body)
        .map_err(|_| ApiError::new(400, 50_109, "The request body contains invalid JSON."))
}

fn record(hall: &Hall, method: &str, path: &str, body: Value, outcome: &Outcome) {
    let error = outcome.as_ref().err();
    let call = Call {
        method: method.to_string(),
        path: path.to_owned(),
        body,
        status: outcome
            .as_ref()
            .map_or_else(|error| error.status, |reply| reply.status),
        ok: error.is_none(),
        code: error.map(|error| error.code),
        at_ms: hall.now_ms(),
    };
    hall.change(|state| state.record(call));
}
