//! The texts of policies, kept for good; the newest few also in memory.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use breakglass_core::id::PolicyHash;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use sha2::{Digest as _, Sha256};

use crate::distrust::Distrust;
use crate::entity::policy;
use crate::error::StoreError;
use crate::submission::PolicyText;

/// Policies in memory; more than that change only when somebody tries things out.
const CACHED_MAX: usize = 8;

/// The hash that names a policy: of its whole text, as it was written.
pub(crate) fn hash_of(body: &str) -> PolicyHash {
    PolicyHash::from_sha256(Sha256::digest(body.as_bytes()).into())
}

/// Policies that were read and have the text that their hash is of.
#[derive(Debug, Default)]
pub(crate) struct Policies {
    known: HashMap<PolicyHash, Arc<PolicyText>>,
}

impl Policies {
    /// The policy of that hash, if [`Self::load`] found it.
    pub(crate) fn get(&self, hash: &PolicyHash) -> Option<&PolicyText> {
        self.known.get(hash).map(AsRef::as_ref)
    }

    /// Reads those that aren't known yet. One that isn't in the database stays unknown; one whose text was
    /// changed is tampering.
    pub(crate) async fn load<C: ConnectionTrait>(
        &mut self,
        connection: &C,
        wanted: &BTreeSet<PolicyHash>,
    ) -> Result<(), StoreError> {
        let missing: Vec<&str> = wanted
            .iter()
            .filter(|hash| !self.known.contains_key(*hash))
            .map(PolicyHash::as_str)
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let named = policy::Column::Hash.is_in(missing);
        for row in policy::Entity::find().filter(named).all(connection).await? {
            if self.known.len() >= CACHED_MAX {
                self.known.retain(|hash, _| wanted.contains(hash));
            }
            let text = text_of(row)?;
            self.known.insert(text.hash.clone(), Arc::new(text));
        }
        Ok(())
    }
}

pub(crate) fn text_of(row: policy::Model) -> Result<PolicyText, StoreError> {
    let hash = hash_of(&row.body);
    if hash.as_str() == row.hash {
        Ok(PolicyText {
            hash,
            body: row.body,
        })
    } else {
        Err(StoreError::Untrusted(Distrust::Policy))
    }
}
