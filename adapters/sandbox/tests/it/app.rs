//! An app in a few lines: calls the Web API, opens a socket, acknowledges by hand.

use breakglass_sandbox::Sandbox;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Calls a method with JSON arguments and the bot token.
pub(crate) async fn call(sandbox: &Sandbox, method: &str, args: Value) -> Value {
    call_with(sandbox, "xoxb-sandbox", method, args).await
}

/// Calls a method with JSON arguments and this token.
pub(crate) async fn call_with(sandbox: &Sandbox, token: &str, method: &str, args: Value) -> Value {
    let url = format!("{}/{method}", sandbox.api_url());
    let request = reqwest::Client::new()
        .post(url)
        .bearer_auth(token)
        .json(&args);
    request.send().await.unwrap().json().await.unwrap()
}

/// One web socket of the app.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens a socket; returns it with its hello.
    pub(crate) async fn open(sandbox: &Sandbox) -> (Self, Value) {
        let opened = call_with(sandbox, "xapp-sandbox", "apps.connections.open", json!({})).await;
        let (stream, _) = connect_async(opened["url"].as_str().unwrap())
            .await
            .unwrap();
        let mut socket = Self(stream);
        let hello = socket.next().await.unwrap();
        (socket, hello)
    }

    /// The next envelope, or nothing once the socket is closed.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            match self.0.next().await? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Acknowledges an envelope, with a payload unless it is null.
    pub(crate) async fn ack(&mut self, envelope: &Value, payload: Value) {
        let mut ack = json!({"envelope_id": envelope["envelope_id"]});
        if !payload.is_null() {
            ack["payload"] = payload;
        }
        self.0.send(Message::text(ack.to_string())).await.unwrap();
    }

    /// Takes the next envelope, acknowledges it, and returns its payload.
    pub(crate) async fn take(&mut self, answer: Value) -> Value {
        let envelope = self.next().await.unwrap();
        self.ack(&envelope, answer).await;
        envelope["payload"].clone()
    }
}
