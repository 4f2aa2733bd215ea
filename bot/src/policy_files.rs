//! The policy's files on disk: the main one, those it includes, and seeing when they change.

mod watch;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use breakglass_core::document::{Faults, SourceFile};
use breakglass_core::policy::Policy;

pub use watch::PolicyWatch;

use crate::trouble::Trouble;

/// All files together; far above any policy that people wrote.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// Included files.
const FILES_MAX: usize = 1000;

/// Why there is no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// A file can't be read.
    #[error("can't read {}", file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why.
        why: String,
    },
    /// They can be read, and these things are wrong.
    #[error("the policy doesn't check")]
    Faults(Faults),
    /// They check, but don't fit the service's configuration.
    #[error("the policy doesn't fit the configuration")]
    Misfits(Vec<String>),
}

impl PolicyError {
    /// Each fault as a line.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Unreadable { why, .. } => vec![why.clone()],
            Self::Faults(faults) => faults.0.iter().map(ToString::to_string).collect(),
            Self::Misfits(lines) => lines.clone(),
        }
    }

    fn unreadable(file: &Path, why: impl fmt::Display) -> Self {
        Self::Unreadable {
            file: file.to_owned(),
            why: why.to_string(),
        }
    }
}

impl From<PolicyError> for Trouble {
    fn from(error: PolicyError) -> Self {
        let mend = match error {
            PolicyError::Unreadable { .. } => {
                "`[policy] file` of the configuration names it; `include` in it names the others."
            }
            PolicyError::Faults(_) | PolicyError::Misfits(_) => {
                "Mend these, then run `breakglass check`. docs/policy.md explains every key."
            }
        };
        Self::new(error.to_string(), mend).details(error.lines())
    }
}

/// Reads and checks the policy whose main file this is.
pub fn load(main: &Path) -> Result<Policy, PolicyError> {
    Policy::parse(&read(main)?).map_err(PolicyError::Faults)
}

/// Reads the main file and all that it includes. Names are relative to the main file's folder.
pub fn read(main: &Path) -> Result<Vec<SourceFile>, PolicyError> {
    let folder = main.parent().unwrap_or(Path::new(""));
    let mut files = vec![read_one(main, folder)?];
    let globs = Policy::includes(&files[0]).map_err(PolicyError::Faults)?;
    let mut included = Vec::new();
    for pattern in &globs {
        included.extend(find(main, folder, pattern)?);
    }
    included.sort();
    included.dedup();
    included.retain(|path| path != main);
    if included.len() > FILES_MAX {
        return Err(PolicyError::unreadable(
            main,
            format!("it includes more than {FILES_MAX} files"),
        ));
    }
    for path in included {
        files.push(read_one(&path, folder)?);
    }
    if files.iter().map(|file| file.text.len()).sum::<usize>() > BYTES_MAX {
        return Err(PolicyError::unreadable(
            main,
            format!("all files together have more than {BYTES_MAX} bytes"),
        ));
    }
    Ok(files)
}

/// The files that a pattern means. One without wildcards means a file that must be there.
fn find(main: &Path, folder: &Path, pattern: &str) -> Result<Vec<PathBuf>, PolicyError> {
    let wrong = |why: &dyn fmt::Display| {
        PolicyError::unreadable(main, format!("include {pattern:?}: {why}"))
    };
    if !pattern.contains(['*', '?', '[']) {
        return Ok(vec![folder.join(pattern)]);
    }
    // The folder itself is no pattern, whatever its name.
    let folder = glob::Pattern::escape(&folder.display().to_string());
    let whole = Path::new(&folder).join(pattern);
    let found = glob::glob(&whole.display().to_string()).map_err(|error| wrong(&error))?;
    found
        .collect::<Result<_, _>>()
        .map_err(|error| wrong(&error))
}

fn read_one(path: &Path, folder: &Path) -> Result<SourceFile, PolicyError> {
    let text = fs::read_to_string(path).map_err(|error| PolicyError::unreadable(path, error))?;
    let name = path
        .strip_prefix(folder)
        .unwrap_or(path)
        .display()
        .to_string();
    Ok(SourceFile { name, text })
}

#[cfg(test)]
mod tests;
