//! What people see: cards as they were drawn, with every older picture that somebody may still click on, and posts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use breakglass_core::dispatch::Job;
use breakglass_core::id::{Digest, RequestId};

use crate::store::Key;

/// All chats.
#[derive(Debug, Default)]
pub(crate) struct Chat {
    /// By message: as of which record.
    pub(crate) shown: BTreeMap<u64, u64>,
    /// Every picture there ever was.
    pub(crate) pictures: Vec<(RequestId, Digest)>,
    pub(crate) posted: BTreeSet<Key>,
    /// By thread or channel: the newest that was posted there.
    newest: BTreeMap<Arc<str>, i64>,
    next: u64,
}

impl Chat {
    /// Posts a card, or draws it anew. Gives where it stands.
    pub(crate) fn draw(
        &mut self,
        message: Option<u64>,
        picture: (RequestId, Digest),
        as_of: u64,
    ) -> u64 {
        let message = message.unwrap_or_else(|| {
            self.next += 1;
            self.next
        });
        self.shown.insert(message, as_of);
        self.pictures.push(picture);
        message
    }

    /// Says something. Is it in front of what was said before?
    pub(crate) fn post(&mut self, key: &Key, job: &Job) -> bool {
        let first = self.posted.insert(key.clone());
        let newest = self.newest.entry(Arc::clone(&job.key)).or_default();
        let early = first && *newest > job.id;
        *newest = (*newest).max(job.id);
        early
    }
}
