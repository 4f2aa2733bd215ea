//! One web socket: hello, envelopes out, acknowledgements in, pings.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{CONNECTIONS_MAX, Frame, Open, Sockets, disconnect};
use crate::workspace::Workspace;

/// How often the server pings, as Slack's does.
const PING_EVERY: Duration = Duration::from_secs(10);
/// An acknowledgement can't be larger; the largest view is 250 kB.
const FRAME_BYTES_MAX: usize = 1 << 20;

#[derive(Deserialize)]
pub(crate) struct Link {
    ticket: String,
}

/// Answers the upgrade request of an address that `apps.connections.open` handed out.
pub(crate) async fn upgrade(
    State(workspace): State<Arc<Workspace>>,
    Query(link): Query<Link>,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !workspace.sockets.take_ticket(&link.ticket) {
        return (
            StatusCode::FORBIDDEN,
            "this address was used or never handed out",
        )
            .into_response();
    }
    let upgrade = upgrade.max_message_size(FRAME_BYTES_MAX);
    upgrade.on_upgrade(move |socket| serve(workspace, socket))
}

async fn serve(workspace: Arc<Workspace>, mut socket: WebSocket) {
    let Some((number, mut frames)) = workspace.sockets.register() else {
        drop(
            socket
                .send(Message::text(disconnect("too_many_websockets").to_string()))
                .await,
        );
        return;
    };
    workspace.change(|_| ());
    let hello = hello(&workspace);
    if socket.send(Message::text(hello.to_string())).await.is_ok() {
        turn(&workspace, &mut socket, &mut frames).await;
    }
    workspace.sockets.forget(number);
    workspace.change(|_| ());
}

/// Carries frames both ways until one side is done.
async fn turn(
    workspace: &Workspace,
    socket: &mut WebSocket,
    frames: &mut mpsc::UnboundedReceiver<Frame>,
) {
    let mut pings = tokio::time::interval(PING_EVERY);
    loop {
        let sent = tokio::select! {
            frame = frames.recv() => match frame {
                Some(Frame::Text(text)) => socket.send(Message::text(text)).await,
                Some(Frame::Close) => {
                    drop(socket.send(Message::Close(None)).await);
                    return;
                }
                Some(Frame::Drop) | None => return,
            },
            _ = pings.tick() => {
                socket.send(Message::Ping("Ping from applink-sandbox".into())).await
            }
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => {
                    acknowledged(workspace, text.as_str());
                    Ok(())
                }
                Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => Ok(()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
            },
        };
        if sent.is_err() {
            return;
        }
    }
}

fn acknowledged(workspace: &Workspace, text: &str) {
    let Ok(ack) = serde_json::from_str::<Value>(text) else {
        workspace.change(|state| state.complain(format!("not JSON on the socket: {text}")));
        return;
    };
    let Some(envelope_id) = ack["envelope_id"].as_str() else {
        workspace.change(|state| state.complain(format!("no envelope_id: {text}")));
        return;
    };
    // A late or second acknowledgement is normal after a time-out or a doubled delivery.
    if !workspace
        .sockets
        .acknowledge(envelope_id, ack["payload"].clone())
    {
        tracing::debug!(target: "breakglass_sandbox", envelope_id, "nobody waits for this");
    }
}

fn hello(workspace: &Workspace) -> Value {
    json!({
        "type": "hello",
        "num_connections": workspace.sockets.count(),
        "debug_info": {
            "host": "applink-sandbox",
            "build_number": 1,
            "approximate_connection_time": 18_060,
        },
        "connection_info": {"app_id": workspace.options.app.id},
    })
}

impl Sockets {
    fn register(&self) -> Option<(u64, mpsc::UnboundedReceiver<Frame>)> {
        let mut inner = self.lock();
        if inner.open.len() >= CONNECTIONS_MAX {
            return None;
        }
        inner.opened += 1;
        let number = inner.opened;
        let (out, frames) = mpsc::unbounded_channel();
        inner.open.push(Open { number, out });
        Some((number, frames))
    }

    fn forget(&self, number: u64) {
        let mut inner = self.lock();
        inner.open.retain(|open| open.number != number);
        inner
            .waiting
            .retain(|_, waiting| waiting.connection != number);
    }
}
