//! How the store's appender decides: by the core, with the policy that the house names.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use breakglass_core::command::Command;
use breakglass_core::decide::{Decision, Situation, decide};
use breakglass_core::document::SourceFile;
use breakglass_core::id::PolicyHash;
use breakglass_core::policy::Policy;
use breakglass_core::refusal::Refusal;
use breakglass_core::state::State;
use breakglass_store::{Decide, PolicyText, Submission};

/// Parsed policies that are kept; older ones are parsed again when they are needed.
const PARSED_MAX: usize = 4;

/// The core, with parsed policies at hand.
#[derive(Debug, Default)]
pub struct Decider {
    parsed: Mutex<BTreeMap<PolicyHash, Arc<Policy>>>,
}

impl Decider {
    /// The policy of this text; `None` if it doesn't check, which no loaded policy does.
    pub fn policy(&self, text: &PolicyText) -> Option<Arc<Policy>> {
        let mut parsed = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(policy) = parsed.get(&text.hash) {
            return Some(policy.clone());
        }
        let policy = Arc::new(Policy::from_text(&text.body).ok()?);
        if parsed.len() >= PARSED_MAX {
            parsed.clear();
        }
        parsed.insert(text.hash.clone(), policy.clone());
        Some(policy)
    }
}

impl Decide for Decider {
    fn decide(
        &self,
        policy: Option<&PolicyText>,
        state: &State,
        submission: &Submission,
    ) -> Result<Decision, Refusal> {
        let needs_none = matches!(
            submission.command,
            Command::LoadPolicy { .. } | Command::Start { .. } | Command::NoteRefusal(_)
        );
        let policy = match policy.and_then(|text| self.policy(text)) {
            Some(policy) => policy,
            None if needs_none => Arc::new(nobody().ok_or(Refusal::NoPolicy)?),
            None => return Err(Refusal::NoPolicy),
        };
        let situation = Situation {
            policy: &policy,
            state,
            facts: &submission.facts,
            now: submission.now,
        };
        decide(&situation, &submission.actor, &submission.command)
    }
}

/// A policy that lists nobody and allows nothing.
fn nobody() -> Option<Policy> {
    let empty = SourceFile {
        name: "none".to_owned(),
        text: "version = 1\n".to_owned(),
    };
    Policy::parse(&[empty]).ok()
}
