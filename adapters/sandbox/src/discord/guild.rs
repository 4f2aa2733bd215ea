//! The handle of a running guild: look, wait, misbehave. What people do in it is in `act`.

mod mischief;
mod picture;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{any, get};
use serde_json::Value;
use tokio::time::timeout;

use super::Hall;
use super::call::Call;
use super::message::{Message, MessageId};
use super::modal::Modal;
use super::options::Delivery;
use super::{gateway, rest};

/// A running guild. Clones share it; it runs as long as its sandbox.
#[derive(Clone, Debug)]
pub struct Guild {
    pub(crate) hall: Arc<Hall>,
}

/// All routes of the API and the gateway.
pub(crate) fn routes(hall: Arc<Hall>) -> Router {
    Router::new()
        .route("/api/gateway", any(rest::gateway))
        .route("/api/{method}/{*rest}", any(rest::call))
        .route("/gateway", get(gateway::upgrade))
        .route("/gateway/", get(gateway::upgrade))
        .with_state(hall)
}

impl Guild {
    /// What an app is given in place of `https://discord.com`.
    pub fn api_url(&self) -> String {
        format!("http://{}", self.hall.address)
    }

    /// Where the gateway is, as `GET /gateway` tells it.
    pub fn gateway_url(&self) -> String {
        self.hall.gateway_url()
    }

    /// The key that signed requests are checked with, in hexadecimal; made anew for each guild.
    pub fn public_key(&self) -> String {
        self.hall.public_key()
    }

    /// Everything said in a channel, a thread, or the direct message with that person, oldest first, with what
    /// only some can see.
    pub fn messages(&self, channel: &str) -> Vec<Message> {
        self.hall.read(|state| {
            let room = state.room(channel).or_else(|| state.direct(channel));
            room.map_or_else(Vec::new, |room| room.messages.clone())
        })
    }

    /// One message as it stands now.
    pub fn message(&self, id: impl Into<MessageId>) -> Option<Message> {
        self.hall.read(|state| state.message(&id.into()).cloned())
    }

    /// Everything said in the thread of a message, oldest first.
    pub fn thread(&self, head: impl Into<MessageId>) -> Vec<Message> {
        self.messages(&head.into().id)
    }

    /// A channel, thread or direct message as the API shows it.
    pub fn channel(&self, channel: &str) -> Option<Value> {
        self.hall.read(|state| {
            let room = state.room(channel).or_else(|| state.direct(channel))?;
            Some(state.channel_json(room))
        })
    }

    /// What only `user` sees, in all channels, oldest first.
    pub fn ephemerals(&self, user: &str) -> Vec<Message> {
        let mut found: Vec<Message> = self.hall.read(|state| {
            let all = state.rooms.iter().flat_map(|room| &room.messages);
            all.filter(|message| message.only_for.as_deref() == Some(user))
                .cloned()
                .collect()
        });
        found.sort_by(|a, b| (a.id.len(), &a.id).cmp(&(b.id.len(), &b.id)));
        found
    }

    /// The newest message that only `user` sees, in any channel.
    pub fn newest_ephemeral(&self, user: &str) -> Option<Message> {
        self.ephemerals(user).pop()
    }

    /// The form that `user` has open, if any.
    pub fn view(&self, user: &str) -> Option<Modal> {
        self.hall.read(|state| state.modals.get(user).cloned())
    }

    /// The commands that the app has registered, as the API shows them.
    pub fn commands(&self) -> Vec<Value> {
        self.hall.read(|state| state.commands.clone())
    }

    /// Whether the app can be told anything: a client is connected, or it takes HTTP requests.
    pub fn is_connected(&self) -> bool {
        self.hall.options.delivery != Delivery::Gateway || self.connections() > 0
    }

    /// How many clients are connected and have said who they are.
    pub fn connections(&self) -> usize {
        self.hall.read(|state| {
            state
                .sessions
                .iter()
                .filter(|session| session.is_connected())
                .count()
        })
    }

    /// How many connections to the gateway there were so far, those that are gone included.
    pub fn connections_ever(&self) -> u64 {
        self.hall.read(|state| state.connected_ever)
    }

    /// All calls of the REST API so far.
    pub fn calls(&self) -> Vec<Call> {
        self.hall.read(|state| state.calls.clone())
    }

    /// What the app did that Discord swallows without a word, and no app should do.
    pub fn complaints(&self) -> Vec<String> {
        self.hall.read(|state| state.complaints.clone())
    }

    /// Waits until `look` finds something, at most `limit`; looks again at each change.
    pub async fn wait_for<T>(
        &self,
        limit: Duration,
        mut look: impl FnMut(&Self) -> Option<T>,
    ) -> Option<T> {
        let mut changes = self.hall.changes();
        let found = async {
            loop {
                changes.mark_unchanged();
                if let Some(found) = look(self) {
                    return Some(found);
                }
                changes.changed().await.ok()?;
            }
        };
        timeout(limit, found).await.ok().flatten()
    }
}
