//! The demo's company on a real server with SQLite, on one chat or on both, with a clock that can be moved.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use breakglass::clock::Clock;
use breakglass::config::Config;
use breakglass::database::{Role, connect};
use breakglass::demo::{self, Shown, policy};
use breakglass::environment::Environment;
use breakglass::meter::PrometheusHandle;
use breakglass::serve::{Plan, Server};
use breakglass_sandbox::discord::{Delivery, Guild};
use breakglass_sandbox::{Clock as SandboxClock, Sandbox};
use serde_json::json;
use tempfile::TempDir;

use super::clock::MovedClock;
use super::discord::{self, DiscordHands};
use super::hands::{Hands, PATIENCE, Place, Who};
use super::slack::{self, SlackHands};

/// Where it is asked, where it is decided, how Discord reaches us, and whether strangers are made known.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent choices, each with a name where it is made"
)]
pub(super) struct Setting {
    shown: Shown,
    asked_on_slack: bool,
    by_http: bool,
    has_help: bool,
    has_doors: bool,
}

impl Setting {
    pub(super) const SLACK: Self = Self {
        shown: Shown::Slack,
        asked_on_slack: true,
        by_http: false,
        has_help: true,
        has_doors: false,
    };
    pub(super) const DISCORD_BY_GATEWAY: Self = Self {
        shown: Shown::Discord,
        asked_on_slack: false,
        ..Self::SLACK
    };
    pub(super) const DISCORD_BY_HTTP: Self = Self {
        by_http: true,
        ..Self::DISCORD_BY_GATEWAY
    };
    pub(super) const ASKED_ON_SLACK: Self = Self {
        shown: Shown::Both,
        ..Self::SLACK
    };
    pub(super) const ASKED_ON_DISCORD: Self = Self {
        shown: Shown::Both,
        ..Self::DISCORD_BY_GATEWAY
    };

    /// The same with a target that lists what it has.
    pub(super) const fn with_doors(self) -> Self {
        Self {
            has_doors: true,
            ..self
        }
    }

    /// The same without a channel for help.
    pub(super) const fn without_help(self) -> Self {
        Self {
            has_help: false,
            ..self
        }
    }
}

pub(super) struct Scene {
    pub(super) clock: Arc<MovedClock>,
    setting: Setting,
    sandbox: Arc<Sandbox>,
    slack: Arc<SlackHands>,
    discord: Arc<DiscordHands>,
    config: Config,
    metrics: PrometheusHandle,
    server: Option<Server>,
    folder: TempDir,
}

impl Scene {
    pub(super) async fn open(setting: Setting) -> Self {
        let clock: Arc<MovedClock> = Arc::default();
        let port = free_port();
        let mut options = slack::options();
        options.guild = discord::options();
        if setting.by_http {
            let url = format!("http://127.0.0.1:{port}/discord/interactions");
            options.guild.delivery = Delivery::Http { url };
        }
        let told = clock.clone();
        options.clock = SandboxClock::from_fn(move || told.now().millis());
        let sandbox = Arc::new(Sandbox::start(options).await.unwrap());
        let folder = tempfile::tempdir().unwrap();
        // Long enough that less can be approved.
        let policy =
            policy(setting.shown).replace("max_duration = \"5m\"", "max_duration = \"30m\"");
        std::fs::write(folder.path().join("policy.toml"), policy).unwrap();
        let config = config(&folder, setting, &sandbox, port);
        let dynamic: Arc<dyn Clock> = clock.clone();
        if let Some(discord) = breakglass::chats::discord(&config, &dynamic).unwrap() {
            discord.register().await.unwrap();
        }
        let database = connect(&config.store, Role::Owner).await.unwrap();
        database.migrate().await.unwrap();
        database.close().await.unwrap();
        let mut scene = Self {
            clock,
            setting,
            slack: Arc::new(SlackHands(sandbox.clone())),
            discord: Arc::new(DiscordHands(sandbox.guild())),
            sandbox,
            config,
            metrics: breakglass::meter::install().unwrap(),
            server: None,
            folder,
        };
        scene.start().await;
        scene
    }

