//! Log lines: human or JSON, filtered, each with the id of the request it is about, none with a secret.
//!
//! Code that works on a request enters a span with a field `request`; the id then stands on each line below it.

mod cap;
mod json;

use std::fmt;
use std::str::FromStr;

use anyhow::Context;
use tracing::Subscriber;
use tracing_subscriber::filter::{EnvFilter, FilterExt, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;

use json::JsonLines;

/// What is logged unless the configuration says otherwise.
pub const FILTER_DEFAULT: &str = "info";

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogForm {
    /// For a terminal.
    #[default]
    Human,
    /// One JSON object a line, for a collector.
    Json,
}

/// Why a word is no form of log lines.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write \"human\" or \"json\"")]
pub struct LogFormError;

impl FromStr for LogForm {
    type Err = LogFormError;

    fn from_str(text: &str) -> Result<Self, LogFormError> {
        match text {
            "human" => Ok(Self::Human),
            "json" => Ok(Self::Json),
            _ => Err(LogFormError),
        }
    }
}

impl fmt::Display for LogForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Human => "human",
            Self::Json => "json",
        })
    }
}

/// Which lines are logged, as in `info,breakglass::engine=debug`. Libraries can be made quieter by it, never
/// louder than [`cap`] lets them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

/// Why a text is no filter of log lines.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "write a level (error, warn, info, debug, trace) or a list like info,breakglass::engine=debug"
)]
pub struct LogFilterError;

impl FromStr for LogFilter {
    type Err = LogFilterError;

    fn from_str(text: &str) -> Result<Self, LogFilterError> {
        EnvFilter::builder()
            .parse(text)
            .map_err(|_| LogFilterError)?;
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for LogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl LogFilter {
    /// Only what somebody should look at: for commands that talk by themselves.
    pub fn warnings() -> Self {
        Self("warn".to_owned())
    }
}

impl Default for LogFilter {
    fn default() -> Self {
        Self(FILTER_DEFAULT.to_owned())
    }
}

/// Sends log lines of this process to stderr from now on, panics among them. Only the first call can.
pub fn install(form: LogForm, filter: &LogFilter) -> anyhow::Result<()> {
    // Not `init`, which would also forward the records of the `log` crate: no dependency of ours needs them.
    tracing::subscriber::set_global_default(subscriber(form, filter, std::io::stderr)?)
        .context("log lines go somewhere else already")?;
    std::panic::set_hook(Box::new(|panic| {
        let at = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        let why = panic.payload_as_str().unwrap_or_default();
        tracing::error!(at, why, "a bug: this part of breakglass stopped");
    }));
    Ok(())
}

fn subscriber<W>(form: LogForm, filter: &LogFilter, writer: W) -> anyhow::Result<impl Subscriber>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = EnvFilter::builder()
        .parse(&filter.0)?
        .and(filter_fn(cap::lets_pass));
    let layer: Box<dyn Layer<Registry> + Send + Sync> = match form {
        LogForm::Human => tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(writer)
            .boxed(),
        LogForm::Json => JsonLines::new(writer).boxed(),
    };
    Ok(tracing_subscriber::registry().with(layer.with_filter(filter)))
}

#[cfg(test)]
pub(crate) mod tests;
