//! The log's arithmetic: canonical bytes, RFC 6962 trees, signed heads, and the check that nobody rewrote it.
//!
//! A record's bytes are made once by [`canonical()`], kept as they are and hashed as they are. The record
//! with sequence `n` (the first is 1) is leaf `n - 1` of a Merkle tree; [`Head`] says how many records
//! there are and the tree's root, signed by [`SigningKey`] as a C2SP checkpoint. [`Frontier`] is all that a
//! writer needs to append, [`Audit`] all that somebody else needs to check.

mod audit;
mod canonical;
mod frontier;
mod hash;
mod head;
mod key;
mod proof;

pub use audit::{Audit, Report, Tampering};
pub use canonical::{CanonicalError, canonical};
pub use frontier::{Frontier, FrontierError};
pub use hash::{HASH_BYTES, TreeHash, TreeHashError};
pub use head::{Head, HeadError};
pub use key::{KeyError, SigningKey, VerifyingKey};
pub use proof::{NodeAt, Nodes, ProofError};

#[cfg(test)]
mod tests;