    /// Starts the server, and waits until it hears what people do.
    pub(super) async fn start(&mut self) {
        let plan = Plan {
            policy: Ok(breakglass::check::load_policy(&self.config).unwrap()),
            config: self.config.clone(),
            clock: self.clock.clone(),
            metrics: self.metrics.clone(),
        };
        self.server = Some(Server::start(plan).await.unwrap());
        self.lines_are(|open| open > 0).await;
    }

    /// Stops the server, and waits until it hears nothing any more.
    pub(super) async fn stop(&mut self) {
        self.server.take().unwrap().stop().await;
        self.lines_are(|open| open == 0).await;
    }

    /// So many lines lead to each chat that we call.
    async fn lines_are(&self, as_wanted: fn(usize) -> bool) {
        if self.setting.shown.has_slack() {
            let seen = |sandbox: &Sandbox| as_wanted(sandbox.connections()).then_some(());
            let seen = self.sandbox.wait_for(PATIENCE, seen).await;
            seen.expect("sockets are opened and closed");
        }
        if self.setting.shown.has_discord() && !self.setting.by_http {
            let seen = |guild: &Guild| as_wanted(guild.connections()).then_some(());
            let seen = self.sandbox.guild().wait_for(PATIENCE, seen).await;
            seen.expect("the gateway is joined and left");
        }
    }

    fn server(&self) -> &Server {
        self.server.as_ref().expect("it runs")
    }

    /// The server has said that it runs and by which policy: it posts nothing more by itself.
    pub(super) async fn is_announced(&self) {
        for chat in self.chats() {
            for words in ["breakglass is running", "Policy loaded"] {
                chat.finds(Place::Security, words).await;
            }
        }
    }

    /// The chat where it is asked.
    pub(super) fn asked(&self) -> Arc<dyn Hands> {
        if self.setting.asked_on_slack {
            self.slack.clone()
        } else {
            self.discord.clone()
        }
    }

    /// The chat where it is decided: the other one, if there is one.
    pub(super) fn decided(&self) -> Arc<dyn Hands> {
        let on_slack = self.setting.asked_on_slack != (self.setting.shown == Shown::Both);
        if on_slack {
            self.slack.clone()
        } else {
            self.discord.clone()
        }
    }

    /// All of them.
    pub(super) fn chats(&self) -> Vec<Arc<dyn Hands>> {
        match self.setting.shown {
            Shown::Slack => vec![self.slack.clone()],
            Shown::Discord => vec![self.discord.clone()],
            Shown::Both => vec![self.slack.clone(), self.discord.clone()],
        }
    }

    /// The workspace.
    pub(super) fn workspace(&self) -> &Sandbox {
        &self.sandbox
    }

    /// The guild.
    pub(super) fn guild(&self) -> Guild {
        self.sandbox.guild()
    }

    /// The files of the edge: whose access to what is there.
    pub(super) fn door(&self, name: &str) -> PathBuf {
        self.folder.path().join("doors").join(name)
    }

    /// The policy is written otherwise.
    pub(super) fn amends(&self, from: &str, to: &str) {
        let file = self.folder.path().join("policy.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        if text.contains(from) {
            std::fs::write(file, text.replace(from, to)).unwrap();
        }
    }

    /// Who holds access is looked up, as every few seconds.
    pub(super) async fn checks_rights(&self) {
        self.server().engine().check_rights_now().await.unwrap();
    }

    /// Every target is compared with the log, as each minute.
    pub(super) async fn compares_again(&self) {
        let engine = self.server().engine();
        engine.reconcile_now().await;
    }

    /// Where the configuration lies.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs the binary beside the server.
    pub(super) async fn operator_runs(&self, line: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_breakglass-that-dies"));
        command
            .args(line.split(' '))
            .current_dir(self.folder.path())
            .env_clear();
        let ran = tokio::task::spawn_blocking(move || command.output());
        ran.await.unwrap().unwrap()
    }

