//! What is configured, without secrets, as a digest and as lines: announced at start, so that a swap is seen.

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest as _, Sha256};

use super::store::shown;
use super::{Config, DiscordMode, PagerConfig, ProvisionerConfig};

/// `sha256:…` over every effective setting that isn't a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigDigest(String);

impl fmt::Display for ConfigDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Config {
    /// The digest of [`Self::settings`].
    pub fn digest(&self) -> ConfigDigest {
        let mut hash = Sha256::new();
        for (key, value) in self.settings() {
            hash.update(format!("{}:{key}={}:{value}\n", key.len(), value.len()));
        }
        ConfigDigest(format!("sha256:{}", hex::encode(hash.finalize())))
    }

    /// Every effective setting by its key, with secrets left out.
    pub fn settings(&self) -> BTreeMap<String, String> {
        let (server, store, log) = (&self.server, &self.store, &self.log);
        let mut settings = vec![
            ("server.listen", server.listen.to_string()),
            ("server.admin_listen", server.admin_listen.to_string()),
            (
                "server.admin_socket",
                server.admin_socket.display().to_string(),
            ),
            ("server.test_mode", server.test_mode.to_string()),
            ("server.log", server.log.to_string()),
            ("server.log_filter", server.log_filter.to_string()),
            ("store.url", store.shown()),
            ("store.mirror_dir", store.mirror_dir.display().to_string()),
            ("policy.file", self.policy_file.display().to_string()),
            ("log.origin", log.origin.clone()),
            ("log.key_file", log.key_file.display().to_string()),
            (
                "log.checkpoint_file",
                log.checkpoint_file.display().to_string(),
            ),
        ];
        if let Some(url) = &store.owner_url {
            settings.push(("store.owner_url", shown(url)));
        }
        if let Some(slack) = &self.slack {
            settings.extend([
                ("slack.mode", slack.mode.as_str().to_owned()),
                ("slack.team", slack.team.clone()),
                ("slack.approvers_channel", slack.approvers_channel.clone()),
                ("slack.security_channel", slack.security_channel.clone()),
                ("slack.api_url", slack.api_url.clone()),
            ]);
            let help = slack.help_channel.iter();
            settings.extend(help.map(|channel| ("slack.help_channel", channel.clone())));
        }
        if let Some(discord) = &self.discord {
            settings.extend([
                ("discord.mode", discord.mode.as_str().to_owned()),
                ("discord.application_id", discord.application_id.clone()),
                ("discord.guild", discord.guild.clone()),
                (
                    "discord.approvers_channel",
                    discord.approvers_channel.clone(),
                ),
                ("discord.security_channel", discord.security_channel.clone()),
                ("discord.api_url", discord.api_url.clone()),
            ]);
            if let DiscordMode::Http { public_key } = &discord.mode {
                settings.push(("discord.public_key", public_key.clone()));
            }
            let help = discord.help_channel.iter();
            settings.extend(help.map(|channel| ("discord.help_channel", channel.clone())));
        }
        let settings = settings
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value));
        settings
            .chain(self.provisioners.iter().flat_map(of_provisioner))
            .chain(self.pagers.iter().flat_map(of_pager))
            .collect()
    }
}

/// With the digest of a program, so that a swapped one is seen.
fn of_provisioner(provisioner: &ProvisionerConfig) -> Vec<(String, String)> {
    let key = |key: &str| format!("provisioner.{}.{key}", provisioner.id);
    let own = [
        ("login", provisioner.login.clone()),
        ("host", provisioner.host()),
    ];
    let own = own.map(|(name, value)| (key(name), value));
    let of_kind = provisioner.kind.settings();
    of_kind
        .into_iter()
        .map(|(name, value)| (key(&name), value))
        .chain(own)
        .collect()
}

fn of_pager(pager: &PagerConfig) -> Vec<(String, String)> {
    let settings = pager.settings().into_iter();
    settings
        .map(|(name, value)| (format!("pager.{}.{name}", pager.id), value))
        .collect()
}
