//! Socket Mode: sockets that we open, and a watch on how many there are.
//!
//! The library opens, pings and reopens the sockets. It hands us each message raw: its own types would drop
//! what our checks need. It reads the next message when we have answered this one, and a panic would end the
//! socket: so each message has a time limit, and the door catches panics.

mod crew;

use std::pin::pin;
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use slack_morphism::hyper_tokio::SlackClientHyperHttpsConnector;
use slack_morphism::listener::SlackClientEventsListenerEnvironment;
use slack_morphism::socket_mode::clients_manager::{
    SlackSocketModeClientsManager, SlackSocketModeClientsManagerFactory as _,
};
use slack_morphism::{
    SlackApiToken, SlackClientSocketModeConfig, SlackSocketModeClientListener,
    SlackSocketModeWssClientId,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use self::crew::Crew;
use super::Kind;
use super::door::{Ack, Door};
use crate::Sockets;
use crate::client::Client;

/// A socket that couldn't be opened is tried again after this.
const REOPEN_SECS: u64 = 1;
/// How often a quiet socket is pinged, and how many pings may stay unanswered.
const PING_SECS: u64 = 5;
const PINGS_LOST_MAX: u64 = 3;
/// How often the watch looks for sockets that hang.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long to wait before asking again who we are.
const ASK_AGAIN: Duration = Duration::from_secs(2);

type Manager = dyn SlackSocketModeClientsManager + Send + Sync;

/// Holds the sockets until it is told to stop.
pub(crate) async fn listen(
    client: Arc<Client>,
    door: Door,
    sockets: Arc<watch::Sender<Sockets>>,
    stop: CancellationToken,
) {
    let Some(token) = client.app_token().cloned() else {
        return;
    };
    let environment = SlackClientEventsListenerEnvironment::new(Arc::new(client.slack().clone()));
    let connector = &client.slack().http_api.connector;
    let manager: Arc<Manager> =
        SlackClientHyperHttpsConnector::new_clients_manager(connector, Arc::new(environment));
    let pace = &client.config().pace;
    let crew = Arc::new(Crew::new(pace.clone(), sockets));
    let ear = Ear {
        client: Arc::clone(&client),
        door,
        crew: Arc::clone(&crew),
        manager: Arc::downgrade(&manager),
    };
    start(&*manager, &token, pace.sockets, Arc::new(ear)).await;
    let mut look = tokio::time::interval(LOOK_EVERY);
    let mut introduced = pin!(introduce(&client));
    let mut known = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = &mut introduced, if !known => known = true,
            _ = look.tick() => {
                for id in crew.to_reopen() {
                    tracing::debug!(id = id.to_string(), "opening a socket anew");
                    manager.restart_client(&id).await;
                }
            }
        }
    }
    crew.gone();
    manager.shutdown().await;
}

/// Asks who we are until it is known, so that the first act needn't wait for it.
async fn introduce(client: &Client) {
    while let Err(error) = client.ours().await {
        tracing::warn!(%error, "it isn't known yet which app we are: nothing is taken");
        tokio::time::sleep(ASK_AGAIN).await;
    }
}

async fn start(
    manager: &Manager,
    token: &SlackApiToken,
    sockets: u32,
    ear: Arc<dyn SlackSocketModeClientListener + Send + Sync>,
) {
    let config = SlackClientSocketModeConfig {
        max_connections_count: sockets,
        debug_connections: false,
        initial_backoff_in_seconds: 0,
        reconnect_timeout_in_seconds: REOPEN_SECS,
        ping_interval_in_seconds: PING_SECS,
        ping_failure_threshold_times: PINGS_LOST_MAX,
    };
    if let Err(error) = manager
        .register_new_token(&config, token.clone(), ear)
        .await
    {
        tracing::error!(%error, "the sockets can't be made");
    }
    manager.start().await;
}

/// What hears the messages of all sockets.
struct Ear {
    client: Arc<Client>,
    door: Door,
    crew: Arc<Crew>,
    manager: Weak<Manager>,
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "type")]
    kind: String,
    #[serde(rename = "envelope_id")]
    id: Option<String>,
    #[serde(default)]
    accepts_response_payload: bool,
    payload: Option<Value>,
    num_connections: Option<u32>,
    connection_info: Option<ConnectionInfo>,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct ConnectionInfo {
    app_id: Option<String>,
}

impl Ear {
    /// The acknowledgement, if there is one to send.
    async fn hear(&self, id: &SlackSocketModeWssClientId, message: &str) -> Option<String> {
        let Ok(envelope) = serde_json::from_str::<Envelope>(message) else {
            tracing::warn!(bytes = message.len(), "a message that can't be read");
            return None;
        };
        let kind = match envelope.kind.as_str() {
            "hello" => {
                if let Some(app) = envelope.connection_info.and_then(|info| info.app_id) {
                    self.client.greeted(&app);
                }
                self.crew.greeted(id, envelope.num_connections);
                return None;
            }
            "disconnect" => {
                self.told_to_close(id, &envelope.reason.unwrap_or_default())
                    .await;
                return None;
            }
            "slash_commands" => Kind::Command,
            "interactive" => Kind::Interaction,
            "events_api" => Kind::Event,
            other => {
                tracing::warn!(kind = other, "a message of an unknown kind");
                return acknowledge(envelope.id, None);
            }
        };
        let ack = self
            .door
            .knock(kind, &envelope.payload.unwrap_or_default())
            .await?;
        match ack {
            Ack::Payload(answer) if envelope.accepts_response_payload => {
                acknowledge(envelope.id, Some(&answer))
            }
            Ack::Payload(_) | Ack::Empty => acknowledge(envelope.id, None),
        }
    }

    async fn told_to_close(&self, id: &SlackSocketModeWssClientId, reason: &str) {
        match reason {
            // It goes on for some seconds, and closing it now could lose what is under way.
            "warning" => tracing::debug!("slack will close a socket soon"),
            "link_disabled" => {
                tracing::error!("Socket Mode was switched off in the app's settings");
                self.reopen(id).await;
            }
            reason => {
                tracing::info!(reason, "slack closes a socket");
                self.reopen(id).await;
            }
        }
    }

    async fn reopen(&self, id: &SlackSocketModeWssClientId) {
        if let Some(manager) = self.manager.upgrade()
            && self.crew.lost(id)
        {
            manager.restart_client(id).await;
        }
    }
}

fn acknowledge(envelope_id: Option<String>, answer: Option<&Value>) -> Option<String> {
    let mut ack = json!({ "envelope_id": envelope_id? });
    if let Some(answer) = answer {
        ack["payload"] = answer.clone();
    }
    Some(ack.to_string())
}

#[async_trait]
impl SlackSocketModeClientListener for Ear {
    async fn on_message(&self, id: &SlackSocketModeWssClientId, message: String) -> Option<String> {
        self.hear(id, &message).await
    }

    async fn on_error(&self, _error: Box<dyn std::error::Error + Send + Sync>) {
        // The error's text quotes the message.
        tracing::warn!("a socket failed");
    }

    async fn on_disconnect(&self, id: &SlackSocketModeWssClientId) {
        self.reopen(id).await;
    }
}
