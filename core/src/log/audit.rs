//! The check of a whole log, record by record, against its head and older checkpoints.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::canonical::canonical;
use super::frontier::Frontier;
use super::hash::TreeHash;
use super::head::Head;

/// What every version of a record has.
#[derive(Deserialize)]
struct Stamp {
    seq: u64,
}

/// A log that is whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How many records it has.
    pub records: u64,
    /// The root of the tree over them.
    pub root: TreeHash,
    /// The sizes of the older checkpoints that it extends.
    pub extends: Vec<u64>,
}

/// What shows that somebody rewrote the log, or lost a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "tampering", rename_all = "snake_case")]
pub enum Tampering {
    /// The head is not signed with the log's key, or is malformed.
    #[error("the head of the log: {why}")]
    Head {
        /// In words.
        why: String,
    },
    /// A record isn't there.
    #[error("record {seq} is missing")]
    Missing {
        /// Which.
        seq: u64,
    },
    /// A record is there that the signed head doesn't know.
    #[error("record {seq} was added without the log's key: the signed head ends at {size}")]
    Added {
        /// Which.
        seq: u64,
        /// Where the signed log ends.
        size: u64,
    },
    /// The bytes of a record are not those that were hashed, or its hashes are not those of its bytes.
    #[error("record {seq} was changed: it does not have the hash that was kept with it")]
    Changed {
        /// Which.
        seq: u64,
    },
    /// A record that is not what we write: not canonical, or it says another place than its own.
    #[error("record {seq} is malformed: {why}")]
    Malformed {
        /// Which.
        seq: u64,
        /// In words.
        why: String,
    },
    /// Every record fits its own hash, but all of them don't come to the signed root.
    #[error("records {first} to {last} were rewritten: they do not come to the signed root")]
    Rewritten {
        /// The first that may have been.
        first: u64,
        /// The last that may have been.
        last: u64,
    },
    /// The log is shorter than an older checkpoint says it was.
    #[error("the log was cut: it has {size} records, a checkpoint was signed at {older}")]
    Cut {
        /// How many it has.
        size: u64,
        /// How many it had.
        older: u64,
    },
    /// Two checkpoints of the same size differ, so there were two logs.
    #[error("the log was forked: two checkpoints of {size} records differ")]
    Forked {
        /// Their size.
        size: u64,
    },
}

impl Tampering {
    /// The record it was seen at, where it is about one.
    pub const fn seq(&self) -> Option<u64> {
        match self {
            Self::Missing { seq }
            | Self::Added { seq, .. }
            | Self::Changed { seq }
            | Self::Malformed { seq, .. } => Some(*seq),
            Self::Rewritten { first, .. } => Some(*first),
            Self::Head { .. } | Self::Cut { .. } | Self::Forked { .. } => None,
        }
    }
}

/// A check under way. Feed it every record in order, then [`Self::finish`].
#[derive(Debug)]
pub struct Audit {
    frontier: Frontier,
    size: u64,
    roots: BTreeMap<u64, TreeHash>,
    proven: u64,
}

impl Audit {
    /// Begins a check of the log that ends in `head`. Head and `older` checkpoints must have been opened with
    /// the log's key already.
    pub fn new(head: &Head, older: &[Head]) -> Result<Self, Tampering> {
        let mut roots = BTreeMap::new();
        for checkpoint in older.iter().chain([head]) {
            let size = checkpoint.size;
            if size > head.size {
                return Err(Tampering::Cut {
                    size: head.size,
                    older: size,
                });
            }
            if roots
                .insert(size, checkpoint.root)
                .is_some_and(|root| root != checkpoint.root)
            {
                return Err(Tampering::Forked { size });
            }
        }
        if roots.get(&0).is_some_and(|&root| root != TreeHash::EMPTY) {
            return Err(Tampering::Forked { size: 0 });
        }
        Ok(Self {
            frontier: Frontier::new(),
            size: head.size,
            roots,
            proven: 0,
        })
    }

    /// Takes the next record: its sequence and bytes, and the hashes that were kept with it.
    pub fn record(&mut self, seq: u64, bytes: &[u8], kept: &[TreeHash]) -> Result<(), Tampering> {
        let expected = self.frontier.size() + 1;
        if seq > self.size && expected > self.size {
            return Err(Tampering::Added {
                seq,
                size: self.size,
            });
        }
        if seq != expected {
            return Err(Tampering::Missing { seq: expected });
        }
        if self.frontier.append(TreeHash::of_leaf(bytes)) != kept {
            return Err(Tampering::Changed { seq });
        }
        check_form(seq, bytes)?;
        if let Some(&root) = self.roots.get(&seq) {
            if root != self.frontier.root() {
                return Err(Tampering::Rewritten {
                    first: self.proven + 1,
                    last: seq,
                });
            }
            self.proven = seq;
        }
        Ok(())
    }

    /// Ends the check: there are no more records.
    pub fn finish(self) -> Result<Report, Tampering> {
        if self.frontier.size() < self.size {
            return Err(Tampering::Missing {
                seq: self.frontier.size() + 1,
            });
        }
        let mut extends: Vec<u64> = self.roots.into_keys().collect();
        extends.pop();
        Ok(Report {
            records: self.size,
            root: self.frontier.root(),
            extends,
        })
    }
}

/// A signed record has this form, since nothing else is ever signed. Saying so here makes the log readable by
/// others without doubt, and finds a writer of ours that errs.
fn check_form(seq: u64, bytes: &[u8]) -> Result<(), Tampering> {
    let malformed = |why: &str| Tampering::Malformed {
        seq,
        why: why.to_owned(),
    };
    let value: serde_json::Value =
        serde_json::from_slice(bytes).map_err(|_| malformed("not JSON"))?;
    if canonical(&value).ok().as_deref() != Some(bytes) {
        return Err(malformed("not canonical JSON"));
    }
    let stamp = Stamp::deserialize(&value).map_err(|_| malformed("it does not say its place"))?;
    if stamp.seq == seq {
        Ok(())
    } else {
        Err(malformed("it says another place than its own"))
    }
}
