//! Response URLs: the app answers somebody's action without a token.
//!
//! <https://docs.slack.dev/interactivity/handling-user-interaction#message_responses>

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::blocks;
use crate::call::Call;
use crate::message::Message;
use crate::state::ResponseUrl;
use crate::workspace::Workspace;

/// Answers a post to `/respond/{kind}/{team}/{secret}`.
pub(crate) async fn respond(
    State(workspace): State<Arc<Workspace>>,
    Path((_, _, secret)): Path<(String, String, String)>,
    body: Bytes,
) -> Response {
    let body = serde_json::from_slice::<Value>(&body).unwrap_or_default();
    let result = carry_out(&workspace, &secret, &body);
    let error = result.as_ref().err().map(|(_, code)| (*code).to_owned());
    let at_ms = workspace.now_ms();
    let method = "response_url".to_owned();
    let call = Call {
        method,
        body,
        ok: error.is_none(),
        error,
        at_ms,
    };
    workspace.change(|state| state.record(call));
    match result {
        Ok(()) => "ok".into_response(),
        Err((status, code)) => (status, code).into_response(),
    }
}

fn carry_out(
    workspace: &Workspace,
    secret: &str,
    body: &Value,
) -> Result<(), (StatusCode, &'static str)> {
    let now_ms = workspace.now_ms();
    let url = workspace
        .change(|state| state.take_response_url(secret, now_ms))
        .map_err(|code| (StatusCode::NOT_FOUND, code))?;
    if body["delete_original"] == true {
        if let Some(source) = &url.source {
            workspace.change(|state| state.delete(source));
        }
        return Ok(());
    }
    let bad = |code| (StatusCode::BAD_REQUEST, code);
    let text = body["text"].as_str().unwrap_or_default().to_owned();
    let blocks = match body.get("blocks").filter(|blocks| !blocks.is_null()) {
        Some(blocks) => blocks::message(blocks).map_err(|_| bad("invalid_blocks"))?,
        None => Vec::new(),
    };
    if text.is_empty() && blocks.is_empty() {
        return Err(bad("no_text"));
    }
    if body["replace_original"] == true && url.source.is_some() {
        return replace(workspace, &url, text, blocks);
    }
    let in_channel = body["response_type"] == "in_channel";
    let thread_ts = body["thread_ts"]
        .as_str()
        .map(str::to_owned)
        .or_else(|| url.thread_ts.clone());
    workspace.change(|state| {
        let message = Message {
            thread_ts,
            only_for: (!in_channel).then(|| url.user.clone()),
            ..Message::draft(state, workspace, &url.channel, text, blocks)
        };
        state.post(message);
    });
    Ok(())
}

fn replace(
    workspace: &Workspace,
    url: &ResponseUrl,
    text: String,
    blocks: Vec<Value>,
) -> Result<(), (StatusCode, &'static str)> {
    workspace.change(|state| {
        let message = url
            .source
            .as_ref()
            .and_then(|source| state.message_mut(source));
        let message = message.ok_or((StatusCode::NOT_FOUND, "message_not_found"))?;
        message.text = text;
        message.blocks = blocks;
        Ok(())
    })
}
