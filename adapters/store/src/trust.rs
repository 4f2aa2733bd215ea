//! What this process knows to be true of the database, and how it judges what it reads there.
//!
//! It holds the head as it last saw it, signed by the log's key; the edge of the tree, so that any longer
//! log can be checked to begin with this one; and a seal for each open row, so that each can be checked to
//! be the newest one that a holder of the key wrote.

mod catch_up;
mod start;

use std::collections::HashMap;

use breakglass_core::log::{Frontier, Head, SigningKey, TreeHash};
use breakglass_core::state::House;
use breakglass_core::time::Timestamp;

use crate::distrust::Distrust;
use crate::entity::head;
use crate::error::StoreError;
use crate::number::{from_db, to_db};
use crate::seal::{OpenSet, RowKey, Seal, Sealed, Sealer};

/// The seal as a row has it. One of the wrong length is no seal; what stands in its place fits nothing.
pub(crate) fn kept(seal: &[u8]) -> Seal {
    seal.try_into().unwrap_or_default()
}

/// Rows that came to be open, changed while open, or ceased to be.
pub(crate) type Changes = HashMap<RowKey, Option<Seal>>;

/// A row to be judged.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    pub(crate) key: RowKey,
    /// As its body says.
    pub(crate) open: bool,
    pub(crate) seal: &'a [u8],
    pub(crate) body: &'a str,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Trust {
    key: SigningKey,
    pub(crate) sealer: Sealer,
    note: String,
    pub(crate) head: Head,
    pub(crate) frontier: Frontier,
    pub(crate) next_request: u64,
    pub(crate) newest_at: Timestamp,
    set: OpenSet,
    open: HashMap<RowKey, Seal>,
    /// The house as it was read last, with the seal that it had.
    house: Option<(Seal, House)>,
}

/// What will be known to be true once a transaction is committed.
#[derive(Debug)]
pub(crate) struct Successor {
    note: String,
    head: Head,
    frontier: Frontier,
    request_number: u64,
    newest_at: Timestamp,
    set: OpenSet,
    changes: Changes,
}

impl Successor {
    /// How many records the log has then.
    pub(crate) const fn size(&self) -> u64 {
        self.head.size
    }
}

impl Trust {
    /// The log's key, and no log yet.
    pub(crate) fn new(key: SigningKey) -> Result<Self, StoreError> {
        let head = Head {
            origin: key.verifying_key().origin().to_owned(),
            size: 0,
            root: TreeHash::EMPTY,
        };
        Ok(Self {
            sealer: Sealer::new(&key),
            note: head
                .sign(&key)
                .map_err(|error| StoreError::Untrusted(error.into()))?,
            key,
            head,
            frontier: Frontier::new(),
            next_request: 1,
            newest_at: Timestamp::default(),
            set: OpenSet::default(),
            open: HashMap::new(),
            house: None,
        })
    }

    /// The newest head that is known to be right, as it was signed.
    pub(crate) fn note(&self) -> &str {
        &self.note
    }

    /// Is such a row open?
    pub(crate) fn is_open(&self, key: RowKey) -> bool {
        self.open.contains_key(&key)
    }

    /// The house, if it was read since it changed.
    pub(crate) fn house(&self) -> Option<&House> {
        let newest = self.open.get(&RowKey::House)?;
        let kept = self.house.as_ref().filter(|(seal, _)| seal == newest);
        kept.map(|(_, house)| house)
    }

    /// This is the house now, as its row was judged.
    pub(crate) fn keep_house(&mut self, house: House) {
        let newest = self.open.get(&RowKey::House);
        self.house = newest.map(|seal| (*seal, house));
    }

    /// Judges a row: is it what a holder of the key wrote last?
    pub(crate) fn is_right(&self, row: &Row<'_>) -> bool {
        let right = self.sealer.row(row.key, row.body);
        let known = self.open.get(&row.key);
        row.seal == right
            && row.open == known.is_some()
            && known.is_none_or(|known| *known == right)
    }

    /// What the head is after these records and changes.
    pub(crate) fn next(
        &self,
        frontier: Frontier,
        (request_number, newest_at): (u64, Timestamp),
        changes: Changes,
    ) -> Result<Successor, StoreError> {
        let head = Head {
            origin: self.head.origin.clone(),
            size: frontier.size(),
            root: frontier.root(),
        };
        let note = head
            .sign(&self.key)
            .map_err(|error| StoreError::Untrusted(error.into()))?;
        let set = self.set_after(&changes);
        Ok(Successor {
            note,
            head,
            frontier,
            request_number,
            newest_at,
            set,
            changes,
        })
    }

    /// What `row` says, if these changes lead to it: the seal over the open rows is part of it.
    fn believe(
        &self,
        row: &head::Model,
        (head, frontier): (Head, Frontier),
        changes: Changes,
    ) -> Result<Successor, StoreError> {
        let next = Successor {
            note: row.note.clone(),
            head,
            frontier,
            request_number: from_db(row.next_request),
            newest_at: Timestamp::from_millis(row.newest_at),
            set: self.set_after(&changes),
            changes,
        };
        if self.row(&next) == *row {
            Ok(next)
        } else {
            let what = "a request or a holding".to_owned();
            Err(StoreError::Untrusted(Distrust::State(what)))
        }
    }

    fn set_after(&self, changes: &Changes) -> OpenSet {
        let mut set = self.set;
        for (&key, seal) in changes {
            if let Some(old) = self.open.get(&key) {
                set.remove(&self.sealer, key, old);
            }
            if let Some(seal) = seal {
                set.add(&self.sealer, key, seal);
            }
        }
        set
    }

    /// The row to write for `next`.
    pub(crate) fn row(&self, next: &Successor) -> head::Model {
        let sealed = Sealed {
            note: &next.note,
            next_request: next.request_number,
            newest_at: next.newest_at,
        };
        head::Model {
            id: 1,
            size: to_db(next.head.size),
            note: next.note.clone(),
            frontier: next.frontier.to_bytes(),
            next_request: to_db(next.request_number),
            newest_at: next.newest_at.millis(),
            seal: self.sealer.head(&sealed, &next.set).to_vec(),
        }
    }

    /// It is committed, by us or by another replica.
    pub(crate) fn accept(&mut self, next: Successor) {
        for (key, seal) in next.changes {
            match seal {
                Some(seal) => self.open.insert(key, seal),
                None => self.open.remove(&key),
            };
        }
        self.note = next.note;
        self.head = next.head;
        self.frontier = next.frontier;
        self.next_request = next.request_number;
        self.newest_at = next.newest_at;
        self.set = next.set;
    }

    /// Opens a head that was read: signed by us, and no shorter than the one we know.
    fn open_head(&self, row: &head::Model) -> Result<Head, Distrust> {
        let head = Head::open(&row.note, self.key.verifying_key())?;
        if head.size < self.head.size {
            return Err(Distrust::Cut {
                size: head.size,
                older: self.head.size,
            });
        }
        if head.size == self.head.size && head.root != self.head.root {
            return Err(Distrust::Forked { older: head.size });
        }
        if row.size != to_db(head.size) {
            return Err(Distrust::Root);
        }
        Ok(head)
    }
}
