//! What every command is handed: where to print, and what the configuration says.

use std::future::Future;
use std::path::PathBuf;

use anyhow::Context as _;

use super::Output;
use crate::config::{self, Config};
use crate::environment::Environment;
use crate::telemetry::{self, LogFilter, LogForm};
use crate::trouble::Trouble;

/// One run of the program.
#[derive(Debug)]
pub struct Session {
    output: Output,
    config_file: Option<PathBuf>,
    environment: Environment,
}

impl Session {
    /// A run with this `--config` and environment.
    pub const fn new(
        output: Output,
        config_file: Option<PathBuf>,
        environment: Environment,
    ) -> Self {
        Self {
            output,
            config_file,
            environment,
        }
    }

    /// Where to print.
    pub const fn output(&self) -> Output {
        self.output
    }

    /// The file that the configuration is read from, there or not.
    pub fn config_file(&self) -> PathBuf {
        config::find(self.config_file.clone(), &self.environment)
    }

    /// The configuration, or all that is wrong with it.
    pub fn config(&self) -> Result<Config, config::ConfigError> {
        Config::load(&self.config_file(), &self.environment)
    }

    /// The configuration, for a command that can't go on without it.
    pub fn need_config(&self) -> Result<Config, Trouble> {
        self.config().map_err(Trouble::from)
    }
}

/// Runs something that waits for the world, with warnings going to stderr.
pub(super) fn wait<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    telemetry::install(LogForm::Human, &LogFilter::warnings())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.context("can't start threads")?.block_on(work)
}
