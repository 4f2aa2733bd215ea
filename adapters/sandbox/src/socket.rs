//! Socket Mode: the web sockets that the app opens, and envelopes on them.
//!
//! <https://docs.slack.dev/apis/events-api/using-socket-mode>

mod connection;

pub(crate) use connection::upgrade;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use crate::ack::Undelivered;
use crate::deliver::{Copies, Kind, Parcel};
use crate::mint;
use crate::workspace::Workspace;

/// An app may have this many sockets open.
const CONNECTIONS_MAX: usize = 10;

/// The web sockets that the app has open, and the envelopes they have not acknowledged.
#[derive(Debug, Default)]
pub(crate) struct Sockets(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Tickets of addresses handed out and not yet used.
    tickets: Vec<String>,
    open: Vec<Open>,
    waiting: HashMap<String, Waiting>,
    opened: u64,
    delivered: usize,
}

#[derive(Debug)]
struct Open {
    number: u64,
    out: mpsc::UnboundedSender<Frame>,
}

#[derive(Debug)]
struct Waiting {
    connection: u64,
    answer: oneshot::Sender<Value>,
}

/// What a connection is told to do.
#[derive(Clone, Debug)]
enum Frame {
    Text(String),
    /// Close as the protocol says.
    Close,
    /// Go away without a word.
    Drop,
}

impl Sockets {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many sockets are open.
    pub(crate) fn count(&self) -> usize {
        self.lock().open.len()
    }

    /// How many sockets were opened so far.
    pub(crate) fn opened(&self) -> u64 {
        self.lock().opened
    }

    /// A ticket that opens one socket.
    pub(crate) fn new_ticket(&self) -> String {
        let ticket = mint::uuid();
        self.lock().tickets.push(ticket.clone());
        ticket
    }

    fn take_ticket(&self, ticket: &str) -> bool {
        let mut inner = self.lock();
        let at = inner.tickets.iter().position(|there| there == ticket);
        at.map(|at| inner.tickets.swap_remove(at)).is_some()
    }

    /// All sockets go away without a word; nothing is put on them any more.
    pub(crate) fn drop_all(&self) {
        self.tell_all(&Frame::Drop);
        self.lock().open.clear();
    }

    /// All sockets are told to reconnect, then closed; a warning leaves them open.
    pub(crate) fn disconnect_all(&self, reason: &str) {
        self.tell_all(&Frame::Text(disconnect(reason).to_string()));
        if reason != "warning" {
            self.tell_all(&Frame::Close);
            self.lock().open.clear();
        }
    }

    fn tell_all(&self, frame: &Frame) {
        let open = &mut self.lock().open;
        open.retain(|open| open.out.send(frame.clone()).is_ok());
    }

    /// Puts an envelope on one of the sockets, turn by turn.
    fn send(&self, envelope_id: &str, text: &str) -> Result<oneshot::Receiver<Value>, Undelivered> {
        let mut inner = self.lock();
        inner.delivered += 1;
        for _ in 0..inner.open.len() {
            let at = inner.delivered % inner.open.len();
            let open = &inner.open[at];
            if open.out.send(Frame::Text(text.to_owned())).is_ok() {
                let (answer, receiver) = oneshot::channel();
                let waiting = Waiting {
                    connection: open.number,
                    answer,
                };
                inner.waiting.insert(envelope_id.to_owned(), waiting);
                return Ok(receiver);
            }
            inner.open.swap_remove(at);
        }
        Err(Undelivered::NotConnected)
    }

    /// Puts an envelope that is already waited for on the next socket as well.
    fn send_again(&self, text: &str) {
        let mut inner = self.lock();
        inner.delivered += 1;
        if let Some(open) = inner.open.get(inner.delivered % inner.open.len().max(1)) {
            // The copy is only noise: nobody waits for it.
            drop(open.out.send(Frame::Text(text.to_owned())));
        }
    }

    /// Hands an acknowledgement to whoever waits for it; whether somebody did.
    fn acknowledge(&self, envelope_id: &str, payload: Value) -> bool {
        let waiting = self.lock().waiting.remove(envelope_id);
        waiting.is_some_and(|waiting| waiting.answer.send(payload).is_ok())
    }
}

/// Sends `parcel` in an envelope (twice on request) and waits for the acknowledgement's payload.
pub(crate) async fn exchange(
    workspace: &Arc<Workspace>,
    parcel: &Parcel,
    copies: Copies,
) -> Result<Value, Undelivered> {
    let envelope_id = mint::uuid();
    let text = envelope(parcel, &envelope_id).to_string();
    let receiver = workspace.sockets.send(&envelope_id, &text)?;
    if copies == Copies::Two {
        workspace.sockets.send_again(&text);
    }
    receiver.await.map_err(|_| Undelivered::ConnectionLost)
}

fn envelope(parcel: &Parcel, envelope_id: &str) -> Value {
    let kind = match parcel.kind {
        Kind::SlashCommand => "slash_commands",
        Kind::Interaction => "interactive",
        Kind::Event => "events_api",
    };
    let mut envelope = json!({
        "envelope_id": envelope_id,
        "type": kind,
        "payload": parcel.payload,
        "accepts_response_payload": parcel.answerable,
    });
    if parcel.kind == Kind::Event {
        envelope["retry_attempt"] = 0.into();
        envelope["retry_reason"] = "".into();
    }
    envelope
}

fn disconnect(reason: &str) -> Value {
    json!({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-sandbox"}})
}
