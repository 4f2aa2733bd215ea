//! What must end, kept on this machine beside the store: so that it ends although the store is gone, or was never
//! reached since a restart.
//!
//! Two files in a folder of their own. `live` has a line for each change of a live grant's end, and is on the disk before
//! a target is asked to give anything. `ended`, see [`Spill`], has what was taken away while nothing could be recorded.

mod journal;
mod mirrored;
mod spill;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use breakglass_core::id::{HoldingId, ProvisionerId, RequestId};
use breakglass_core::state::{Holding, Phase, Request};
use breakglass_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex as Turn;

use crate::clock::Clock;
use journal::Journal;
pub use mirrored::Mirrored;
pub use spill::Spill;

/// A live grant: what it holds, and until when at the latest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// What is held by whom.
    pub holding: HoldingId,
    /// No access at or after this instant.
    pub not_after: Timestamp,
}

/// The live grants. Cheap to share behind an [`Arc`].
#[derive(Debug)]
pub struct Mirror {
    grants: Mutex<Grants>,
    /// Held while a file is being flushed, so that those who wait share the next flush.
    flushing: Turn<()>,
    /// What was taken away and isn't in the log yet.
    pub spill: Spill,
    lock: File,
}

#[derive(Debug)]
struct Grants {
    clock: Arc<dyn Clock>,
    held: BTreeMap<RequestId, Kept>,
    places: BTreeSet<Arc<Place>>,
    journal: Journal,
    /// How many changes there were.
    stamp: u64,
}

/// A grant, as this process knows it. There may be a hundred thousand.
#[derive(Debug)]
struct Kept {
    place: Arc<Place>,
    account: Box<str>,
    not_after: Timestamp,
    stamp: u64,
    /// When it is over by the machine's own clock, which nobody sets.
    over_at: Duration,
}

/// What many hold: it is kept once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    provisioner: ProvisionerId,
    entitlement: String,
}

impl Place {
    fn held_by(&self, account: &str) -> HoldingId {
        HoldingId {
            provisioner: self.provisioner.clone(),
            account: account.to_owned(),
            entitlement: self.entitlement.clone(),
        }
    }
}

impl Kept {
    fn on(&self) -> (&Place, &str) {
        (&self.place, &self.account)
    }

    fn holding(&self) -> HoldingId {
        self.place.held_by(&self.account)
    }

    fn held(&self) -> Held {
        Held {
            holding: self.holding(),
            not_after: self.not_after,
        }
    }

    fn is_over(&self, clock: &dyn Clock) -> bool {
        self.not_after <= clock.now() || self.over_at <= clock.since_boot()
    }
}

