//! Adapters to the systems that access is given on: one file per kind.
//!
//! A `[[provisioner]]` of the service config is read by [`Kind::read`] and becomes the port that the
//! core knows with [`Kind::build`].

pub mod command;
pub mod postgres;
mod secret;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use breakglass_core::document::Table;
use breakglass_core::port::provisioner::Provisioner;

use command::CommandProvisioner;
use postgres::PostgresProvisioner;

/// A configured provisioner, by the `kind` it was written with.
#[derive(Debug, Clone)]
pub enum Kind {
    /// `command`: a program of the operator's own.
    Command(command::Config),
    /// `postgres`: membership of a role on the person's own login.
    Postgres(postgres::Config),
}

#[derive(Clone, Copy)]
enum Word {
    Command,
    Postgres,
}

impl Kind {
    /// Reads `kind` and the keys of that kind from a `[[provisioner]]` table, which may have others.
    /// Paths are relative to `directory`, where the file stands. `None` after recording faults.
    pub fn read(table: &Table<'_>, directory: &Path) -> Option<Self> {
        let words = [("command", Word::Command), ("postgres", Word::Postgres)];
        match table.need("kind").one_of(&words)? {
            Word::Command => command::Config::read(table, directory).map(Self::Command),
            Word::Postgres => postgres::Config::read(table, directory).map(Self::Postgres),
        }
    }

    /// The word in the config.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Command(_) => "command",
            Self::Postgres(_) => "postgres",
        }
    }

    /// Every effective setting by its key, without secrets: digested and announced at start, so that a swap is seen.
    pub fn settings(&self) -> BTreeMap<String, String> {
        let settings = match self {
            Self::Command(config) => config.settings(),
            Self::Postgres(config) => config.settings(),
        };
        let settings = settings
            .into_iter()
            .chain([("kind", self.as_str().to_owned())]);
        settings
            .map(|(key, value)| (key.to_owned(), value))
            .collect()
    }

    /// The adapter. Nothing is connected or started yet.
    pub fn build(self) -> Arc<dyn Provisioner> {
        match self {
            Self::Command(config) => Arc::new(CommandProvisioner::new(config)),
            Self::Postgres(config) => Arc::new(PostgresProvisioner::new(&config)),
        }
    }
}
