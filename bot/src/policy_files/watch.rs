//! Seeing that the policy's files changed.

use std::path::PathBuf;

use breakglass_core::document::SourceFile;
use breakglass_core::policy::Policy;

use super::{PolicyError, read};

type Read = Result<Vec<SourceFile>, PolicyError>;

/// Looks at the files now and then. They are small, so it compares what they say rather than when they say
/// they were written.
#[derive(Debug)]
pub struct PolicyWatch {
    main: PathBuf,
    judged: Read,
    last: Read,
}

impl PolicyWatch {
    /// Begins to watch; what is there now has been judged already.
    pub fn new(main: PathBuf) -> Self {
        let judged = read(&main);
        Self {
            main,
            last: judged.clone(),
            judged,
        }
    }

    /// Looks. Gives a version, good or bad, once, when two looks in a row saw it: one look may have seen a file
    /// half written.
    pub fn look(&mut self) -> Option<Result<Policy, PolicyError>> {
        let now = read(&self.main);
        let settled = now == self.last;
        self.last = now;
        if !settled || self.last == self.judged {
            return None;
        }
        self.judged.clone_from(&self.last);
        let files = match &self.judged {
            Ok(files) => files,
            Err(error) => return Some(Err(error.clone())),
        };
        Some(Policy::parse(files).map_err(PolicyError::Faults))
    }
}
