//! The right edge of the tree: what a writer keeps to append a leaf and to know the root.

use super::hash::{HASH_BYTES, TreeHash};

/// The roots of the complete subtrees of a tree, left to right: one for each 1 in the size's binary form,
/// so at most 64.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<TreeHash>,
}

/// Bytes that are not a frontier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored edge of the tree is malformed")]
pub struct FrontierError;

impl Frontier {
    /// The frontier of the empty tree.
    pub const fn new() -> Self {
        Self {
            size: 0,
            peaks: Vec::new(),
        }
    }

    /// How many leaves the tree has; also the sequence of the newest record.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf. Gives the hashes to keep with that record: its own, then one for each subtree that it
    /// completes, from the bottom up. [`super::Nodes`] makes proofs of them.
    pub fn append(&mut self, leaf: TreeHash) -> Vec<TreeHash> {
        let mut kept = vec![leaf];
        let mut top = leaf;
        // Each trailing 1 of the size is a complete subtree as large as the one that now ends here.
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.peaks.pop() else { break };
            top = TreeHash::of_nodes(left, top);
            kept.push(top);
        }
        self.peaks.push(top);
        self.size += 1;
        kept
    }

    /// The root of the tree as it is now.
    pub fn root(&self) -> TreeHash {
        let mut peaks = self.peaks.iter().rev().copied();
        let Some(last) = peaks.next() else {
            return TreeHash::EMPTY;
        };
        peaks.fold(last, |right, left| TreeHash::of_nodes(left, right))
    }

    /// The size in 8 bytes, big end first, then the hashes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.size.to_be_bytes().to_vec();
        for peak in &self.peaks {
            bytes.extend_from_slice(peak.as_bytes());
        }
        bytes
    }

    /// Takes what [`Self::to_bytes`] gave. It says nothing true until its root equals that of a signed head.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FrontierError> {
        let (size, hashes) = bytes.split_first_chunk().ok_or(FrontierError)?;
        let size = u64::from_be_bytes(*size);
        let (chunks, rest) = hashes.as_chunks::<HASH_BYTES>();
        if !rest.is_empty() || chunks.len() != size.count_ones() as usize {
            return Err(FrontierError);
        }
        let peaks = chunks.iter().copied().map(TreeHash::from).collect();
        Ok(Self { size, peaks })
    }
}
