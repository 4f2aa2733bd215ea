//! Deciding with the core, by the policy that the house names.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use breakglass_core::decide::{Decision, Situation, decide};
use breakglass_core::id::PolicyHash;
use breakglass_core::policy::Policy;
use breakglass_core::refusal::Refusal;
use breakglass_core::state::State;

use crate::submission::{Decide, PolicyText, Submission};

/// Compiled policies in memory: the one in force, and one that is about to be.
const COMPILED_MAX: usize = 4;

/// The core's own decisions.
#[derive(Debug)]
pub struct Rules {
    nobody: Arc<Policy>,
    compiled: Mutex<HashMap<PolicyHash, Arc<Policy>>>,
}

impl Rules {
    /// Without a policy in force, `nobody` decides: one that lists nobody and allows nothing.
    pub fn new(nobody: Policy) -> Self {
        Self {
            nobody: Arc::new(nobody),
            compiled: Mutex::default(),
        }
    }

    /// The policy, compiled. One that can't be read any more, written by another version of us, grants
    /// nothing; what must end still ends.
    pub fn policy(&self, text: &PolicyText) -> Arc<Policy> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(policy) = compiled.get(&text.hash) {
            return Arc::clone(policy);
        }
        let policy = match Policy::from_text(&text.body) {
            Ok(policy) => Arc::new(policy),
            Err(faults) => {
                tracing::error!(%faults, policy = %text.hash, "the policy in force can't be read");
                Arc::clone(&self.nobody)
            }
        };
        if compiled.len() >= COMPILED_MAX {
            compiled.clear();
        }
        compiled.insert(text.hash.clone(), Arc::clone(&policy));
        policy
    }
}

impl Decide for Rules {
    fn decide(
        &self,
        policy: Option<&PolicyText>,
        state: &State,
        submission: &Submission,
    ) -> Result<Decision, Refusal> {
        let policy = policy.map_or_else(|| Arc::clone(&self.nobody), |text| self.policy(text));
        let situation = Situation {
            policy: &policy,
            state,
            facts: &submission.facts,
            now: submission.now,
        };
        decide(&situation, &submission.actor, &submission.command)
    }
}
