//! A company of six with one Slack workspace and one PostgreSQL: the real server between them.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use breakglass::clock::{Clock, SystemClock};
use breakglass::config::Config;
use breakglass::database::{Role, connect};
use breakglass::demo::{Shown, policy, workspace};
use breakglass::engine::Engine;
use breakglass::environment::Environment;
use breakglass::serve::{Plan, Server as Bot};
use breakglass_core::event::{Event, Record};
use breakglass_core::log::canonical;
use breakglass_sandbox::{Message, Sandbox};
use breakglass_tests::kept::{Kept, Store};
use breakglass_tests::postgres::{Server, Target};
use serde_json::{Value, json};
use tempfile::TempDir;

/// What the log is called.
pub(crate) const ORIGIN: &str = "tests.breakglass.example/log";

/// Nothing here takes longer, on however slow a machine.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct Office {
    pub(crate) sandbox: Sandbox,
    pub(crate) target: Target,
    /// Where the server keeps its store.
    pub(crate) kept: Kept,
    bot: Option<Bot>,
    metrics: metrics_exporter_prometheus::PrometheusHandle,
    folder: TempDir,
}

impl Office {
    /// With a file for a store.
    pub(crate) async fn open(server: Server) -> Self {
        Self::open_on(server, Store::Sqlite).await
    }

    pub(crate) async fn open_on(server: Server, store: Store) -> Self {
        let target = Target::create(server).await;
        let listen = ([127, 0, 0, 1], 0).into();
        let sandbox = Sandbox::start(workspace::options(listen)).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::create(store, folder.path()).await;
        let policy = policy(Shown::Slack)
            .replace("orders_admin", &target.admin)
            .replace("orders_read", &target.read);
        std::fs::write(folder.path().join("policy.toml"), policy).unwrap();
        let text = configuration(&sandbox, &target, &kept);
        std::fs::write(folder.path().join("breakglass.toml"), text).unwrap();
        let mut office = Self {
            sandbox,
            target,
            kept,
            bot: None,
            metrics: breakglass::meter::install().unwrap(),
            folder,
        };
        breakglass::database::migrate(&office.config().store)
            .await
            .unwrap();
        office.start_bot().await;
        office
    }

    /// Starts the server, which doesn't run.
    pub(crate) async fn start_bot(&mut self) {
        let config = self.config();
        let policy = breakglass::check::load_policy(&config);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let plan = Plan {
            config,
            policy,
            clock,
            metrics: self.metrics.clone(),
        };
        self.bot = Some(Bot::start(plan).await.unwrap());
        self.sees(|sandbox| (sandbox.connections() > 0).then_some(()))
            .await;
    }

    /// Stops the server, which runs.
    pub(crate) async fn stop_bot(&mut self) {
        self.bot.take().expect("it runs").stop().await;
        self.sees(|sandbox| (sandbox.connections() == 0).then_some(()))
            .await;
    }

    /// The engine of the server, which runs.
    pub(crate) fn engine(&self) -> Arc<Engine> {
        self.bot.as_ref().expect("it runs").engine().clone()
    }

    fn config(&self) -> Config {
        let file = self.folder.path().join("breakglass.toml");
        Config::load(&file, &Environment::default()).unwrap()
    }

    /// Runs the binary beside the server.
    pub(crate) async fn operator_runs(&self, line: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_breakglass-that-dies"));
        command
            .args(line.split(' '))
            .current_dir(self.folder.path())
            .env_clear();
        tokio::task::spawn_blocking(move || command.output())
            .await
            .unwrap()
            .unwrap()
    }

    pub(crate) async fn types(&self, user: &str, text: &str) {
        self.sandbox
            .slash(user, "C0INCIDENT", "/breakglass", text)
            .await
            .unwrap();
    }

    pub(crate) async fn presses(&self, user: &str, message: &Message, button: &str) {
        self.sandbox.press(user, message, button).await.unwrap();
    }

    /// Presses a button of a direct message.
    pub(crate) async fn direct(&self, user: &str, button: &str) {
        let message = self
            .sees(|sandbox| {
                let mut direct = sandbox.messages(user).into_iter();
                direct.rfind(|message| all_of(message).contains(button))
            })
            .await;
        self.presses(user, &message, button).await;
    }

    /// The card in the approvers' channel once it says this.
    pub(crate) async fn card(&self, words: &str) -> Message {
        self.sees(|sandbox| find(sandbox.messages(workspace::APPROVERS), words))
            .await
    }

    /// What only this person sees, once it says this.
    pub(crate) async fn reads(&self, user: &str, words: &str) -> Message {
        self.sees(|sandbox| find(sandbox.ephemerals(user), words))
            .await
    }

    /// This person gets a direct message that says this.
    pub(crate) async fn gets(&self, user: &str, words: &str) -> Message {
        self.sees(|sandbox| find(sandbox.messages(user), words))
            .await
    }

    /// The security channel, threads included, says this.
    pub(crate) async fn security_reads(&self, words: &str) {
        self.channel_reads(workspace::SECURITY, words).await;
    }

    async fn channel_reads(&self, channel: &str, words: &str) {
        self.sees(|sandbox| {
            let heads = sandbox.messages(channel);
            let threads = heads.iter().flat_map(|head| sandbox.thread(head)).collect();
            find(heads.clone(), words).or_else(|| find(threads, words))
        })
        .await;
    }

