//! Proofs over a few nodes of the tree: that a record is in it, and that a longer log extends a shorter one.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use tlog_tiles::tlog::{self, HashReader};

use super::hash::TreeHash;
use super::head::Head;

/// Where a node is kept: with the record that completed it, at its height above the leaf. See
/// [`super::Frontier::append`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeAt {
    /// The record's sequence.
    pub seq: u64,
    /// 0 is the record's own hash.
    pub height: u8,
}

impl NodeAt {
    fn from_index(index: u64) -> Self {
        let (height, n) = tlog::split_stored_hash_index(index);
        Self {
            seq: (n + 1) << height,
            height,
        }
    }
}

/// Why a proof fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// A node that the proof needs isn't there.
    #[error("a part of the tree is missing")]
    Missing,
    /// The record is not in the tree, or not at this place.
    #[error("the record is not in the signed tree")]
    NotIncluded,
    /// The longer log does not begin with the shorter one.
    #[error("the log does not extend the older checkpoint")]
    NotExtended,
}

/// Nodes of the tree, as they were kept with the records. They prove nothing by themselves: a proof built of
/// wrong ones fails against the head.
#[derive(Debug, Clone, Default)]
pub struct Nodes(HashMap<NodeAt, TreeHash>);

impl Nodes {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what was kept with the record `seq`.
    pub fn insert(&mut self, seq: u64, kept: &[TreeHash]) {
        for (height, &hash) in (0..).zip(kept) {
            self.0.insert(NodeAt { seq, height }, hash);
        }
    }

    /// The records whose nodes prove that `seqs` are in a tree of `size` records. A sequence outside of the
    /// tree needs none.
    pub fn for_inclusion(seqs: &[u64], size: u64) -> BTreeSet<u64> {
        let noted = Noted::default();
        for &seq in seqs {
            if (1..=size).contains(&seq) {
                // Run for what it reads: it can't succeed.
                drop(tlog::prove_record(size, seq - 1, &noted));
            }
        }
        noted.seqs()
    }

    /// The records whose nodes prove that a tree of `size` records extends one of `older`.
    pub fn for_extension(older: u64, size: u64) -> BTreeSet<u64> {
        let noted = Noted::default();
        if (1..=size).contains(&older) {
            drop(tlog::prove_tree(size, older, &noted));
        }
        noted.seqs()
    }

    /// Checks that the record `seq` with the hash `leaf` is in the tree that `head` signs for.
    pub fn check_inclusion(&self, seq: u64, leaf: TreeHash, head: &Head) -> Result<(), ProofError> {
        if !(1..=head.size).contains(&seq) {
            return Err(ProofError::NotIncluded);
        }
        let proof =
            tlog::prove_record(head.size, seq - 1, self).map_err(|_| ProofError::Missing)?;
        tlog::check_record(&proof, head.size, head.root.into(), seq - 1, leaf.into())
            .map_err(|_| ProofError::NotIncluded)
    }

    /// Checks that the log of `newer` begins with the whole log of `older`.
    pub fn check_extension(&self, older: &Head, newer: &Head) -> Result<(), ProofError> {
        if older.size > newer.size {
            return Err(ProofError::NotExtended);
        }
        if older.size == 0 {
            return if older.root == TreeHash::EMPTY {
                Ok(())
            } else {
                Err(ProofError::NotExtended)
            };
        }
        let proof =
            tlog::prove_tree(newer.size, older.size, self).map_err(|_| ProofError::Missing)?;
        tlog::check_tree(
            &proof,
            newer.size,
            newer.root.into(),
            older.size,
            older.root.into(),
        )
        .map_err(|_| ProofError::NotExtended)
    }
}

impl HashReader for Nodes {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
        let read = |&index: &u64| {
            let hash = self
                .0
                .get(&NodeAt::from_index(index))
                .ok_or(tlog::Error::IndexesNotInTree)?;
            Ok((*hash).into())
        };
        indexes.iter().map(read).collect()
    }
}

/// Notes what a proof would read.
#[derive(Default)]
struct Noted(RefCell<BTreeSet<u64>>);

impl Noted {
    fn seqs(self) -> BTreeSet<u64> {
        self.0
            .into_inner()
            .into_iter()
            .map(|index| NodeAt::from_index(index).seq)
            .collect()
    }
}

impl HashReader for Noted {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
        self.0.borrow_mut().extend(indexes);
        Err(tlog::Error::IndexesNotInTree)
    }
}