impl Mirror {
    /// Opens the files in `folder`, which is made for its owner alone. Only one process may have it open.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>) -> io::Result<Self> {
        if !folder.exists() {
            DirBuilder::new().mode(0o700).create(folder)?;
        }
        let lock = File::open(folder)?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => {
                io::Error::new(io::ErrorKind::ResourceBusy, "another server uses it")
            }
            fs::TryLockError::Error(error) => error,
        })?;
        let (journal, held) = Journal::open(&folder.join("live"))?;
        let mut grants = Grants {
            held: BTreeMap::new(),
            places: BTreeSet::new(),
            journal,
            clock,
            stamp: 0,
        };
        for (id, one) in held {
            grants.keep(id, one);
        }
        Ok(Self {
            grants: Mutex::new(grants),
            flushing: Turn::new(()),
            spill: Spill::open(&folder.join("ended"))?,
            lock,
        })
    }

    /// Lets another process have it: this one has stopped.
    pub fn release(&self) {
        if let Err(error) = self.lock.unlock() {
            tracing::warn!(%error, "the mirror of live grants is still locked");
        }
    }

    /// Takes down how a request stands after a commit. On the disk only after [`Self::keep`].
    pub fn note(&self, request: &Request) {
        let not_after = match &request.phase {
            Phase::Approved { end_by, .. } => *end_by,
            Phase::Active { expires_at } => *expires_at,
            Phase::Ending(ending) => ending.since,
            Phase::Pending { .. }
            | Phase::Ended { .. }
            | Phase::Denied { .. }
            | Phase::Withdrawn { .. }
            | Phase::Lapsed { .. } => return self.grants().put(request.id, None),
        };
        let holding = request.asked.holding.clone();
        self.grants()
            .put(request.id, Some(Held { holding, not_after }));
    }

    /// Access is about to be given: sees that its end is on the disk first.
    pub async fn giving(self: &Arc<Self>, id: RequestId, held: Held) -> io::Result<()> {
        {
            let mut grants = self.grants();
            if !grants.held.contains_key(&id) {
                grants.put(id, Some(held));
            }
        }
        self.keep().await
    }

    /// Returns once everything noted so far is on the disk.
    pub async fn keep(self: &Arc<Self>) -> io::Result<()> {
        let stamp = self.grants().stamp;
        let _turn = self.flushing.lock().await;
        if self.grants().journal.is_kept(stamp) {
            return Ok(());
        }
        let this = Arc::clone(self);
        let kept = tokio::task::spawn_blocking(move || this.flush());
        kept.await.map_err(io::Error::other)?
    }

    fn flush(&self) -> io::Result<()> {
        let (file, stamp) = {
            let Grants {
                held,
                journal,
                stamp,
                ..
            } = &mut *self.grants();
            journal.mend(held.iter().map(|(id, kept)| (*id, kept.held())))?;
            (journal.file()?, *stamp)
        };
        file.sync_data()?;
        self.grants().journal.kept(stamp);
        Ok(())
    }

    /// A mark to be given to [`Self::agree`], taken before the store is read.
    pub fn stamp(&self) -> u64 {
        self.grants().stamp
    }

    /// Makes it agree with what the store had: what changed here after `since` is newer than that.
    pub fn agree(&self, store: &[Holding], since: u64, seen: &mut BTreeSet<RequestId>) {
        let mut grants = self.grants();
        for holding in store {
            for (id, grant) in &holding.grants {
                seen.insert(*id);
                let is_newer = |kept: &Kept| kept.stamp > since;
                if !grants.held.get(id).is_some_and(is_newer) {
                    let holding = holding.id.clone();
                    let not_after = grant.not_after;
                    grants.put(*id, Some(Held { holding, not_after }));
                }
            }
        }
    }

    /// Forgets what the store didn't have, after all of it was [agreed](Self::agree) upon.
    pub fn forget_others(&self, since: u64, seen: &BTreeSet<RequestId>) {
        let mut grants = self.grants();
        let gone = |(id, kept): (&RequestId, &Kept)| {
            (kept.stamp <= since && !seen.contains(id)).then_some(*id)
        };
        let gone: Vec<RequestId> = grants.held.iter().filter_map(gone).collect();
        for id in gone {
            grants.put(id, None);
        }
    }

    /// How many grants are live.
    pub fn len(&self) -> usize {
        self.grants().held.len()
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What there is on each holding.
    pub fn holdings(&self) -> BTreeMap<HoldingId, Covered> {
        let mut holdings: BTreeMap<HoldingId, Covered> = BTreeMap::new();
        let grants = self.grants();
        for (id, kept) in &grants.held {
            let covered = holdings.entry(kept.holding()).or_default();
            covered.is_live |= !kept.is_over(&*grants.clock);
            covered.grants.push(*id);
        }
        holdings
    }

    /// The holdings that are over by either clock, each with its grants.
    pub fn over(&self) -> BTreeMap<HoldingId, Vec<RequestId>> {
        let grants = self.grants();
        let mut over: BTreeMap<(&Place, &str), Vec<RequestId>> = BTreeMap::new();
        let (ended, live): (Vec<_>, Vec<_>) = grants
            .held
            .iter()
            .partition(|(_, kept)| kept.is_over(&*grants.clock));
        for (id, kept) in ended {
            over.entry(kept.on()).or_default().push(*id);
        }
        if !over.is_empty() {
            for (_, kept) in live {
                over.remove(&kept.on());
            }
        }
        let over = over.into_iter();
        over.map(|((place, account), ids)| (place.held_by(account), ids))
            .collect()
    }

    /// Grants that are over by the machine's own clock, and not by the wall's, which was set back; each with its end.
    pub fn overrun(&self) -> Vec<(RequestId, Timestamp)> {
        let grants = self.grants();
        let (now, since_boot) = (grants.clock.now(), grants.clock.since_boot());
        let held = grants.held.iter();
        held.filter(|(_, kept)| kept.over_at <= since_boot && kept.not_after > now)
            .map(|(id, kept)| (*id, kept.not_after))
            .collect()
    }

    fn grants(&self) -> std::sync::MutexGuard<'_, Grants> {
        self.grants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What covers a holding.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Covered {
    /// Is one of its grants not over?
    pub is_live: bool,
    /// All of them.
    pub grants: Vec<RequestId>,
}

impl Grants {
    fn put(&mut self, id: RequestId, held: Option<Held>) {
        if self.held.get(&id).map(Kept::held) == held {
            return;
        }
        self.stamp += 1;
        self.journal.write(id, held.as_ref(), self.held.len());
        match held {
            Some(held) => self.keep(id, held),
            None => drop(self.held.remove(&id)),
        }
    }

    fn keep(&mut self, id: RequestId, held: Held) {
        let HoldingId {
            provisioner,
            account,
            entitlement,
        } = held.holding;
        let place = Place {
            provisioner,
            entitlement,
        };
        let place = if let Some(known) = self.places.get(&place) {
            known.clone()
        } else {
            let place = Arc::new(place);
            self.places.insert(place.clone());
            place
        };
        let left = held.not_after.millis_since(self.clock.now()).max(0);
        let left = Duration::from_millis(u64::try_from(left).unwrap_or_default());
        let kept = Kept {
            over_at: self.clock.since_boot().saturating_add(left),
            account: account.into_boxed_str(),
            not_after: held.not_after,
            stamp: self.stamp,
            place,
        };
        self.held.insert(id, kept);
    }
}

#[cfg(test)]
mod tests;
