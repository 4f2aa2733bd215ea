//! A company of six with one Slack workspace and one PostgreSQL: the real server between them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use breakglass::clock::{Clock, SystemClock};
use breakglass::config::Config;
use breakglass::database::{Role, connect};
use breakglass::demo::{POLICY, workspace};
use breakglass::environment::Environment;
use breakglass::serve::{Plan, Server as Bot};
use breakglass_sandbox::{Message, Sandbox};
use breakglass_tests::postgres::{Server, Target};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Nothing here takes longer, on however slow a machine.
const PATIENCE: Duration = Duration::from_mins(1);

pub(super) struct Office {
    sandbox: Sandbox,
    bot: Bot,
    target: Target,
    _folder: TempDir,
}

impl Office {
    pub(super) async fn open(server: Server) -> Self {
        let target = Target::create(server).await;
        let listen = ([127, 0, 0, 1], 0).into();
        let sandbox = Sandbox::start(workspace::options(listen)).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let policy = POLICY
            .replace("orders_admin", &target.admin)
            .replace("orders_read", &target.read);
        std::fs::write(folder.path().join("policy.toml"), policy).unwrap();
        let text = configuration(&sandbox, &target);
        let file = folder.path().join("breakglass.toml");
        let config = Config::parse(&file, &text, &Environment::default()).unwrap();
        let bot = start(config).await;
        let office = Self {
            sandbox,
            bot,
            target,
            _folder: folder,
        };
        office
            .sees(|sandbox| (sandbox.connections() > 0).then_some(()))
            .await;
        office
    }

    pub(super) async fn types(&self, user: &str, text: &str) {
        self.sandbox
            .slash(user, "C0INCIDENT", "/breakglass", text)
            .await
            .unwrap();
    }

    pub(super) async fn presses(&self, user: &str, message: &Message, button: &str) {
        self.sandbox.press(user, message, button).await.unwrap();
    }

    /// Presses a button of a direct message.
    pub(super) async fn direct(&self, user: &str, button: &str) {
        let message = self
            .sees(|sandbox| {
                let mut direct = sandbox.messages(user).into_iter();
                direct.rfind(|message| all_of(message).contains(button))
            })
            .await;
        self.presses(user, &message, button).await;
    }

    /// The card in the approvers' channel once it says this.
    pub(super) async fn card(&self, words: &str) -> Message {
        self.sees(|sandbox| find(sandbox.messages(workspace::APPROVERS), words))
            .await
    }

    /// What only this person sees, once it says this.
    pub(super) async fn reads(&self, user: &str, words: &str) -> Message {
        self.sees(|sandbox| find(sandbox.ephemerals(user), words))
            .await
    }

    pub(super) async fn one_of_them_reads(&self, users: &[&str], words: &str) {
        self.sees(|sandbox| {
            users
                .iter()
                .find_map(|user| find(sandbox.ephemerals(user), words))
        })
        .await;
    }

    /// The security channel, threads included, says this.
    pub(super) async fn security_reads(&self, words: &str) {
        self.sees(|sandbox| {
            let heads = sandbox.messages(workspace::SECURITY);
            let threads = heads.iter().flat_map(|head| sandbox.thread(head)).collect();
            find(heads.clone(), words).or_else(|| find(threads, words))
        })
        .await;
    }

    /// Asks PostgreSQL itself, in another connection.
    pub(super) async fn holds_admin(&mut self) -> bool {
        let admin = self.target.admin.clone();
        self.target.has(&admin).await
    }

    pub(super) async fn log_is_whole(&self) {
        let store = self.bot.engine().store();
        let audited = store
            .database()
            .audit(store.verifying_key(), &[])
            .await
            .unwrap();
        assert!(audited.is_whole(), "{audited:?}");
    }

    pub(super) async fn close(self) {
        self.bot.stop().await;
        self.sandbox.stop().await;
    }

    async fn sees<T>(&self, look: impl Fn(&Sandbox) -> Option<T>) -> T {
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

async fn start(config: Config) -> Bot {
    let database = connect(&config.store, Role::Owner).await.unwrap();
    database.migrate().await.unwrap();
    database.close().await.unwrap();
    let policy = breakglass::check::load_policy(&config).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let metrics = breakglass::meter::install().unwrap();
    Bot::start(Plan {
        config,
        policy: Ok(policy),
        clock,
        metrics,
    })
    .await
    .unwrap()
}

fn configuration(sandbox: &Sandbox, target: &Target) -> String {
    let app = workspace::app();
    let nothing = |id: &str, program: &Path| json!({ "id": id, "kind": "command", "login": "{id}", "reads_back": false, "program": [program] });
    let config = json!({
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

fn find(messages: Vec<Message>, words: &str) -> Option<Message> {
    messages
        .into_iter()
        .find(|message| all_of(message).contains(words))
}

/// Everything a message says, its blocks as text.
fn all_of(message: &Message) -> String {
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
