//! What stops a command, told so that the person at the terminal can go on: what happened, what to do, who can help.

use std::error::Error;
use std::fmt;

use breakglass_core::port::provisioner::{Finding, FindingLevel};

use crate::admin::BindError;
use crate::config::ConfigError;
use crate::log_key::LogKeyError;
use crate::policy_files::PolicyError;

/// The most lines of detail that are shown; more don't fit one screen.
const DETAILS_MAX: usize = 16;

/// A fault for people. It never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    what: String,
    details: Vec<String>,
    mend: String,
    who: Option<String>,
}

impl Trouble {
    /// What happened, in lower case and without a full stop, and what to do about it, in whole sentences.
    pub fn new(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            details: Vec::new(),
            mend: mend.into(),
            who: None,
        }
    }

    /// What an error of any kind is told as. Those that know what to do about them say so.
    pub fn of(error: anyhow::Error) -> Self {
        let error = match error.downcast::<Self>() {
            Ok(trouble) => return trouble,
            Err(error) => error,
        };
        let error = match error.downcast::<ConfigError>() {
            Ok(error) => return error.into(),
            Err(error) => error,
        };
        let error = match error.downcast::<PolicyError>() {
            Ok(error) => return error.into(),
            Err(error) => error,
        };
        let error = match error.downcast::<LogKeyError>() {
            Ok(error) => return error.into(),
            Err(error) => error,
        };
        match error.downcast::<BindError>() {
            Ok(error) => error.into(),
            Err(error) => {
                let causes = error.chain().skip(1).map(ToString::to_string);
                Self::new(error.to_string(), "").details(causes)
            }
        }
    }

    /// As a line of `doctor`, a failure.
    pub fn into_finding(self) -> Finding {
        let what = std::iter::once(self.what)
            .chain(self.details)
            .collect::<Vec<_>>()
            .join("; ");
        let who = self.who.map(|who| format!("Who can help: {who}"));
        let mend = std::iter::once(self.mend)
            .chain(who)
            .collect::<Vec<_>>()
            .join(" ");
        Finding {
            level: FindingLevel::Failure,
            what,
            mend,
        }
    }

    /// With lines that tell it more closely.
    #[must_use]
    pub fn details(self, details: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            details: details.into_iter().map(Into::into).collect(),
            ..self
        }
    }

    /// With more lines.
    #[must_use]
    pub fn and_details(mut self, details: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.details.extend(details.into_iter().map(Into::into));
        self
    }

    /// With the people who can help, in whole sentences.
    #[must_use]
    pub fn ask(self, who: impl Into<String>) -> Self {
        Self {
            who: Some(who.into()),
            ..self
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        for detail in screenful(self.details.clone()) {
            write!(f, "\n  {detail}")?;
        }
        if !self.mend.is_empty() {
            write!(f, "\nWhat to do: {}", self.mend)?;
        }
        match &self.who {
            Some(who) => write!(f, "\nWho can help: {who}"),
            None => Ok(()),
        }
    }
}

impl Error for Trouble {}

/// At most as many lines as fit one screen beside a few others, and how many more there are.
pub fn screenful(mut lines: Vec<String>) -> Vec<String> {
    let more = lines.len().saturating_sub(DETAILS_MAX);
    lines.truncate(DETAILS_MAX);
    lines.extend((more > 0).then(|| format!("… and {more} more")));
    lines
}

#[cfg(test)]
mod tests;
