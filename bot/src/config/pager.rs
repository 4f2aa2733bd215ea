//! `[[pager]]`: what wakes people up.

use std::collections::BTreeSet;

use breakglass_core::document::Table;
use breakglass_core::id::PagerId;
use breakglass_pagers::{command, webhook};
use breakglass_provisioners::command::read_program;
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};

use super::layers::Layers;
use super::provisioner::here;
use super::secret;

/// One `[[pager]]`.
#[derive(Debug, Clone)]
pub struct PagerConfig {
    /// As groups and escalations of the policy name it.
    pub id: PagerId,
    /// Does it take security's alarms?
    pub alarms: bool,
    /// What it is, with the keys of its kind.
    pub kind: PagerKind,
}

/// A configured pager, by the `kind` it was written with.
#[derive(Debug, Clone)]
pub enum PagerKind {
    /// `command`: a program of the operator's own.
    Command(command::Config),
    /// `webhook`: a signed POST.
    Webhook(webhook::Config),
}

#[derive(Clone, Copy)]
enum Word {
    Command,
    Webhook,
}

impl PagerConfig {
    pub(super) fn read_all(layers: &Layers<'_>) -> Option<Vec<Self>> {
        let mut ids = BTreeSet::new();
        let tables = layers.tables("pager");
        let read: Vec<_> = tables
            .iter()
            .map(|table| Self::read(table, layers, &mut ids))
            .collect();
        read.into_iter().collect()
    }

    fn read(table: &Table<'_>, layers: &Layers<'_>, ids: &mut BTreeSet<PagerId>) -> Option<Self> {
        let id: Option<PagerId> = table.need("id").parse();
        if let Some(id) = &id
            && !ids.insert(id.clone())
        {
            table.get("id").fault("another [[pager]] has this id");
        }
        let alarms = table.get("alarms").bool().unwrap_or_default();
        let words = [("command", Word::Command), ("webhook", Word::Webhook)];
        let kind = match table.need("kind").one_of(&words)? {
            Word::Command => command(table, layers).map(PagerKind::Command),
            Word::Webhook => webhook(table, layers).map(PagerKind::Webhook),
        };
        Some(Self {
            id: id?,
            alarms,
            kind: kind?,
        })
    }

    /// Every effective setting by its key, without secrets, and what a program's file has in it.
    pub(super) fn settings(&self) -> Vec<(&'static str, String)> {
        let alarms = ("alarms", self.alarms.to_string());
        match &self.kind {
            PagerKind::Command(config) => {
                let file = std::fs::read(&config.program);
                let hash = file.map(|bytes| hex::encode(Sha256::digest(bytes)));
                vec![
                    alarms,
                    ("kind", "command".to_owned()),
                    ("program", config.program.display().to_string()),
                    ("program_sha256", hash.unwrap_or_default()),
                    ("arguments", format!("{:?}", config.arguments)),
                ]
            }
            PagerKind::Webhook(config) => vec![
                alarms,
                ("kind", "webhook".to_owned()),
                ("host", config.host()),
            ],
        }
    }
}

fn command(table: &Table<'_>, layers: &Layers<'_>) -> Option<command::Config> {
    let directory = here(layers.folder());
    let (program, arguments) = read_program(&table.need("program"), directory)?;
    Some(command::Config {
        program,
        arguments,
        directory: directory.to_owned(),
    })
}

fn webhook(table: &Table<'_>, layers: &Layers<'_>) -> Option<webhook::Config> {
    let secret = signing_secret(table, layers);
    let field = table.need("url");
    let url = field.string();
    let config = webhook::Config::new(&url?, secret?);
    config.map_err(|error| field.fault(error.to_string())).ok()
}

/// In place, or in a file of its own.
fn signing_secret(table: &Table<'_>, layers: &Layers<'_>) -> Option<webhook::Secret> {
    let file = table.get("secret_file");
    let (field, text) = if file.is_present() {
        if table.get("secret").is_present() {
            file.fault("secret is given too; keep one of them");
        }
        let path = layers.folder().join(file.string()?);
        (file, secret::of_file(&path))
    } else {
        let field = table.need("secret");
        let text = secret::of_text(field.string()?);
        (field, text)
    };
    let secret =
        text.and_then(|text| webhook::Secret::new(text.expose_secret()).map_err(|e| e.to_string()));
    secret.map_err(|why| field.fault(why)).ok()
}