    /// The policy doesn't list this person any more where it is decided.
    pub(super) async fn unlist(&self, who: Who) {
        let line = if self.setting.asked_on_slack {
            self.discord.listed(who)
        } else {
            self.slack.listed(who)
        };
        let line = format!("{line}\n");
        let file: PathBuf = self.folder.path().join("policy.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(&line), "{line}");
        let before = self.server().engine().policy().hash().clone();
        std::fs::write(file, text.replace(&line, "")).unwrap();
        self.until(|scene| *scene.server().engine().policy().hash() != before)
            .await;
    }

    /// The code that this person was given where it is asked.
    pub(super) async fn code(&self, who: Who) -> String {
        let offered = self.asked().reads(who, "/breakglass link").await;
        let is_code = |word: &&str| {
            let parts: Vec<&str> = word.split('-').collect();
            parts.len() == 3 && parts.iter().all(|part| part.len() == 4)
        };
        let words = offered.split(|c: char| c.is_whitespace() || matches!(c, ':' | '`'));
        let code = words
            .map(|word| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()))
            .find(is_code);
        code.unwrap_or_else(|| panic!("no code in {offered}"))
            .to_owned()
    }

    /// How many records of this kind stand in the log.
    pub(super) async fn recorded(&self, kind: &str) -> usize {
        let database = self.server().engine().store().database();
        let records = database.records_after(0, 10_000).await.unwrap();
        let of_kind = records.iter().filter(|record| record.event.name() == kind);
        of_kind.count()
    }

    /// Waits until so many records of this kind stand in the log.
    pub(super) async fn until_recorded(&self, kind: &str, times: usize) {
        let waiting = async {
            while self.recorded(kind).await < times {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.unwrap();
    }

    /// Nothing waits to be told to anybody.
    pub(super) async fn everything_is_told(&self) {
        let store = self.server().engine().store();
        let waiting = async {
            while !store.waiting_effects().await.unwrap().is_empty() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.unwrap();
    }

    async fn until(&self, so: impl Fn(&Self) -> bool) {
        let waiting = async {
            while !so(self) {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.unwrap();
    }

    /// Stops the server, and sees that the log is whole and no chat found fault with what it got.
    pub(super) async fn close(mut self) {
        let store = self.server().engine().store();
        let audited = store
            .database()
            .audit(store.verifying_key(), &[])
            .await
            .unwrap();
        assert!(audited.is_whole(), "{audited:?}");
        for chat in self.chats() {
            assert_eq!(chat.complaints(), Vec::<String>::new());
        }
        self.stop().await;
    }
}

fn config(folder: &TempDir, setting: Setting, sandbox: &Sandbox, port: u16) -> Config {
    let nothing = |id: &str| json!({ "id": id, "kind": "command", "login": "{id}", "reads_back": false, "program": ["/bin/true"] });
    let mut provisioners = ["orders-postgres", "billing-admin", "edge-kubernetes"].map(nothing);
    if setting.has_doors {
        let doors = folder.path().join("doors");
        std::fs::create_dir(&doors).unwrap();
        let program = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../docs/example/provisioner.sh"
        );
        provisioners[2] = json!({
            "id": "edge-kubernetes", "kind": "command", "login": "{id}", "lists": true,
            "program": ["/bin/sh", program], "env": { "DOORS": doors },
        });
    }
    let mut text = json!({
        "server": {
            "listen": format!("127.0.0.1:{port}"), "admin_listen": "127.0.0.1:0", "test_mode": true,
            "admin_socket": "breakglass.sock",
        },
        "store": { "url": "sqlite://breakglass.db" },
        "policy": { "file": "policy.toml" },
        "log": { "origin": "tests.breakglass.example/log" },
        "provisioner": provisioners,
    });
    if setting.shown.has_slack() {
        text["slack"] = demo::slack(sandbox);
    }
    if setting.shown.has_discord() {
        text["discord"] = demo::discord(sandbox);
        if setting.by_http {
            text["discord"]["mode"] = json!("http");
            text["discord"]["public_key"] = json!(sandbox.guild().public_key());
        }
    }
    let help = [("slack", slack::HELP), ("discord", discord::HELP)];
    for (chat, channel) in help {
        if setting.has_help
            && let Some(chat) = text.get_mut(chat)
        {
            chat["help_channel"] = json!(channel);
        }
    }
    let text = toml::to_string(&text).unwrap();
    let file = folder.path().join("breakglass.toml");
    std::fs::write(&file, &text).unwrap();
    Config::load(&file, &Environment::default()).unwrap()
}

/// One that nobody listens at, a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
