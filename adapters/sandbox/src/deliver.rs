//! Takes a payload to the app, over a socket or HTTP, and brings its acknowledgement back.

use std::sync::Arc;

use serde_json::Value;
use tokio::time::{Instant, timeout};

use crate::ack::{Ack, Undelivered};
use crate::act::ActError;
use crate::call::Call;
use crate::options::Delivery;
use crate::workspace::Workspace;
use crate::{http, socket};

/// What is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    SlashCommand,
    /// A click, a submission, a shortcut, or an option look-up.
    Interaction,
    Event,
}

/// How often a payload is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Copies {
    One,
    Two,
}

/// A payload on its way to the app.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    pub(crate) kind: Kind,
    pub(crate) payload: Value,
    /// Whether the acknowledgement may carry an answer.
    pub(crate) answerable: bool,
}

/// Delivers `parcel` and waits for the acknowledgement, no longer than an app is given.
pub(crate) async fn deliver(
    workspace: &Arc<Workspace>,
    parcel: Parcel,
) -> Result<Ack, Undelivered> {
    let started = Instant::now();
    let (is_lost, copies, delay) = workspace.change(|state| {
        let mischief = &mut state.mischief;
        let copies = if mischief.take_doubled() {
            Copies::Two
        } else {
            Copies::One
        };
        (mischief.take_lost(), copies, mischief.ack_delay)
    });
    let limit = workspace.options.ack_within;
    let exchange = async {
        if is_lost {
            std::future::pending::<()>().await;
        }
        let payload = match &workspace.options.delivery {
            Delivery::Socket => socket::exchange(workspace, &parcel, copies).await,
            Delivery::Http { .. } => http::exchange(workspace, &parcel, copies).await,
        }?;
        tokio::time::sleep(delay).await;
        Ok(payload)
    };
    let payload = timeout(limit, exchange)
        .await
        .map_err(|_| Undelivered::TimedOut)??;
    if !payload.is_null() && !parcel.answerable {
        let kind = parcel.payload["type"]
            .as_str()
            .unwrap_or("event")
            .to_owned();
        workspace.change(|state| {
            state.complain(format!(
                "an acknowledgement of {kind} carried a payload: {payload}"
            ));
        });
        return Ok(Ack {
            payload: Value::Null,
            took: started.elapsed(),
        });
    }
    Ok(Ack {
        payload,
        took: started.elapsed(),
    })
}

/// Keeps what an acknowledgement of `kind` carried among the calls, so that its blocks can be
/// checked too, with what was found wrong with it.
pub(crate) fn record<T>(
    workspace: &Workspace,
    kind: &str,
    ack: &Ack,
    judged: Result<T, ActError>,
) -> Result<T, ActError> {
    if !ack.payload.is_null() {
        let call = Call {
            method: format!("ack.{kind}"),
            body: ack.payload.clone(),
            ok: judged.is_ok(),
            error: judged.as_ref().err().map(ToString::to_string),
            at_ms: workspace.now_ms(),
        };
        workspace.change(|state| state.record(call));
    }
    judged
}
