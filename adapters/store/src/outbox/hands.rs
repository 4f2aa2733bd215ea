//! What this process has in hand, whatever the database remembers of it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Rows that are claimed, from before the claim is written until it is known to be over.
#[derive(Debug, Default)]
pub(crate) struct Hands(Mutex<BTreeMap<i64, u32>>);

impl Hands {
    pub(super) fn take(&self, row: i64) {
        *self.rows().entry(row).or_default() += 1;
    }

    pub(super) fn let_go(&self, row: i64) {
        let mut rows = self.rows();
        let left = rows.get(&row).map_or(0, |many| many.saturating_sub(1));
        if left == 0 {
            rows.remove(&row);
        } else {
            rows.insert(row, left);
        }
    }

    pub(crate) fn have(&self, row: i64) -> bool {
        self.rows().contains_key(&row)
    }

    fn rows(&self) -> MutexGuard<'_, BTreeMap<i64, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
