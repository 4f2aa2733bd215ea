//! Socket Mode: sockets that we open, and a watch on how many there are.
//!
//! The library opens, pings and reopens the sockets. It hands us each message raw: its own types would drop
//! what our checks need. It reads the next message when we have answered this one, and a panic would end the
//! socket: so each message has a time limit, and the door catches panics.
//!
//! It keeps no hold of the tasks that carry a socket, and one that is shut down while its writer is between two
//! messages stays open until Slack says something more, which nobody takes then. So all of them run on a runtime
//! of their own, and end with it.

mod apart;
mod crew;

use std::convert::Infallible;
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use breakglass_core::port::chat::Lines;
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
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::crew::Crew;
use super::Kind;
use super::door::{Ack, Door};
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

/// Slack wants an acknowledgement within 3 s: no act that came before the stop takes longer.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(3);
/// How long the sockets may take to say goodbye.
const CLOSED_WITHIN: Duration = Duration::from_millis(500);

type Manager = dyn SlackSocketModeClientsManager + Send + Sync;

/// Holds the sockets until it is told to stop; none is open when it returns.
pub(crate) async fn listen(
    client: Arc<Client>,
    door: Door,
    lines: Arc<watch::Sender<Lines>>,
    stop: CancellationToken,
) {
    let Some(token) = client.app_token().cloned() else {
        return;
    };
    let stop = stop.child_token();
    let _stop_when_dropped = stop.clone().drop_guard();
    let (alive, gone) = mpsc::channel(1);
    let environment =
        SlackClientEventsListenerEnvironment::new(Arc::new(client.for_sockets().clone()));
    let connector = &client.for_sockets().http_api.connector;
    let manager: Arc<Manager> =
        SlackClientHyperHttpsConnector::new_clients_manager(connector, Arc::new(environment));
    let crew = Arc::new(Crew::new(client.config().pace.clone(), lines));
    let hearing = TaskTracker::new();
    let ear = Ear {
        client: Arc::clone(&client),
        door,
        work: Handle::current(),
        crew: Arc::clone(&crew),
        manager: Arc::downgrade(&manager),
        hearing: hearing.clone(),
        _alive: alive,
    };
    let held = Held {
        manager,
        crew,
        hearing,
        gone,
    };
    let wanted = client.config().pace.sockets;
    let holding = held.hold(token, wanted, Arc::new(ear), stop.clone());
    tokio::join!(
        apart::run(holding),
        stop.run_until_cancelled(introduce(&client))
    );
}

/// Asks who we are until it is known, so that the first act needn't wait for it.
async fn introduce(client: &Client) {
    while let Err(error) = client.ours().await {
        tracing::warn!(%error, "it isn't known yet which app we are: nothing is taken");
        tokio::time::sleep(ASK_AGAIN).await;
    }
}

/// What the sockets are held and let go by.
struct Held {
    manager: Arc<Manager>,
    crew: Arc<Crew>,
    /// Messages in hand.
    hearing: TaskTracker,
    /// Ends when the library's last task has.
    gone: mpsc::Receiver<Infallible>,
}

impl Held {
    async fn hold(
        mut self,
        token: SlackApiToken,
        wanted: u32,
        ear: Arc<Ear>,
        stop: CancellationToken,
    ) {
        start(&*self.manager, &token, wanted, ear).await;
        let mut look = tokio::time::interval(LOOK_EVERY);
        while stop.run_until_cancelled(look.tick()).await.is_some() {
            for id in self.crew.to_reopen() {
                tracing::debug!(id = id.to_string(), "opening a socket anew");
                self.manager.restart_client(&id).await;
            }
        }
        self.hearing.close();
        if timeout(ACKNOWLEDGED_WITHIN, self.hearing.wait())
            .await
            .is_err()
        {
            tracing::warn!("stopped with an act that isn't acknowledged");
        }
        self.crew.gone();
        self.manager.shutdown().await;
        if timeout(CLOSED_WITHIN, self.gone.recv()).await.is_err() {
            tracing::debug!("a socket is cut");
        }
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
    /// Where acts are taken in: what they use must not end with the sockets.
    work: Handle,
    crew: Arc<Crew>,
    manager: Weak<Manager>,
    hearing: TaskTracker,
    /// Gone when nothing of the library's is left that could call us.
    _alive: mpsc::Sender<Infallible>,
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
        let door = self.door.clone();
        let payload = envelope.payload.unwrap_or_default();
        let taken = self
            .work
            .spawn(async move { door.knock(kind, &payload).await });
        match taken.await.ok()?? {
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
        let _in_hand = self.hearing.token();
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
