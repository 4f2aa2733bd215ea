//! Hashes of leaves and nodes, as RFC 6962 section 2.1 defines them.

use std::fmt;

use serde::{Deserialize, Serialize};
use tlog_tiles::tlog;

/// The size of a hash.
pub const HASH_BYTES: usize = tlog::HASH_SIZE;

/// A SHA-256 hash in the tree: of a record, of two nodes, or of the whole. Written in lower-case hex.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TreeHash([u8; HASH_BYTES]);

/// Why something is not a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a hash is 32 bytes, 64 hexadecimal digits")]
pub struct TreeHashError;

impl TreeHash {
    /// The root of the tree without leaves.
    pub const EMPTY: Self = Self(tlog::EMPTY_HASH.0);

    /// The hash of a record's bytes.
    pub fn of_leaf(bytes: &[u8]) -> Self {
        Self(tlog::record_hash(bytes).0)
    }

    /// The hash of the node above these two.
    pub fn of_nodes(left: Self, right: Self) -> Self {
        Self(tlog::node_hash(left.into(), right.into()).0)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; HASH_BYTES] {
        &self.0
    }

    /// The first 8 hexadecimal digits: what a card shows of the root.
    pub fn short(self) -> String {
        hex::encode(&self.0[..4])
    }
}

impl From<[u8; HASH_BYTES]> for TreeHash {
    fn from(bytes: [u8; HASH_BYTES]) -> Self {
        Self(bytes)
    }
}

impl TryFrom<&[u8]> for TreeHash {
    type Error = TreeHashError;
    fn try_from(bytes: &[u8]) -> Result<Self, TreeHashError> {
        bytes.try_into().map(Self).map_err(|_| TreeHashError)
    }
}

impl TryFrom<String> for TreeHash {
    type Error = TreeHashError;
    fn try_from(text: String) -> Result<Self, TreeHashError> {
        let mut bytes = [0; HASH_BYTES];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| TreeHashError)?;
        Ok(Self(bytes))
    }
}

impl From<TreeHash> for String {
    fn from(hash: TreeHash) -> Self {
        hash.to_string()
    }
}

impl From<tlog::Hash> for TreeHash {
    fn from(hash: tlog::Hash) -> Self {
        Self(hash.0)
    }
}

impl From<TreeHash> for tlog::Hash {
    fn from(hash: TreeHash) -> Self {
        Self(hash.0)
    }
}

impl fmt::Display for TreeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for TreeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
