//! The service's configuration: `breakglass.toml`, then the environment, then the files that hold secrets.
//!
//! The file is first read strictly, so that each fault names its place; then the layers are merged and every
//! setting is parsed into what it means. All faults come at once. After [`Config::load`] nothing reads the
//! environment or a secret's file again.

mod api_url;
mod digest;
mod discord;
mod fault;
mod layers;
mod log;
mod pager;
mod provisioner;
mod secret;
mod section;
mod server;
mod slack;
mod store;

use std::path::{Path, PathBuf};

use breakglass_core::document::Document;
use breakglass_core::id::PagerId;

use crate::environment::Environment;

pub use digest::ConfigDigest;
pub use discord::{DISCORD_API_URL, DiscordConfig, DiscordMode};
pub use fault::ConfigError;
pub use log::LogConfig;
pub use pager::{PagerConfig, PagerKind};
pub use provisioner::ProvisionerConfig;
pub use server::ServerConfig;
pub use slack::{SLACK_API_URL, SlackConfig, SlackMode};
pub use store::StoreConfig;

use layers::Layers;
use section::Section;

/// Where the configuration is looked for when nothing else is said.
pub const FILE_DEFAULT: &str = "breakglass.toml";

/// The variable that names the configuration's file when [`FILE_DEFAULT`] isn't there.
pub const FILE_VARIABLE: &str = "BREAKGLASS_CONFIG";

/// Everything that is configured. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file it came from.
    pub file: PathBuf,
    /// `[server]`
    pub server: ServerConfig,
    /// `[store]`
    pub store: StoreConfig,
    /// `[policy] file`
    pub policy_file: PathBuf,
    /// `[log]`
    pub log: LogConfig,
    /// `[slack]`
    pub slack: Option<SlackConfig>,
    /// `[discord]`
    pub discord: Option<DiscordConfig>,
    /// `[[provisioner]]`, in file order.
    pub provisioners: Vec<ProvisionerConfig>,
    /// `[[pager]]`, in file order.
    pub pagers: Vec<PagerConfig>,
}

/// Which file to read: the one that was named, else the one here, else the one the environment names.
pub fn find(named: Option<PathBuf>, environment: &Environment) -> PathBuf {
    let here = PathBuf::from(FILE_DEFAULT);
    let elsewhere = || environment.get(FILE_VARIABLE).map(PathBuf::from);
    named
        .or_else(|| here.exists().then(|| here.clone()))
        .or_else(elsewhere)
        .unwrap_or(here)
}

impl Config {
    /// Reads `file`, lays `environment` over it, and reads the secrets that stand in files of their own.
    pub fn load(file: &Path, environment: &Environment) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(file).map_err(|error| ConfigError::Unreadable {
            file: file.to_owned(),
            why: error.to_string(),
        })?;
        Self::parse(file, &text, environment)
    }

    /// Like [`Self::load`], with the file's text at hand; `file` is its name and tells where relative paths start.
    pub fn parse(file: &Path, text: &str, environment: &Environment) -> Result<Self, ConfigError> {
        let document = Document::parse(&file.display().to_string(), text);
        let layers = Layers::new(&document, file, text, environment);
        let read = Self::read(file, &layers);
        let in_environment = layers.finish();
        let in_file = document.finish();
        match read {
            Some(config) if in_file.is_empty() && in_environment.is_empty() => Ok(config),
            _ => Err(ConfigError::Faults {
                file: file.to_owned(),
                in_file,
                in_environment,
            }),
        }
    }

    /// The pagers that take security's alarms.
    pub fn alarm_pagers(&self) -> Vec<PagerId> {
        let alarmed = self.pagers.iter().filter(|pager| pager.alarms);
        alarmed.map(|pager| pager.id.clone()).collect()
    }

    /// Asks every section before it gives up on one, so that no fault stays untold.
    fn read(file: &Path, layers: &Layers<'_>) -> Option<Self> {
        let server = ServerConfig::read(&layers.section("server"));
        let store = StoreConfig::read(&layers.section("store"));
        let policy_file = layers.section("policy").path_or("file", "policy.toml");
        let log = LogConfig::read(&layers.section("log"));
        let slack = layers
            .present("slack")
            .then(|| SlackConfig::read(&layers.section("slack"), server.as_ref()));
        let provisioners = ProvisionerConfig::read_all(layers);
        let pagers = PagerConfig::read_all(layers);
        let discord = layers
            .present("discord")
            .then(|| DiscordConfig::read(&layers.section("discord"), server.as_ref()));
        if slack.is_none() && discord.is_none() {
            layers.root_fault(
                "slack",
                "no chat is configured: nobody could ask or approve; add [slack] or [discord]",
            );
        }
        if matches!(slack, Some(None)) || matches!(discord, Some(None)) {
            return None;
        }
        Some(Self {
            file: file.to_owned(),
            server: server?,
            store: store?,
            policy_file: policy_file?,
            log: log?,
            slack: slack.flatten(),
            discord: discord.flatten(),
            provisioners: provisioners?,
            pagers: pagers?,
        })
    }
}

#[cfg(test)]
mod tests;
