//! The handle of a running sandbox: start, look, misbehave, stop.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::routing::{any, get, post};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::call::Call;
use crate::discord::{self, Guild, Hall};
use crate::fault::Fault;
use crate::message::{Message, MessageId};
use crate::options::{Delivery, Options};
use crate::view::View;
use crate::workspace::Workspace;

/// A running sandbox. Clones share it; it runs until [`Sandbox::stop`].
#[derive(Clone, Debug)]
pub struct Sandbox {
    pub(crate) workspace: Arc<Workspace>,
    hall: Arc<Hall>,
    server: Arc<Mutex<Option<JoinHandle<()>>>>,
}

/// Why a sandbox can't start, or its calls can't be written down.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// It has no passwords, so it listens only where nobody else can reach it.
    #[error("{0} is not a loopback address")]
    NotLoopback(SocketAddr),
    /// The address is taken, or not ours.
    #[error("can't listen on {0}")]
    Listen(SocketAddr, #[source] std::io::Error),
    /// The file can't be written.
    #[error("can't write the calls")]
    Dump(#[source] std::io::Error),
}

impl Sandbox {
    /// Starts a workspace and listens.
    pub async fn start(options: Options) -> Result<Self, SandboxError> {
        let asked = options.listen;
        if !asked.ip().is_loopback() {
            return Err(SandboxError::NotLoopback(asked));
        }
        let listener = TcpListener::bind(asked).await;
        let listener = listener.map_err(|fault| SandboxError::Listen(asked, fault))?;
        let address = listener
            .local_addr()
            .map_err(|fault| SandboxError::Listen(asked, fault))?;
        let (guild, clock) = (options.guild.clone(), options.clock.clone());
        let workspace = Arc::new(Workspace::new(options, address));
        let hall = Hall::new(guild, clock, address, workspace.counter());
        let sandbox = Self {
            workspace,
            hall: Arc::new(hall),
            server: Arc::default(),
        };
        let router = sandbox.router();
        // Small frames must not wait for each other: a click would take 40 ms longer.
        let listener = listener.tap_io(|stream| {
            if let Err(fault) = stream.set_nodelay(true) {
                tracing::debug!(target: "breakglass_sandbox", %fault, "no TCP_NODELAY");
            }
        });
        let server = tokio::spawn(async move {
            if let Err(fault) = axum::serve(listener, router).await {
                tracing::error!(target: "breakglass_sandbox", %fault, "the sandbox stopped");
            }
        });
        *sandbox
            .server
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(server);
        Ok(sandbox)
    }

    fn router(&self) -> Router {
        Router::new()
            .route("/api/{method}", any(crate::api::call))
            .route("/link/", get(crate::socket::upgrade))
            .route(
                "/respond/{kind}/{team}/{secret}",
                post(crate::respond::respond),
            )
            .with_state(Arc::clone(&self.workspace))
            .merge(discord::routes(Arc::clone(&self.hall)))
            .merge(crate::page::routes(self.clone()))
    }

    /// The guild, where the sandbox speaks Discord.
    pub fn guild(&self) -> Guild {
        Guild {
            hall: Arc::clone(&self.hall),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.workspace.address
    }

    /// What an app is given in place of `https://slack.com/api`.
    pub fn api_url(&self) -> String {
        self.workspace.url("/api")
    }

    /// What people open in their browser.
    pub fn page_url(&self) -> String {
        self.workspace.url("/")
    }

    /// Stops listening; sockets and calls under way end without an answer.
    pub async fn stop(self) {
        let server = self
            .server
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        self.workspace.sockets.drop_all();
        self.guild().drop_connections();
        if let Some(server) = server {
            server.abort();
            drop(server.await);
        }
    }

    /// Everything said in `channel` (or in the direct message with that person), oldest first,
    /// with what only some can see.
    pub fn messages(&self, channel: &str) -> Vec<Message> {
        self.workspace.read(|state| {
            let rooms = state.rooms.iter();
            let mut found =
                rooms.filter(|r| r.channel.id == channel || r.with.as_deref() == Some(channel));
            found
                .next()
                .map_or_else(Vec::new, |room| room.messages.clone())
        })
    }

    /// One message as it stands now.
    pub fn message(&self, id: impl Into<MessageId>) -> Option<Message> {
        self.workspace
            .read(|state| state.message(&id.into()).cloned())
    }

    /// The replies in the thread of a message, oldest first.
    pub fn thread(&self, head: impl Into<MessageId>) -> Vec<Message> {
        let head = head.into();
        let all = self.messages(&head.channel);
        let is_reply = |m: &Message| m.is_reply() && m.thread_ts.as_ref() == Some(&head.ts);
        all.into_iter().filter(is_reply).collect()
    }

    /// What only `user` sees, in all channels, oldest first.
    pub fn ephemerals(&self, user: &str) -> Vec<Message> {
        let mut found: Vec<Message> = self.workspace.read(|state| {
            let all = state.rooms.iter().flat_map(|room| &room.messages);
            all.filter(|message| message.only_for.as_deref() == Some(user))
                .cloned()
                .collect()
        });
        found.sort_by(|a, b| a.ts.cmp(&b.ts));
        found
    }

    /// The newest message that only `user` sees, in any channel.
    pub fn newest_ephemeral(&self, user: &str) -> Option<Message> {
        self.workspace.read(|state| {
            let all = state.rooms.iter().flat_map(|room| &room.messages);
            all.filter(|message| message.only_for.as_deref() == Some(user))
                .max_by(|a, b| a.ts.cmp(&b.ts))
                .cloned()
        })
    }

    /// The modal that `user` sees, if one is open.
    pub fn view(&self, user: &str) -> Option<View> {
        self.workspace.read(|state| state.top_view(user).cloned())
    }

    /// What the app has published on the Home tab of `user`.
    pub fn home(&self, user: &str) -> Option<View> {
        self.workspace
            .read(|state| state.views.get(state.homes.get(user)?).cloned())
    }

    /// Whether there is anybody on the Slack side.
    pub(crate) fn has_workspace(&self) -> bool {
        !self.workspace.options.people.is_empty()
    }

    /// Whether there is anybody on the Discord side.
    pub(crate) fn has_guild(&self) -> bool {
        !self.workspace.options.guild.members.is_empty()
    }

    /// Whether the app can be told anything: it has a socket open, or takes HTTP requests.
    pub(crate) fn is_connected(&self) -> bool {
        self.workspace.options.delivery != Delivery::Socket || self.connections() > 0
    }

    /// How many web sockets the app has open.
    pub fn connections(&self) -> usize {
        self.workspace.sockets.count()
    }

    /// How many web sockets the app has opened so far, those that are gone included.
    pub fn connections_ever(&self) -> u64 {
        self.workspace.sockets.opened()
    }

    /// All calls of the Web API and of response URLs so far.
    pub fn calls(&self) -> Vec<Call> {
        self.workspace.read(|state| state.calls.clone())
    }

    /// What the app did that Slack swallows without a word, and no app should do.
    pub fn complaints(&self) -> Vec<String> {
        self.workspace.read(|state| state.complaints.clone())
    }

    /// Writes all calls so far to a JSON file.
    pub fn dump_calls(&self, path: &Path) -> Result<(), SandboxError> {
        let calls = serde_json::to_vec_pretty(&self.calls()).unwrap_or_default();
        std::fs::write(path, calls).map_err(SandboxError::Dump)
    }

    /// Waits until `look` finds something, at most `limit`; looks again at each change.
    pub async fn wait_for<T>(
        &self,
        limit: Duration,
        mut look: impl FnMut(&Self) -> Option<T>,
    ) -> Option<T> {
        let mut changes = self.workspace.changes();
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

    /// Somebody has left: their account is deactivated.
    pub fn deactivate(&self, user: &str) {
        self.workspace.change(|state| {
            let person = state.people.iter_mut().find(|person| person.id == user);
            if let Some(person) = person {
                person.standing = crate::options::Standing::Deactivated;
            }
        });
    }

    /// The next `times` calls of `method` (`*` for any) end in `fault`.
    pub fn fail(&self, method: &str, times: usize, fault: Fault) {
        self.workspace
            .change(|state| state.mischief.calls.add(method, times, fault));
    }

    /// Everything works again.
    pub fn heal(&self) {
        self.workspace
            .change(|state| state.mischief = crate::fault::Mischief::default());
    }

    /// The next `times` deliveries are made twice.
    pub fn deliver_twice(&self, times: u32) {
        self.workspace
            .change(|state| state.mischief.doubled = times);
    }

    /// The next `times` deliveries never reach the app.
    pub fn lose_deliveries(&self, times: u32) {
        self.workspace.change(|state| state.mischief.lost = times);
    }

    /// Acknowledgements count only so much later than they came in.
    pub fn delay_acks(&self, delay: Duration) {
        self.workspace
            .change(|state| state.mischief.ack_delay = delay);
    }

    /// All sockets go away without a word.
    pub fn drop_sockets(&self) {
        self.workspace.sockets.drop_all();
        self.workspace.change(|_| ());
    }

    /// All sockets are told to reconnect (`refresh_requested`, `link_disabled`) and closed, or
    /// only warned (`warning`).
    pub fn disconnect_sockets(&self, reason: &str) {
        self.workspace.sockets.disconnect_all(reason);
        self.workspace.change(|_| ());
    }
}
