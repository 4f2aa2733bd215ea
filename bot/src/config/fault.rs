//! Why there is no configuration, told so that its author can mend all of it at once.

use std::fmt;
use std::path::PathBuf;

use breakglass_core::document::Faults;

use crate::trouble::Trouble;

/// What is wrong with a variable of the environment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct VariableFault {
    /// Its name.
    pub variable: String,
    /// What, in lower case and without a full stop. Never its value, which may be a secret.
    pub message: String,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

impl fmt::Display for VariableFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "environment: {}: {}", self.variable, self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "; did you mean {suggestion}?"),
            None => Ok(()),
        }
    }
}

/// Why there is no configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("can't read {}", file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why, as the system says.
        why: String,
    },
    /// It can be read, and these things are wrong.
    #[error("{} doesn't check", file.display())]
    Faults {
        /// Which.
        file: PathBuf,
        /// With places in it.
        in_file: Faults,
        /// In variables.
        in_environment: Vec<VariableFault>,
    },
}

impl ConfigError {
    /// Each fault as a line.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Unreadable { why, .. } => vec![why.clone()],
            Self::Faults {
                in_file,
                in_environment,
                ..
            } => {
                let in_file = in_file.0.iter().map(ToString::to_string);
                in_file
                    .chain(in_environment.iter().map(ToString::to_string))
                    .collect()
            }
        }
    }
}

impl From<ConfigError> for Trouble {
    fn from(error: ConfigError) -> Self {
        let mend = match &error {
            ConfigError::Unreadable { .. } => {
                "Name the file by --config FILE or by BREAKGLASS_CONFIG. \
                 docs/example/breakglass.toml explains every key; `breakglass demo` needs no file."
            }
            ConfigError::Faults { .. } => {
                "Mend these, then run `breakglass check`. docs/example/breakglass.toml explains every key."
            }
        };
        Self::new(error.to_string(), mend).details(error.lines())
    }
}
