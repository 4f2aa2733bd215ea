//! What this process has in hand, whatever the database remembers of it.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use breakglass_core::id::ProvisionerId;
use breakglass_core::time::Timestamp;

use super::Claimed;
use crate::appender::Folded;

/// With so much in hand, commits claim no more: its turn would come late, and it would lie in memory until then.
const IN_HAND_MAX: usize = 1_000;

/// How long this process holds what it takes up at a target.
pub trait Holds: Send + Sync + Debug {
    /// Until when it holds an errand there that it takes up now; absent if it carries out nothing there.
    fn until(&self, target: &ProvisionerId) -> Option<Timestamp>;
}

/// Access that is to be taken away, claimed by the commit that says so, with the holding as that commit left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    /// What is to be done, and the hold on it.
    pub claimed: Claimed,
    /// The holding.
    pub folded: Folded,
}

/// Rows that are claimed, from before the claim is written until it is known to be over; and those that nobody took up yet.
#[derive(Debug, Default)]
pub(crate) struct Hands {
    rows: Mutex<BTreeMap<i64, u32>>,
    holds: Mutex<Option<Arc<dyn Holds>>>,
    handed: Mutex<Vec<Handed>>,
}

impl Hands {
    pub(crate) fn take(&self, row: i64) {
        *lock(&self.rows).entry(row).or_default() += 1;
    }

    pub(crate) fn let_go(&self, row: i64) {
        let mut rows = lock(&self.rows);
        let left = rows.get(&row).map_or(0, |many| many.saturating_sub(1));
        if left == 0 {
            rows.remove(&row);
        } else {
            rows.insert(row, left);
        }
    }

    pub(crate) fn have(&self, row: i64) -> bool {
        lock(&self.rows).contains_key(&row)
    }

    /// From now on there is somebody who takes up what is handed over; or nobody any more.
    pub(crate) fn take_up(&self, holds: Option<Arc<dyn Holds>>) {
        *lock(&self.holds) = holds;
    }

    /// Until when what is claimed now for this target is held; absent if nobody here would take it up, or not soon.
    pub(crate) fn held_until(&self, target: &ProvisionerId) -> Option<Timestamp> {
        if lock(&self.rows).len() >= IN_HAND_MAX {
            return None;
        }
        lock(&self.holds).as_ref()?.until(target)
    }

    /// Leaves what was claimed, and is in hand, for whoever takes it up.
    pub(crate) fn hand_over(&self, claimed: Vec<Handed>) {
        lock(&self.handed).extend(claimed);
    }

    pub(crate) fn handed(&self) -> Vec<Handed> {
        lock(&self.handed).split_off(0)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
