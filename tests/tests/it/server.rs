//! The real binary on a real store, which is started again whenever it was killed, and people who use it.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use breakglass::config::Config;
use breakglass::database::{Role, connect};
use breakglass::demo::{Shown, policy, workspace};
use breakglass::environment::Environment;
use breakglass_sandbox::{Message, Sandbox};
use breakglass_store::crash::CrashPoint;
use breakglass_tests::postgres::{Database, Server};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::task::JoinHandle;

/// Nothing here takes longer, on however slow a machine; shorter than a claim, which dies with who held it.
const PATIENCE: Duration = Duration::from_secs(45);

const ASK: &str = "orders-db admin 3s sev1 INC-2231 replication slot stuck, orders are failing";

/// Does as docs/command.md says, with files in its folder, and notes each change.
const TARGET: &str = r#"#!/bin/sh
case "$1" in
provision) echo given >> changes; : > held ;;
deprovision) if [ -e held ]; then echo taken >> changes; rm held; fi ;;
inspect) if [ -e held ]; then echo '{"ours":"present"}'; else echo '{"ours":"absent"}'; fi ;;
esac
"#;

/// Where the log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Sqlite,
    Postgres,
}

impl Place {
    /// An empty database there.
    pub(super) async fn url(self) -> String {
        match self {
            Self::Sqlite => "sqlite://breakglass.db".to_owned(),
            Self::Postgres => {
                let mut database = Database::create(Server::Newest).await;
                let login = format!("{}_bot", database.name);
                let role = format!("CREATE ROLE {login} LOGIN PASSWORD 'secret'");
                database.run(role).await;
                let owner = format!("ALTER DATABASE {} OWNER TO {login}", database.name);
                database.run(owner).await;
                database.url(&login, "secret")
            }
        }
    }
}

/// What there is at the end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct End {
    /// What happened to the request, in order.
    pub(super) events: Vec<String>,
    /// What the person held last.
    pub(super) held: bool,
    /// Was it ever there, and taken once it was given?
    pub(super) changes: Vec<String>,
    /// How `audit verify` ended.
    pub(super) audit: Option<i32>,
    /// What else is wrong.
    pub(super) trouble: Option<String>,
}

pub(super) struct Run {
    pub(super) sandbox: Sandbox,
    folder: TempDir,
    kills: Arc<AtomicU32>,
    pid: Arc<AtomicU32>,
    expected_kills: u32,
    server: JoinHandle<()>,
}

impl Run {
    pub(super) async fn new(store: &str, kill: Option<(CrashPoint, u32)>) -> Self {
        let listen = ([127, 0, 0, 1], 0).into();
        let sandbox = Sandbox::start(workspace::options(listen)).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        furnish(store, &sandbox, folder.path()).await;
        let kills = Arc::new(AtomicU32::new(0));
        let pid = Arc::new(AtomicU32::new(0));
        let server = keep_running(folder.path(), kill, (kills.clone(), pid.clone()));
        Self {
            sandbox,
            folder,
            kills,
            pid,
            expected_kills: u32::from(kill.is_some()),
            server: tokio::spawn(server),
        }
    }

    /// One asks, two approve, the lease ends.
    pub(super) async fn story(&self) -> Result<(), String> {
        self.asks().await?;
        self.approves("U02BO", "1 of 2").await?;
        self.approves("U03INES", "Active").await?;
        self.card(&["Ended"]).await.map(drop)
    }

    /// Stops it, and looks at what there is.
    pub(super) async fn ends(self, story: Result<(), String>) -> End {
        let trouble = story.err();
        // What is told after the end may be where it is killed.
        let killed = || self.kills.load(Ordering::Relaxed) >= self.expected_kills;
        self.sandbox
            .wait_for(PATIENCE, |_| killed().then_some(()))
            .await;
        let trouble = trouble.or_else(|| (!killed()).then(|| "it was never killed".to_owned()));
        let trouble = trouble.map(|trouble| format!("{trouble}\n{}", self.read("server.log")));
        self.server.abort();
        let events = self.events().await;
        let mut changes: Vec<_> = self.read("changes").lines().map(str::to_owned).collect();
        changes.dedup();
        End {
            events,
            held: self.folder.path().join("held").exists(),
            changes,
            audit: self.command(&["audit", "verify"]).await.status.code(),
            trouble,
        }
    }

    /// Types it until it is acknowledged: an act that was, isn't repeated.
    pub(super) async fn asks(&self) -> Result<(), String> {
        while self
            .sandbox
            .slash("U01MAYA", "C0INCIDENT", "/breakglass", ASK)
            .await
            .is_err()
        {
            self.connected().await?;
        }
        self.card(&["Waiting"]).await.map(drop)
    }

    pub(super) async fn approves(&self, user: &str, then: &str) -> Result<(), String> {
        loop {
            let card = self.card(&["Waiting", then, "Ended"]).await?;
            let says = |words: &str| all_of(&card).contains(words);
            if says(then) || says("Ended") {
                return Ok(());
            }
            if self.sandbox.press(user, &card, "Approve").await.is_ok() {
                return self.card(&[then, "Ended"]).await.map(drop);
            }
            self.connected().await?;
        }
    }

    /// The newest card once it says one of these.
    pub(super) async fn card(&self, words: &[&str]) -> Result<Message, String> {
        let look = |sandbox: &Sandbox| {
            let mut cards = sandbox.messages(workspace::APPROVERS).into_iter();
            cards.rfind(|card| words.iter().any(|words| all_of(card).contains(words)))
        };
        let seen = self.sandbox.wait_for(PATIENCE, look).await;
        seen.ok_or_else(|| {
            let cards = self.sandbox.messages(workspace::APPROVERS);
            let cards: Vec<_> = cards.iter().map(all_of).collect();
            format!("no card says one of {words:?}; there is {cards:#?}")
        })
    }

