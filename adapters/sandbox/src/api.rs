//! The Web API: takes calls in, checks token and scope, and gives them to their method.

mod apps;
mod args;
mod auth;
mod chat;
mod conversations;
mod error;
mod method;
mod usergroups;
mod users;
mod views;

pub(crate) use error::ApiError;

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::call::Call;
use crate::fault::Fault;
use crate::workspace::Workspace;
use args::Args;

/// What a method answers.
pub(crate) type Answer = Result<Value, ApiError>;

/// Answers one call of `/api/{method}`.
pub(crate) async fn call(
    State(workspace): State<Arc<Workspace>>,
    Path(method): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fault = workspace.change(|state| state.mischief.calls.take(&method));
    match fault {
        Some(Fault::RateLimited { retry_after_secs }) => return rate_limited(retry_after_secs),
        Some(Fault::ServerError) => {
            return (StatusCode::INTERNAL_SERVER_ERROR, "Server Error").into_response();
        }
        Some(Fault::Hang) => std::future::pending::<()>().await,
        Some(Fault::LostAnswer) | None => {}
    }
    let (args, answer) = match Args::parse(query.as_deref(), &headers, &body) {
        Ok(args) => {
            let answer = carry_out(&workspace, &method, &headers, &args);
            (args.into_body(), answer)
        }
        Err(error) => (Value::Null, Err(error)),
    };
    record(&workspace, &method, args, &answer);
    if fault == Some(Fault::LostAnswer) {
        std::future::pending::<()>().await;
    }
    respond(&workspace, answer)
}

fn carry_out(workspace: &Workspace, method: &str, headers: &HeaderMap, args: &Args) -> Answer {
    let method = method::find(method).ok_or_else(|| ApiError::new("unknown_method"))?;
    auth::authorize(workspace, method, headers, args)?;
    (method.run)(workspace, args)
}

fn record(workspace: &Workspace, method: &str, body: Value, answer: &Answer) {
    let call = Call {
        method: method.to_owned(),
        body,
        ok: answer.is_ok(),
        error: answer.as_ref().err().map(|error| error.code.clone()),
        at_ms: workspace.now_ms(),
    };
    workspace.change(|state| state.record(call));
}

/// The answer, with the scopes of the bot token beside it, as Slack tells them.
fn respond(workspace: &Workspace, answer: Answer) -> Response {
    let json = match answer {
        Ok(mut json) => {
            json["ok"] = true.into();
            json
        }
        Err(error) => error.to_json(),
    };
    let scopes = workspace.options.app.scopes.join(",");
    ([("x-oauth-scopes", scopes)], Json(json)).into_response()
}

fn rate_limited(retry_after_secs: u64) -> Response {
    let headers = [(header::RETRY_AFTER, retry_after_secs.to_string())];
    let body = json!({"ok": false, "error": "ratelimited"});
    (StatusCode::TOO_MANY_REQUESTS, headers, Json(body)).into_response()
}