    /// Asks PostgreSQL itself, in another connection.
    pub(crate) async fn holds_admin(&mut self) -> bool {
        let admin = self.target.admin.clone();
        self.target.has(&admin).await
    }

    /// Every record of the log, unchecked.
    pub(crate) async fn records(&self) -> Vec<Record> {
        let database = connect(&self.config().store, Role::Server).await.unwrap();
        let records = database.records_after(0, 10_000).await.unwrap();
        database.close().await.unwrap();
        records
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

    /// Waits until the clock says that the lease of the first request is over.
    pub(crate) async fn lease_is_over(&self) {
        let records = self.records().await;
        let until = records.iter().find_map(|record| {
            if let Event::Activated { expires_at, .. } = &record.event {
                Some(*expires_at)
            } else {
                None
            }
        });
        let until = until.expect("it was active");
        let waiting = async {
            while SystemClock.now() < until {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.unwrap();
    }

    /// The security channel has said this exactly so often; threads are left out.
    pub(crate) async fn security_was_told(&self, words: &str, times: usize) {
        let count = |sandbox: &Sandbox| {
            let told = sandbox.messages(workspace::SECURITY);
            told.iter()
                .filter(|told| all_of(told).contains(words))
                .count()
        };
        self.sees(|sandbox| (count(sandbox) >= times).then_some(()))
            .await;
        assert_eq!(count(&self.sandbox), times, "{words}");
    }

    /// The approvers' channel, threads included, says this.
    pub(crate) async fn approvers_read(&self, words: &str) {
        self.channel_reads(workspace::APPROVERS, words).await;
    }

    /// Waits until no target is to be looked after.
    pub(crate) async fn errands_are_done(&mut self) {
        let waiting = "SELECT count(*) FROM outbox WHERE key LIKE 'converge%'";
        self.until(waiting, "0").await;
    }

    /// Waits until a query to the store's database answers this.
    pub(crate) async fn until(&mut self, sql: &str, answer: &str) {
        let asking = async {
            while self.kept.ask(sql).await.as_deref() != Some(answer) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let asked = tokio::time::timeout(PATIENCE, asking).await;
        asked.unwrap_or_else(|_| panic!("{sql} never answers {answer}"));
    }

    pub(crate) async fn log_is_whole(&self) {
        let engine = self.engine();
        let store = engine.store();
        let audited = store
            .database()
            .audit(store.verifying_key(), &[])
            .await
            .unwrap();
        assert!(audited.is_whole(), "{audited:?}");
    }

    pub(crate) async fn close(self) {
        if let Some(bot) = self.bot {
            bot.stop().await;
        }
        self.sandbox.stop().await;
    }

    pub(crate) async fn sees<T>(&self, look: impl Fn(&Sandbox) -> Option<T>) -> T {
        let seen = self.sandbox.wait_for(PATIENCE, look).await;
        seen.unwrap_or_else(|| {
            let heads = self.sandbox.messages(workspace::APPROVERS);
            let heads: Vec<_> = heads.iter().map(all_of).collect();
            panic!(
                "never seen; complaints {:?}; cards {heads:#?}",
                self.sandbox.complaints()
            )
        })
    }
}

fn configuration(sandbox: &Sandbox, target: &Target, kept: &Kept) -> String {
    let app = workspace::app();
    let nothing = |id: &str, program: &Path| json!({ "id": id, "kind": "command", "login": "{id}", "reads_back": false, "program": [program] });
    let store = match kept {
        Kept::Sqlite(file) => json!({ "url": format!("sqlite://{}", file.display()) }),
        Kept::Postgres(store) => json!({ "url": store.url(), "owner_url": store.owner_url() }),
    };
    let config = json!({
        "server": {
            "listen": "127.0.0.1:0", "admin_listen": "127.0.0.1:0", "test_mode": true,
            "admin_socket": "breakglass.sock",
        },
        "store": store,
        "policy": { "file": "policy.toml" },
        "log": { "origin": ORIGIN },
        "slack": {
            "mode": "socket", "bot_token": app.bot_token, "app_token": app.app_token,
            "team": workspace::TEAM, "approvers_channel": workspace::APPROVERS,
            "security_channel": workspace::SECURITY, "api_url": sandbox.api_url(),
        },
        "provisioner": [
            {
                "id": "orders-postgres", "kind": "postgres", "url": target.url(),
                "login": format!("{}_{{id}}", target.database.name),
            },
            nothing("billing-admin", Path::new("/bin/true")),
            nothing("edge-kubernetes", Path::new("/bin/true")),
        ],
    });
    toml::to_string(&config).unwrap()
}

pub(crate) fn find(messages: Vec<Message>, words: &str) -> Option<Message> {
    messages
        .into_iter()
        .find(|message| all_of(message).contains(words))
}

/// Everything a message says, its blocks as text.
pub(crate) fn all_of(message: &Message) -> String {
    fn collect(value: &Value, text: &mut String) {
        match value {
            Value::String(part) => {
                text.push_str(part);
            }
            Value::Array(parts) => parts.iter().for_each(|part| collect(part, text)),
            Value::Object(fields) => fields.values().for_each(|field| collect(field, text)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let mut text = message.text.clone();
    text.push('\n');
    message
        .blocks
        .iter()
        .for_each(|block| collect(block, &mut text));
    text
}
