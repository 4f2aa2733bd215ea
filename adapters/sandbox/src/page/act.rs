//! What the page's reader does, as small JSON requests.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::act::{ActError, Submitted};
use crate::message::MessageId;
use crate::sandbox::Sandbox;

/// What somebody does; which fields are needed depends on what it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Act {
    /// User id of who acts.
    #[serde(rename = "as")]
    user: String,
    channel: String,
    ts: String,
    thread_ts: Option<String>,
    text: String,
    view: String,
    /// An element, as `block id/action id`.
    control: String,
    input: Value,
    callback_id: String,
}

pub(super) type Told = Result<Json<Value>, Refused>;

/// Why somebody's act came to nothing.
pub(super) struct Refused(ActError);

impl From<ActError> for Refused {
    fn from(fault: ActError) -> Self {
        Self(fault)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let faults = self.0.field_faults();
        let is_ours = !matches!(self.0, ActError::Undelivered(_) | ActError::BadAnswer(_));
        let status = if is_ours {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::BAD_GATEWAY
        };
        let body = json!({"error": self.0.to_string(), "errors": faults});
        (status, Json(body)).into_response()
    }
}

fn done() -> Json<Value> {
    Json(json!({}))
}

/// A slash command, as one line.
pub(super) async fn slash(State(sandbox): State<Sandbox>, Json(act): Json<Act>) -> Told {
    let (command, text) = act
        .text
        .split_once(char::is_whitespace)
        .unwrap_or((&act.text, ""));
    sandbox
        .slash(&act.user, &act.channel, command, text)
        .await?;
    Ok(done())
}

/// Plain words in a channel or thread.
pub(super) async fn say(State(sandbox): State<Sandbox>, Json(act): Json<Act>) -> Told {
    sandbox.say(&act.user, &act.channel, &act.text, act.thread_ts.as_deref())?;
    Ok(done())
}

/// A click or a choice in a message.
pub(super) async fn choose(State(sandbox): State<Sandbox>, Json(act): Json<Act>) -> Told {
    let id = MessageId {
        channel: act.channel,
        ts: act.ts,
    };
    sandbox
        .choose(&act.user, id, &act.control, act.input)
        .await?;
    Ok(done())
}

/// A click, a choice or typed words in a view.
pub(super) async fn enter(State(sandbox): State<Sandbox>, Json(act): Json<Act>) -> Told {
    sandbox
        .enter(&act.user, &act.view, &act.control, act.input)
        .await?;
    Ok(done())
}

/// A modal is sent, with what was typed.
pub(super) async fn submit(State(sandbox): State<Sandbox>, Json(act): Json<Act>) -> Told {
    let submitted = sandbox.submit_view(&act.user, &act.view, act.input).await?;
    Ok(Json(match submitted {
        Submitted::Errors(errors) => json!({"errors": errors}),
        Submitted::Closed | Submitted::Cleared | Submitted::Updated(_) | Submitted::Pushed(_) => {
            json!({})
        }
    }))
}

/// A modal is closed without being sent.
pub(super) async fn close(State(sandbox): State<Sandbox>, Json(act): Json<Act>) -> Told {
    sandbox.close_view(&act.user, &act.view).await?;
    Ok(done())
}

/// Words typed into an external select; the options for them.
pub(super) async fn options(State(sandbox): State<Sandbox>, Json(act): Json<Act>) -> Told {
    let found = sandbox
        .options(&act.user, &act.view, &act.control, &act.text)
        .await?;
    Ok(Json(json!({"options": found})))
}

/// A shortcut, of a message if one is named.
pub(super) async fn shortcut(State(sandbox): State<Sandbox>, Json(act): Json<Act>) -> Told {
    if act.ts.is_empty() {
        sandbox.shortcut(&act.user, &act.callback_id).await?;
    } else {
        let id = MessageId {
            channel: act.channel,
            ts: act.ts,
        };
        sandbox
            .message_shortcut(&act.user, id, &act.callback_id)
            .await?;
    }
    Ok(done())
}

/// The Home tab is looked at.
pub(super) async fn home(State(sandbox): State<Sandbox>, Json(act): Json<Act>) -> Told {
    sandbox.open_home(&act.user).await?;
    Ok(done())
}

/// A channel was read up to a message.
pub(super) async fn read(State(sandbox): State<Sandbox>, Json(act): Json<Act>) -> Told {
    sandbox.workspace.change(|state| {
        let until = state.read_until.entry((act.user, act.channel)).or_default();
        if *until < act.ts {
            *until = act.ts;
        }
    });
    Ok(done())
}
