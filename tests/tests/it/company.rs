//! The demo's company on one chat or on both: its people, what it configured, and what it asks access for.

pub(crate) mod discord;
pub(crate) mod hands;
mod orders;
mod setting;
pub(crate) mod slack;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use std::time::Duration;

use breakglass::clock::Clock;
use breakglass::config::Config;
use breakglass::database::{Role, connect};
use breakglass::demo::{self, Shown, policy};
use breakglass::environment::Environment;
use breakglass_core::event::Record;
use breakglass_core::log::canonical;
use breakglass_sandbox::Sandbox;
use breakglass_sandbox::discord::Guild;
use breakglass_tests::kept::Kept;
use breakglass_tests::port::Port;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::Command;

use self::discord::DiscordHands;
use self::hands::{Hands, PATIENCE, Place, Who};
use self::orders::{DOORS, Orders};
pub(crate) use self::setting::Setting;
use self::slack::SlackHands;
use crate::clock::MovedClock;

/// What the log is called.
pub(crate) const ORIGIN: &str = "tests.breakglass.example/log";

/// Whether what people do can reach the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lines {
    Open,
    Closed,
}

/// How often it is looked again at what nobody tells of.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(20);

pub(crate) struct Company {
    pub(crate) clock: Arc<MovedClock>,
    pub(crate) setting: Setting,
    pub(crate) orders: Orders,
    /// Where the server keeps its store.
    pub(crate) kept: Kept,
    sandbox: Arc<Sandbox>,
    slack: Arc<SlackHands>,
    discord: Arc<DiscordHands>,
    folder: TempDir,
    /// Where chats post to, while it runs and while it doesn't.
    listen: Port,
}

