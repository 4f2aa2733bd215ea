//! One web socket: hello, heartbeats, events out, commands in.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::Frame;
use crate::discord::Hall;

/// A client's commands are at most so long.
/// <https://docs.discord.com/developers/events/gateway#sending-events>
const COMMAND_BYTES_MAX: usize = 4_096;

/// Close codes. <https://docs.discord.com/developers/topics/opcodes-and-status-codes>
pub(super) const UNKNOWN_OPCODE: u16 = 4001;
pub(super) const DECODE_ERROR: u16 = 4002;
pub(super) const NOT_AUTHENTICATED: u16 = 4003;
pub(super) const TIMED_OUT: u16 = 4009;

/// What the gateway does with one command.
pub(super) enum Verdict {
    Nothing,
    Say(Value),
    Close(u16),
}

/// One web socket of the app.
pub(super) struct Line {
    pub(super) hall: Arc<Hall>,
    /// Tells it from others.
    pub(super) number: u64,
    pub(super) out: mpsc::UnboundedSender<Frame>,
    /// The session it serves, once the client has said who it is.
    pub(super) session: Option<String>,
}

/// Answers the upgrade request. Encoding and compression may be asked for; the answer is plain JSON text.
pub(in super::super) async fn upgrade(
    State(hall): State<Arc<Hall>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    upgrade.on_upgrade(move |socket| serve(hall, socket))
}

async fn serve(hall: Arc<Hall>, mut socket: WebSocket) {
    let (out, mut frames) = mpsc::unbounded_channel();
    let number = hall.change(|state| {
        state.connected_ever += 1;
        state.connected_ever
    });
    let every = hall.options.heartbeat_every;
    let hello = json!({"op": 10, "s": null, "t": null, "d": {"heartbeat_interval": u64::try_from(every.as_millis()).unwrap_or(u64::MAX), "_trace": []}});
    let mut line = Line {
        hall,
        number,
        out,
        session: None,
    };
    let mut leaves_for_good = false;
    if socket.send(Message::text(hello.to_string())).await.is_ok() {
        leaves_for_good = turn(&mut line, &mut socket, &mut frames, every).await;
    }
    line.hall.change(|state| {
        let is_mine = |session: &super::Session| session.connection == number;
        if leaves_for_good {
            state.sessions.retain(|session| !is_mine(session));
        }
        for session in state.sessions.iter_mut().filter(|session| is_mine(session)) {
            session.out = None;
        }
    });
}

/// Carries frames both ways until one side is done; whether the client said that it won't resume.
async fn turn(
    line: &mut Line,
    socket: &mut WebSocket,
    frames: &mut mpsc::UnboundedReceiver<Frame>,
    every: Duration,
) -> bool {
    let mut heard_at = Instant::now();
    loop {
        let sent = tokio::select! {
            frame = frames.recv() => match frame {
                Some(Frame::Text(text)) => socket.send(Message::text(text)).await,
                Some(Frame::Close(code)) => { close(socket, code).await; return false }
                Some(Frame::Drop) | None => return false,
            },
            () = tokio::time::sleep_until(heard_at + 2 * every) => {
                close(socket, TIMED_OUT).await;
                return false;
            }
            message = socket.recv() => match message {
                Some(Ok(Message::Close(frame))) => {
                    return frame.is_some_and(|frame| matches!(frame.code, 1000 | 1001));
                }
                Some(Err(_)) | None => return false,
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
                Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => {
                    heard_at = Instant::now();
                    match heard(line, &message.into_data()) {
                        Verdict::Nothing => Ok(()),
                        Verdict::Say(frame) => socket.send(Message::text(frame.to_string())).await,
                        Verdict::Close(code) => { close(socket, code).await; return false }
                    }
                }
            },
        };
        if sent.is_err() {
            return false;
        }
    }
}

fn heard(line: &mut Line, bytes: &[u8]) -> Verdict {
    if bytes.len() > COMMAND_BYTES_MAX {
        return Verdict::Close(DECODE_ERROR);
    }
    match serde_json::from_slice(bytes) {
        Ok(command) => line.obey(&command),
        Err(_) => Verdict::Close(DECODE_ERROR),
    }
}

async fn close(socket: &mut WebSocket, code: u16) {
    let reason = match code {
        UNKNOWN_OPCODE => "Unknown opcode.",
        DECODE_ERROR => "Error while decoding payload.",
        NOT_AUTHENTICATED => "Not authenticated.",
        4004 => "Authentication failed.",
        4005 => "Already authenticated.",
        4007 => "Invalid seq.",
        TIMED_OUT => "Session timed out.",
        4010 => "Invalid shard.",
        4013 => "Invalid intent(s).",
        4014 => "Disallowed intent(s).",
        _ => "",
    };
    // The client may be gone already.
    drop(
        socket
            .send(Message::Close(Some(CloseFrame {
                code,
                reason: reason.into(),
            })))
            .await,
    );
}
