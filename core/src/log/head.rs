//! How long the log is and what it comes to, signed: a C2SP checkpoint.

use signed_note::{Note, VerifierList};
use tlog_tiles::Checkpoint;

use super::hash::TreeHash;
use super::key::{SigningKey, VerifyingKey};

/// The whole log in three lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Which log.
    pub origin: String,
    /// How many records it has; the sequence of the newest.
    pub size: u64,
    /// The root of the tree over them.
    pub root: TreeHash,
}

/// Why a checkpoint isn't believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// Not a checkpoint at all.
    #[error("this is not a signed checkpoint")]
    Malformed,
    /// Not signed with the key, or the signature doesn't fit the text.
    #[error("the checkpoint is not signed with the log's key")]
    Signature,
    /// Signed with the key, but it speaks of another log.
    #[error("the checkpoint is of another log")]
    Origin,
}

impl Head {
    /// The checkpoint's text with our signature below it. The same head gives the same text each time.
    pub fn sign(&self, key: &SigningKey) -> Result<String, HeadError> {
        let checkpoint = Checkpoint::new(&self.origin, self.size, self.root.into(), "")
            .map_err(|_| HeadError::Malformed)?;
        let mut note = Note::new(&checkpoint.to_bytes(), &[]).map_err(|_| HeadError::Malformed)?;
        note.add_sigs(&[&key.signer])
            .map_err(|_| HeadError::Signature)?;
        String::from_utf8(note.to_bytes()).map_err(|_| HeadError::Malformed)
    }

    /// Reads a checkpoint and believes it only if `key` signed it and it is of the key's own log. Signatures
    /// of others, such as witnesses, may stand beside ours.
    pub fn open(text: &str, key: &VerifyingKey) -> Result<Self, HeadError> {
        let note = Note::from_bytes(text.as_bytes()).map_err(|_| HeadError::Malformed)?;
        let known = VerifierList::new(vec![Box::new(key.verifier.clone())]);
        note.verify(&known).map_err(|_| HeadError::Signature)?;
        let checkpoint = Checkpoint::from_bytes(note.text()).map_err(|_| HeadError::Malformed)?;
        if checkpoint.origin() != key.origin() {
            return Err(HeadError::Origin);
        }
        Ok(Self {
            origin: checkpoint.origin().to_owned(),
            size: checkpoint.size(),
            root: (*checkpoint.hash()).into(),
        })
    }
}