impl Company {
    /// Everything that a server finds at its first start.
    pub(crate) async fn found(setting: Setting) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock: Arc<MovedClock> = Arc::default();
        let listen = Port::reserve();
        let sandbox = Arc::new(sandbox(setting, listen.address, &clock).await);
        let kept = Kept::create(setting.store, folder.path()).await;
        let orders = Orders::create(setting.orders, folder.path()).await;
        // Long enough that less can be approved.
        let policy = policy(setting.shown);
        let policy = policy.replace("max_duration = \"5m\"", "max_duration = \"30m\"");
        std::fs::write(folder.path().join("policy.toml"), orders.named_in(&policy)).unwrap();
        let company = Self {
            clock,
            setting,
            orders,
            kept,
            slack: Arc::new(SlackHands(sandbox.clone())),
            discord: Arc::new(DiscordHands(sandbox.guild())),
            sandbox,
            folder,
            listen,
        };
        let text = toml::to_string(&company.configuration()).unwrap();
        std::fs::write(company.folder.path().join("breakglass.toml"), text).unwrap();
        let config = company.config();
        let dynamic: Arc<dyn Clock> = company.clock.clone();
        if let Some(discord) = breakglass::chats::discord(&config, &dynamic).unwrap() {
            discord.register().await.unwrap();
        }
        breakglass::database::migrate(&config.store).await.unwrap();
        company
    }

    fn configuration(&self) -> Value {
        let (setting, sandbox) = (self.setting, &self.sandbox);
        let store = match &self.kept {
            Kept::Sqlite(file) => json!({ "url": format!("sqlite://{}", file.display()) }),
            Kept::Postgres(store) => json!({ "url": store.url(), "owner_url": store.owner_url() }),
        };
        let mut text = json!({
            "server": {
                "listen": self.listen.address, "admin_listen": "127.0.0.1:0", "test_mode": true,
                "admin_socket": "breakglass.sock",
            },
            "store": store,
            "policy": { "file": "policy.toml" },
            "log": { "origin": ORIGIN },
            "provisioner": self.orders.provisioners(self.folder.path()),
        });
        if setting.shown.has_slack() {
            text["slack"] = demo::slack(sandbox);
            if setting.by_http {
                text["slack"]["mode"] = json!("http");
                text["slack"]["signing_secret"] = json!(demo::workspace::app().signing_secret);
            }
        }
        if setting.shown.has_discord() {
            text["discord"] = demo::discord(sandbox);
            if setting.by_http {
                text["discord"]["mode"] = json!("http");
                text["discord"]["public_key"] = json!(sandbox.guild().public_key());
            }
        }
        for (chat, channel) in [("slack", slack::HELP), ("discord", discord::HELP)] {
            if setting.has_help
                && let Some(chat) = text.get_mut(chat)
            {
                chat["help_channel"] = json!(channel);
            }
        }
        text
    }

    /// As the server reads it.
    pub(crate) fn config(&self) -> Config {
        let file = self.folder.path().join("breakglass.toml");
        Config::load(&file, &Environment::default()).unwrap()
    }

    /// The chat where it is asked.
    pub(crate) fn asked(&self) -> Arc<dyn Hands> {
        if self.setting.asked_on_slack {
            self.slack.clone()
        } else {
            self.discord.clone()
        }
    }

    /// The chat where it is decided: the other one, if there is one.
    pub(crate) fn decided(&self) -> Arc<dyn Hands> {
        let asked = self.asked();
        let mut others = self.chats().into_iter();
        let other = others.find(|chat| chat.name() != asked.name());
        other.unwrap_or(asked)
    }

    /// All of them.
    pub(crate) fn chats(&self) -> Vec<Arc<dyn Hands>> {
        match self.setting.shown {
            Shown::Slack => vec![self.slack.clone()],
            Shown::Discord => vec![self.discord.clone()],
            Shown::Both => vec![self.slack.clone(), self.discord.clone()],
        }
    }

    /// Waits until what people do reaches the server, or doesn't any more; false: it never came to that.
    pub(crate) async fn lines_are(&self, lines: Lines, limit: Duration) -> bool {
        let open = lines == Lines::Open;
        if self.setting.by_http {
            let is_open = async || TcpStream::connect(self.listen.address).await.is_ok();
            let as_wanted = async {
                while is_open().await != open {
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            };
            return tokio::time::timeout(limit, as_wanted).await.is_ok();
        }
        for chat in self.chats() {
            if !chat.waits(limit, &|| chat.is_connected() == open).await {
                return false;
            }
        }
        true
    }

    /// The workspace.
    pub(crate) fn workspace(&self) -> &Sandbox {
        &self.sandbox
    }

    /// The guild.
    pub(crate) fn guild(&self) -> Guild {
        self.sandbox.guild()
    }

    /// Where the configuration lies.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The files of the edge: whose access to what is there.
    pub(crate) fn door(&self, name: &str) -> PathBuf {
        self.folder().join(DOORS).join(name)
    }

    /// Changes a file of the operator's.
    pub(crate) fn rewrite(&self, file: &str, old: &str, new: &str) {
        let file = self.folder().join(file);
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(old), "{old}: {text}");
        std::fs::write(file, text.replace(old, new)).unwrap();
    }

    /// Runs the binary beside the server.
    pub(crate) async fn operator_runs(&self, line: &str) -> Output {
        let mut command = binary(self.folder());
        command.args(line.split(' ')).output().await.unwrap()
    }

    /// The security channel has said this exactly so often; threads are left out.
    pub(crate) async fn security_was_told(&self, words: &str, times: usize) {
        for chat in self.chats() {
            let told = chat.finds_all(Place::SecurityHeads, words, times).await;
            assert_eq!(told.len(), times, "{words}: {told:#?}");
        }
    }

    /// Bo and Inês approve the request that waits, where it is decided.
    pub(crate) async fn both_approve(&self) {
        let decided = self.decided();
        for (who, state) in [(Who::Bo, "Waiting"), (Who::Ines, "1 of 2")] {
            let place = Place::Approvers;
            decided.presses(who, place, state, "Approve").await;
        }
        for chat in self.chats() {
            chat.finds(Place::Approvers, "Active").await;
        }
    }

    /// Every record of the log, unchecked.
    pub(crate) async fn records(&self) -> Vec<Record> {
        let database = connect(&self.config().store, Role::Server).await.unwrap();
        let records = database.records_after(0, 10_000).await.unwrap();
        database.close().await.unwrap();
        records
    }

    /// How many records of this kind stand in the log.
    pub(crate) async fn recorded(&self, kind: &str) -> usize {
        let records = self.records().await;
        let of_kind = records.iter().filter(|record| record.event.name() == kind);
        of_kind.count()
    }

    /// Changes one letter in the newest record of this kind, behind the server's back.
    pub(crate) async fn change(&mut self, kind: &str, letters: &str) {
        let records = self.records().await;
        let mut of_kind = records.iter().filter(|record| record.event.name() == kind);
        let record = of_kind.next_back().expect("there is one");
        let mut bytes = canonical(record).unwrap();
        let at = bytes
            .windows(letters.len())
            .position(|part| part == letters.as_bytes());
        bytes[at.expect("the letters are there")] ^= 1;
        let blob = self.kept.blob(&bytes);
        let sql = format!("UPDATE event SET bytes = {blob} WHERE seq = {}", record.seq);
        self.kept.meddle(sql).await;
    }

    /// Waits until a query to the store's database answers this.
    pub(crate) async fn until(&mut self, sql: &str, answer: &str) {
        let asking = async {
            while self.kept.ask(sql).await.as_deref() != Some(answer) {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        let asked = tokio::time::timeout(PATIENCE, asking).await;
        asked.unwrap_or_else(|_| panic!("{sql} never answers {answer}"));
    }
}

/// The binary that crashes when it is told to, where its configuration lies.
pub(crate) fn binary(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_breakglass-that-dies"));
    command.current_dir(folder).env_clear();
    command
}

async fn sandbox(setting: Setting, listen: SocketAddr, clock: &Arc<MovedClock>) -> Sandbox {
    let mut options = slack::options();
    options.guild = discord::options();
    if setting.by_http {
        let slack = format!("http://{listen}/slack");
        options.delivery = breakglass_sandbox::Delivery::Http {
            commands_url: format!("{slack}/commands"),
            interactions_url: format!("{slack}/interactions"),
            events_url: Some(format!("{slack}/events")),
        };
        let url = format!("http://{listen}/discord/interactions");
        options.guild.delivery = breakglass_sandbox::discord::Delivery::Http { url };
    }
    let told = clock.clone();
    options.clock = breakglass_sandbox::Clock::from_fn(move || told.now().millis());
    Sandbox::start(options).await.unwrap()
}