    /// Waits for what only this person sees.
    pub(super) async fn reads(&self, user: &str, words: &str) {
        let look = |sandbox: &Sandbox| {
            let messages = sandbox.ephemerals(user);
            messages
                .iter()
                .any(|message| all_of(message).contains(words))
                .then_some(())
        };
        let seen = self.sandbox.wait_for(PATIENCE, look).await;
        assert!(
            seen.is_some(),
            "{user} reads nothing like {words:?}: {:#?}",
            self.sandbox.ephemerals(user)
        );
    }

    /// Waits for a post to security.
    pub(super) async fn security_reads(&self, words: &str) {
        let look = |sandbox: &Sandbox| {
            let messages = sandbox.messages(workspace::SECURITY);
            messages
                .iter()
                .any(|message| all_of(message).contains(words))
                .then_some(())
        };
        let seen = self.sandbox.wait_for(PATIENCE, look).await;
        let messages = self.sandbox.messages(workspace::SECURITY);
        let messages: Vec<_> = messages.iter().map(all_of).collect();
        assert!(
            seen.is_some(),
            "security reads nothing like {words:?}: {messages:#?}\n{}",
            self.read("server.log")
        );
    }

    /// Kills the server that runs; it is started again.
    pub(super) async fn kill(&self) {
        let before = self.kills.load(Ordering::Relaxed);
        let pid = i32::try_from(self.pid.load(Ordering::Relaxed)).unwrap();
        kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
        let killed = |_: &Sandbox| (self.kills.load(Ordering::Relaxed) > before).then_some(());
        self.sandbox.wait_for(PATIENCE, killed).await.unwrap();
    }

    async fn connected(&self) -> Result<(), String> {
        let open = |sandbox: &Sandbox| (sandbox.connections() > 0).then_some(());
        let connected = self.sandbox.wait_for(PATIENCE, open).await;
        connected.ok_or_else(|| "it doesn't connect".to_owned())
    }

    async fn events(&self) -> Vec<String> {
        let shown = self.command(&["audit", "show", "BG-1", "--json"]).await;
        let records: Value = serde_json::from_slice(&shown.stdout).unwrap_or_default();
        let records = records.as_array().into_iter().flatten();
        records.map(|record| record["type"].to_string()).collect()
    }

    async fn command(&self, arguments: &[&str]) -> std::process::Output {
        binary(self.folder.path())
            .args(arguments)
            .output()
            .await
            .unwrap()
    }

    pub(super) fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(file)).unwrap_or_default()
    }
}

/// Starts the server, and again whenever it was killed as it should be.
fn keep_running(
    folder: &Path,
    kill: Option<(CrashPoint, u32)>,
    (kills, pid): (Arc<AtomicU32>, Arc<AtomicU32>),
) -> impl Future<Output = ()> + use<> {
    let folder = folder.to_owned();
    let mut crash = kill.map(|(point, nth)| format!("{point:?}:{nth}"));
    async move {
        loop {
            let log = std::fs::File::options()
                .create(true)
                .append(true)
                .open(folder.join("server.log"));
            let mut server = binary(&folder);
            server.arg("serve").stderr(log.unwrap()).kill_on_drop(true);
            if let Some(crash) = crash.take() {
                server.env("BREAKGLASS_TEST_CRASH", crash);
            }
            let mut running = server.spawn().unwrap();
            pid.store(running.id().unwrap_or_default(), Ordering::Relaxed);
            let ended = running.wait().await.unwrap();
            if ended.signal() != Some(9) {
                return;
            }
            kills.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn binary(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_breakglass-that-dies"));
    command.current_dir(folder).env_clear();
    command
}

/// Everything that the server finds at its first start.
async fn furnish(store: &str, sandbox: &Sandbox, folder: &Path) {
    let program = folder.join("target.sh");
    std::fs::write(&program, TARGET).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::write(folder.join("policy.toml"), policy(Shown::Slack)).unwrap();
    let text = toml::to_string(&configuration(sandbox, store)).unwrap();
    let file = folder.join("breakglass.toml");
    std::fs::write(&file, &text).unwrap();
    let config = Config::parse(&file, &text, &Environment::default()).unwrap();
    let database = connect(&config.store, Role::Owner).await.unwrap();
    database.migrate().await.unwrap();
    database.close().await.unwrap();
}

fn configuration(sandbox: &Sandbox, store: &str) -> Value {
    let app = workspace::app();
    let target = |id: &str| json!({ "id": id, "kind": "command", "login": "{id}", "program": ["target.sh"] });
    json!({
        "server": {
            "listen": "127.0.0.1:0", "admin_listen": "127.0.0.1:0", "test_mode": true,
            "admin_socket": "breakglass.sock",
        },
        "store": { "url": store },
        "policy": { "file": "policy.toml" },
        "log": { "origin": "tests.breakglass.example/log" },
        "slack": {
            "mode": "socket", "bot_token": app.bot_token, "app_token": app.app_token,
            "team": workspace::TEAM, "approvers_channel": workspace::APPROVERS,
            "security_channel": workspace::SECURITY, "api_url": sandbox.api_url(),
        },
        "provisioner": [target("orders-postgres"), target("billing-admin"), target("edge-kubernetes")],
    })
}

fn all_of(message: &Message) -> String {
    format!(
        "{}\n{}",
        message.text,
        serde_json::to_string(&message.blocks).unwrap_or_default()
    )
}
