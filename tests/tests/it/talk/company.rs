//! The demo's company on a real server with SQLite, whose chat can go away and whose clock can be moved.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use breakglass::clock::{Clock, SystemClock};
use breakglass::config::Config;
use breakglass::database::{Role, connect};
use breakglass::demo::workspace::SECURITY;
use breakglass::demo::{Shown, policy, workspace};
use breakglass::environment::Environment;
use breakglass::meter::PrometheusHandle;
use breakglass::serve::{Plan, Server};
use breakglass_core::time::Timestamp;
use breakglass_sandbox::{Channel, Message, Person, Sandbox};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Nothing here takes longer, on however slow a machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Where people without a place in the policy are made known.
pub(super) const HELP: &str = "C0HELP";

/// Somebody of the workspace whom the policy doesn't list.
pub(super) const SAM: &str = "U07SAM";

pub(super) struct Company {
    pub(super) sandbox: Sandbox,
    pub(super) clock: Arc<MovedClock>,
    server: Option<Server>,
    config: Config,
    metrics: PrometheusHandle,
    _folder: TempDir,
}

/// The machine's clock, some time ahead.
#[derive(Debug, Default)]
pub(crate) struct MovedClock(AtomicI64);

impl MovedClock {
    pub(crate) fn forward(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        let moved = self.0.load(Ordering::SeqCst);
        Timestamp::from_millis(SystemClock.now().millis() + moved)
    }

    fn since_boot(&self) -> Duration {
        SystemClock.since_boot()
    }
}

/// Is there a channel for help?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Help {
    Channel,
    None,
}

impl Company {
    pub(super) async fn open(help: Help) -> Self {
        let mut options = workspace::options(([127, 0, 0, 1], 0).into());
        options
            .people
            .push(Person::member(SAM, "sam", "Sam Stranger"));
        let members = [SAM, "U05LEE", "U0BREAKGLASS"];
        options
            .channels
            .push(Channel::public(HELP, "access-help", &members));
        let sandbox = Sandbox::start(options).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("policy.toml"), policy(Shown::Slack)).unwrap();
        let config = config(&folder.path().join("breakglass.toml"), &sandbox, help);
        let database = connect(&config.store, Role::Owner).await.unwrap();
        database.migrate().await.unwrap();
        database.close().await.unwrap();
        let mut company = Self {
            sandbox,
            clock: Arc::default(),
            server: None,
            config,
            metrics: breakglass::meter::install().unwrap(),
            _folder: folder,
        };
        company.start().await;
        company
    }

    /// Starts the server, and waits until it hears what people do.
    pub(super) async fn start(&mut self) {
        let plan = Plan {
            config: self.config.clone(),
            policy: Ok(breakglass::check::load_policy(&self.config).unwrap()),
            clock: self.clock.clone(),
            metrics: self.metrics.clone(),
        };
        self.server = Some(Server::start(plan).await.unwrap());
        self.sees(|sandbox| (sandbox.connections() > 0).then_some(()))
            .await;
    }

    pub(super) async fn stop(&mut self) {
        self.server.take().unwrap().stop().await;
    }

    pub(super) async fn types(&self, user: &str, text: &str) {
        let channel = if user == SAM { HELP } else { "C0INCIDENT" };
        let typed = self.sandbox.slash(user, channel, "/breakglass", text).await;
        typed.unwrap();
    }

    /// What only this person sees, once it says this.
    pub(super) async fn reads(&self, user: &str, words: &str) -> Message {
        self.sees(|sandbox| saying(sandbox.ephemerals(user), words).pop())
            .await
    }

    /// A channel's post, once one says this.
    pub(super) async fn posted(&self, channel: &str, words: &str) -> Message {
        self.sees(|sandbox| saying(sandbox.messages(channel), words).pop())
            .await
    }

    /// A thread or digest in the security channel says this of a request.
    pub(super) async fn security_reads(&self, request: &str, words: &str) {
        let line = format!("{request} · ⚪ {words}");
        self.sees(|sandbox| {
            let heads = sandbox.messages(SECURITY);
            let digest = saying(heads.clone(), "things happened");
            let in_digest = !saying(digest, &line).is_empty();
            let mut threads = heads.iter().flat_map(|head| sandbox.thread(head));
            let mut in_thread = || {
                threads.any(|post| {
                    post.text.contains(&format!("{request} ")) && post.text.contains(words)
                })
            };
            (in_digest || in_thread()).then_some(())
        })
        .await;
    }

    /// Somebody's home page, once it says this; nobody opens it again.
    pub(super) async fn home_says(&self, user: &str, words: &str) {
        self.sees(|sandbox| {
            let view = sandbox.home(user)?;
            text_of(&view.content).contains(words).then_some(())
        })
        .await;
    }

    pub(super) async fn sees<T>(&self, look: impl FnMut(&Sandbox) -> Option<T>) -> T {
        let seen = self.sandbox.wait_for(PATIENCE, look).await;
        seen.unwrap_or_else(|| {
            let channels = [workspace::APPROVERS, SECURITY, HELP];
            let texts = channels.map(|channel| {
                let heads = self.sandbox.messages(channel);
                heads.into_iter().map(|head| head.text).collect::<Vec<_>>()
            });
            let complaints = self.sandbox.complaints();
            panic!("never seen; complaints {complaints:?}; channels {texts:#?}")
        })
    }
}

/// Those of the messages that say this.
pub(super) fn saying(messages: Vec<Message>, words: &str) -> Vec<Message> {
    let says = |message: &Message| all_of(message).contains(words);
    messages.into_iter().filter(says).collect()
}

/// Everything a message says, its blocks as text.
pub(super) fn all_of(message: &Message) -> String {
    let blocks = Value::from(message.blocks.clone());
    format!("{}\n{}", message.text, text_of(&blocks))
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(text_of).collect(),
        Value::Object(fields) => {
            let said = fields.iter().filter(|(name, _)| *name != "type");
            said.map(|(_, value)| text_of(value)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => String::new(),
    }
}

fn config(file: &Path, sandbox: &Sandbox, help: Help) -> Config {
    let app = workspace::app();
    let nothing = |id: &str| json!({ "id": id, "kind": "command", "login": "{id}", "reads_back": false, "program": [Path::new("/bin/true")] });
    let provisioners = ["orders-postgres", "billing-admin", "edge-kubernetes"].map(nothing);
    let mut text = json!({
        "server": {
            "listen": "127.0.0.1:0", "admin_listen": "127.0.0.1:0", "test_mode": true,
            "admin_socket": "breakglass.sock",
        },
        "store": { "url": "sqlite://breakglass.db" },
        "policy": { "file": "policy.toml" },
        "log": { "origin": "tests.breakglass.example/log" },
        "slack": {
            "mode": "socket", "bot_token": app.bot_token, "app_token": app.app_token,
            "team": workspace::TEAM, "approvers_channel": workspace::APPROVERS,
            "security_channel": SECURITY, "api_url": sandbox.api_url(),
        },
        "provisioner": provisioners,
    });
    if help == Help::Channel {
        text["slack"]["help_channel"] = json!(HELP);
    }
    let text = toml::to_string(&text).unwrap();
    Config::parse(file, &text, &Environment::default()).unwrap()
}
