//! The whole product on this machine, with no account anywhere: embedded SQLite, three small targets, and a
//! local workspace in the browser.

pub mod guild;
mod play;
mod target;
pub mod workspace;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use breakglass_sandbox::{Options, Sandbox};
use clap::ValueEnum;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::database::{Role, connect};
use crate::environment::Environment;
use crate::serve::{Plan, Server};

pub use play::play;
pub use target::DemoTarget;

/// The people, groups, targets and rules of the demo, with their ids on both chats.
const POLICY: &str = include_str!("demo/policy.toml");

/// Which chats the demo has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shown {
    /// A Slack workspace.
    Slack,
    /// A Discord guild.
    Discord,
    /// One beside the other, for the same people.
    Both,
}

impl Shown {
    /// Is Slack among them?
    pub const fn has_slack(self) -> bool {
        matches!(self, Self::Slack | Self::Both)
    }

    /// Is Discord among them?
    pub const fn has_discord(self) -> bool {
        matches!(self, Self::Discord | Self::Both)
    }
}

/// The demo's policy where these chats are served: it names no ids of others.
pub fn policy(shown: Shown) -> String {
    let of_slack = ["slack = ", "slack_usergroup = ", "on_call_usergroup = "];
    let of_discord = ["discord = ", "discord_role = ", "on_call_role = "];
    let is_of = |line: &str, keys: [&str; 3]| keys.iter().any(|key| line.starts_with(key));
    let kept = POLICY.lines().filter(|line| {
        (shown.has_slack() || !is_of(line, of_slack))
            && (shown.has_discord() || !is_of(line, of_discord))
    });
    kept.flat_map(|line| [line, "\n"]).collect()
}

/// One for each target of the policy.
const PROVISIONERS: [&str; 3] = ["orders-postgres", "billing-admin", "edge-kubernetes"];

/// A running demo; everything it keeps lies in a folder that goes away with it.
#[derive(Debug)]
pub struct Demo {
    /// The workspace.
    pub sandbox: Sandbox,
    /// The server, with the Slack adapter that a real workspace would get.
    pub server: Server,
    /// The configuration it was started with.
    pub config: Config,
    folder: Folder,
}

/// A folder of our own in the system's place for such, removed when dropped.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    fn make() -> anyhow::Result<Self> {
        use std::os::unix::fs::DirBuilderExt as _;
        let name = format!("breakglass-demo-{}", hex::encode(rand::random::<[u8; 6]>()));
        let path = std::env::temp_dir().join(name);
        std::fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, folder = %self.0.display(), "left behind");
        }
    }
}

impl Demo {
    /// Starts the workspace at `listen` and the server beside it.
    pub async fn start(
        listen: SocketAddr,
        shown: Shown,
        metrics: PrometheusHandle,
    ) -> anyhow::Result<Self> {
        let mut options = Options {
            listen,
            ..Options::default()
        };
        if shown.has_slack() {
            options = workspace::options(listen);
        }
        if shown.has_discord() {
            options.guild = guild::options();
        }
        let sandbox = Sandbox::start(options).await.with_context(|| {
            format!("the workspace can't listen at {listen}; choose another by --listen")
        })?;
        let folder = Folder::make()?;
        let text = configuration(&folder.0, shown, &sandbox)?;
        let file = folder.0.join("breakglass.toml");
        let mut policy_text = policy(shown);
        if shown == Shown::Both {
            // Maya links her second account herself.
            policy_text = policy_text.replace("discord = \"820000000000000001\"\n", "");
        }
        std::fs::write(folder.0.join("policy.toml"), policy_text)?;
        let config = Config::parse(&file, &text, &Environment::default())?;
        let policy = crate::check::load_policy(&config);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        if let Some(discord) = crate::chats::discord(&config, &clock)? {
            discord.register().await?;
        }
        let database = connect(&config.store, Role::Owner).await?;
        database.migrate().await?;
        database.close().await?;
        let plan = Plan {
            config: config.clone(),
            policy,
            clock,
            metrics,
        };
        let server = Server::start(plan).await?;
        Ok(Self {
            sandbox,
            server,
            config,
            folder,
        })
    }

    /// Where the demo keeps what its targets hold: one file for each holding.
    pub fn holdings(&self) -> PathBuf {
        self.folder.0.join("targets")
    }

    /// Stops everything and removes the folder.
    pub async fn stop(self) {
        self.server.stop().await;
        self.sandbox.stop().await;
    }
}

/// The service configuration, as an operator would write it.
fn configuration(folder: &Path, shown: Shown, sandbox: &Sandbox) -> anyhow::Result<String> {
    let program = std::env::current_exe().context("can't tell where this program is")?;
    let targets = folder.join("targets");
    std::fs::create_dir(&targets)?;
    let provisioner = |id| {
        serde_json::json!({
            "id": id, "kind": "command", "login": "{id}", "lists": true,
            "program": [&program, Path::new("demo-target"), &targets],
        })
    };
    let mut head = serde_json::json!({
        "server": {
            "listen": "127.0.0.1:0", "admin_listen": "127.0.0.1:0", "admin_socket": "breakglass.sock",
            "test_mode": true, "log_filter": "warn",
        },
        "store": { "url": "sqlite://breakglass.db" },
        "policy": { "file": "policy.toml" },
        "log": { "origin": "demo.breakglass.example/log" },
        "provisioner": PROVISIONERS.map(provisioner),
    });
    if shown.has_slack() {
        head["slack"] = slack(sandbox);
    }
    if shown.has_discord() {
        head["discord"] = discord(sandbox);
    }
    Ok(toml::to_string(&head)?)
}

/// `[slack]` for the demo's workspace.
pub fn slack(sandbox: &Sandbox) -> serde_json::Value {
    let app = workspace::app();
    serde_json::json!({
        "mode": "socket", "bot_token": app.bot_token, "app_token": app.app_token,
        "team": workspace::TEAM, "approvers_channel": workspace::APPROVERS,
        "security_channel": workspace::SECURITY, "api_url": sandbox.api_url(),
    })
}

/// `[discord]` for the demo's guild, by gateway.
pub fn discord(sandbox: &Sandbox) -> serde_json::Value {
    let app = guild::app();
    serde_json::json!({
        "mode": "gateway", "token": app.token, "application_id": app.id, "guild": guild::GUILD,
        "approvers_channel": guild::APPROVERS, "security_channel": guild::SECURITY,
        "api_url": sandbox.guild().api_url(),
    })
}
