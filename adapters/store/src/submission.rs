//! What is handed to the appender, and what comes back.

use breakglass_core::command::{Actor, Command};
use breakglass_core::decide::Decision;
use breakglass_core::event::Record;
use breakglass_core::fact::Facts;
use breakglass_core::id::PolicyHash;
use breakglass_core::refusal::Refusal;
use breakglass_core::state::{Request, State};
use breakglass_core::time::Timestamp;

use crate::outbox::Settled;

/// A command with all that it is decided by, besides the state.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Who gives it.
    pub actor: Actor,
    /// What is to be done.
    pub command: Command,
    /// What was looked up for it.
    pub facts: Facts,
    /// The wall clock when it arrived.
    pub now: Timestamp,
}

/// What a command led to, now written down for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The request that it was about, as it is now.
    pub request: Option<Request>,
    /// What happened, in order; empty if there was nothing to do.
    pub records: Vec<Record>,
    /// The newest record and the root of the log up to it, as cards show it; absent if there is none.
    pub mark: Option<LogMark>,
    /// What became of the errand that it reports on, if the same commit settled that.
    pub settled: Option<Settled>,
}

/// A place in the log that vouches for all before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogMark {
    /// The record's sequence.
    pub seq: u64,
    /// The first 8 hex digits of the root of the log that ends with it.
    pub hash: String,
}

/// A policy as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyText {
    /// Its hash.
    pub hash: PolicyHash,
    /// Its whole text.
    pub body: String,
}

/// How the appender decides. It is called while the log is locked, so it does nothing but decide.
pub trait Decide: Send + Sync + std::fmt::Debug {
    /// Decides by the policy that is in force, which is absent until one was loaded.
    fn decide(
        &self,
        policy: Option<&PolicyText>,
        state: &State,
        submission: &Submission,
    ) -> Result<Decision, Refusal>;
}
