//! A client in a few lines: calls the REST API, opens the gateway, answers by hand.

use breakglass_sandbox::discord::{App, Guild};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::GUILD;

/// All intents that are not privileged, and that for members.
pub(crate) const INTENTS: u64 = 1 | 1 << 1 | 1 << 9 | 1 << 12;

/// Calls a route with the bot's token.
pub(crate) async fn rest(guild: &Guild, method: &str, path: &str, body: Value) -> (u16, Value) {
    rest_as(guild, &App::default().token, method, (path, body)).await
}

/// Calls a route with this token.
pub(crate) async fn rest_as(
    guild: &Guild,
    token: &str,
    method: &str,
    (path, body): (&str, Value),
) -> (u16, Value) {
    let url = format!("{}/api/v10{path}", guild.api_url());
    let request = reqwest::Client::new().request(method.parse().unwrap(), url);
    let request = request.header("authorization", format!("Bot {token}"));
    let request = if body.is_null() {
        request
    } else {
        request.json(&body)
    };
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_default())
}

/// Registers `/ask what` with completion, and `/plan`, which has subcommands.
pub(crate) async fn register(guild: &Guild) {
    let what = json!({"type": 3, "name": "what", "description": "What", "required": true, "autocomplete": true});
    let day =
        json!({"type": 4, "name": "day", "description": "Day", "min_value": 1, "max_value": 31});
    let who = json!({"type": 6, "name": "who", "description": "Who"});
    let make = json!({"type": 1, "name": "make", "description": "Make one", "options": [day, who]});
    let commands = json!([
        {"name": "ask", "description": "Ask", "options": [what], "contexts": [0], "integration_types": [0]},
        {"name": "plan", "description": "Plan", "options": [make]},
        {"name": "secret", "description": "For administrators", "default_member_permissions": "0"},
    ]);
    let path = format!(
        "/applications/{}/guilds/{GUILD}/commands",
        App::default().id
    );
    let (status, registered) = rest(guild, "PUT", &path, commands).await;
    assert_eq!(
        (status, registered.as_array().map(Vec::len)),
        (200, Some(3)),
        "{registered}"
    );
}

/// One connection to the gateway.
pub(crate) struct Line(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Line {
    /// Opens a connection; returns it with its hello.
    pub(crate) async fn open(guild: &Guild) -> (Self, Value) {
        let url = format!(
            "{}/?v=10&encoding=json&compress=zlib-stream",
            guild.gateway_url()
        );
        let mut line = Self(connect_async(url).await.unwrap().0);
        let hello = line.next().await.unwrap();
        (line, hello)
    }

    /// Opens a connection and says who it is; returns it with what it was told at once.
    pub(crate) async fn identified(guild: &Guild) -> (Self, Value) {
        let (mut line, _) = Self::open(guild).await;
        line.identify(&App::default().token, INTENTS).await;
        let ready = line.next().await.unwrap();
        assert_eq!(ready["t"], "READY");
        assert_eq!(line.next().await.unwrap()["t"], "GUILD_CREATE");
        (line, ready)
    }

    pub(crate) async fn identify(&mut self, token: &str, intents: u64) {
        let properties = json!({"os": "linux", "browser": "tests", "device": "tests"});
        self.say(
            json!({"op": 2, "d": {"token": token, "intents": intents, "properties": properties}}),
        )
        .await;
    }

    pub(crate) async fn say(&mut self, command: Value) {
        self.0
            .send(Message::text(command.to_string()))
            .await
            .unwrap();
    }

    /// The next frame, or the code with which the connection was closed.
    pub(crate) async fn next(&mut self) -> Result<Value, Option<u16>> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(frame))) => return Err(frame.map(|frame| frame.code.into())),
                None | Some(Err(_)) => return Err(None),
                Some(Ok(_)) => {}
            }
        }
    }

    /// The next event of this name, with what it says.
    pub(crate) async fn event(&mut self, name: &str) -> Value {
        loop {
            let frame = self.next().await.unwrap();
            if frame["t"] == name {
                return frame["d"].clone();
            }
        }
    }

    /// Takes the next interaction and answers it.
    pub(crate) async fn answer(&mut self, guild: &Guild, answer: Value) -> Value {
        let interaction = self.event("INTERACTION_CREATE").await;
        let (status, body) = callback(guild, &interaction, answer).await;
        assert!(status < 300, "{body}");
        interaction
    }
}

/// Answers an interaction.
pub(crate) async fn callback(guild: &Guild, interaction: &Value, answer: Value) -> (u16, Value) {
    let (id, token) = (
        interaction["id"].as_str().unwrap(),
        interaction["token"].as_str().unwrap(),
    );
    rest(
        guild,
        "POST",
        &format!("/interactions/{id}/{token}/callback"),
        answer,
    )
    .await
}
