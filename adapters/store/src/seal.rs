//! Seals on what follows from the log, so that somebody who can write the database but lacks the key can
//! neither make up a request, a holding or a house, nor put an old one back.
//!
//! Each row carries a keyed hash of itself. The head carries one over the set of all rows that are open, which
//! tells what each row must be now. The set is added up by exclusive or of a second keyed hash that never
//! leaves the process, so rows can be swapped in and out in constant time, and nobody else can find another
//! set with the same sum.

use breakglass_core::id::{HoldingId, ProvisionerId, RequestId};
use breakglass_core::log::SigningKey;
use breakglass_core::time::Timestamp;
use hmac::{Hmac, Mac};
use sha2::{Digest as _, Sha256};

/// A keyed hash.
pub(crate) type Seal = [u8; 32];

/// Which row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RowKey {
    House,
    Request(RequestId),
    /// The first half of the SHA-256 of the holding's key: there may be many, and all are kept in memory.
    Holding([u8; 16]),
}

impl RowKey {
    pub(crate) fn holding(key: &str) -> Self {
        let hash: [u8; 32] = Sha256::digest(key.as_bytes()).into();
        let mut half = [0; 16];
        half.copy_from_slice(&hash[..16]);
        Self::Holding(half)
    }

    fn bytes(self) -> [u8; 17] {
        let mut bytes = [0; 17];
        match self {
            Self::House => {}
            Self::Request(id) => {
                bytes[0] = 1;
                bytes[1..9].copy_from_slice(&id.number().to_be_bytes());
            }
            Self::Holding(half) => {
                bytes[0] = 2;
                bytes[1..].copy_from_slice(&half);
            }
        }
        bytes
    }
}

/// How a holding is called in the database.
pub(crate) fn holding_key(id: &HoldingId) -> String {
    let parts = [id.provisioner.as_str(), &id.account, &id.entitlement];
    serde_json::Value::from(parts.to_vec()).to_string()
}

/// The holding that is called so; nothing, for a name that no version of us gave.
pub(crate) fn holding_of_key(key: &str) -> Option<HoldingId> {
    let [provisioner, account, entitlement]: [String; 3] = serde_json::from_str(key).ok()?;
    Some(HoldingId {
        provisioner: ProvisionerId::new(&provisioner).ok()?,
        account,
        entitlement,
    })
}

/// What a head's seal is over, beside the set of open rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sealed<'a> {
    pub(crate) note: &'a str,
    pub(crate) next_request: u64,
    pub(crate) newest_at: Timestamp,
}

/// The secrets that seals are made with, all had from the log's key.
#[derive(Clone)]
pub(crate) struct Sealer {
    row: [u8; 32],
    element: [u8; 32],
    head: [u8; 32],
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer")
    }
}

impl Sealer {
    pub(crate) fn new(key: &SigningKey) -> Self {
        Self {
            row: key.derive("row seal"),
            element: key.derive("row in the set"),
            head: key.derive("head seal"),
        }
    }

    /// The seal of one row.
    pub(crate) fn row(&self, key: RowKey, body: &str) -> Seal {
        keyed(&self.row, &[&key.bytes(), body.as_bytes()])
    }

    /// The seal of a head over a set of rows.
    pub(crate) fn head(&self, sealed: &Sealed<'_>, set: &OpenSet) -> Seal {
        keyed(
            &self.head,
            &[
                &set.count.to_be_bytes(),
                &set.sum,
                &sealed.next_request.to_be_bytes(),
                &sealed.newest_at.millis().to_be_bytes(),
                sealed.note.as_bytes(),
            ],
        )
    }
}

/// Every part but the last has a fixed length, so no two lists of parts read the same.
fn keyed(secret: &[u8; 32], parts: &[&[u8]]) -> Seal {
    // HMAC pads a short key with zeros to a block (RFC 2104), which is all that this does.
    let mut block = [0; 64];
    block[..32].copy_from_slice(secret);
    let mut mac = Hmac::<Sha256>::new((&block).into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The sum of all open rows. It must never leave the process.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct OpenSet {
    sum: Seal,
    count: u64,
}

impl OpenSet {
    /// A row comes in.
    pub(crate) fn add(&mut self, sealer: &Sealer, key: RowKey, seal: &Seal) {
        self.mix(sealer, key, seal);
        self.count = self.count.wrapping_add(1);
    }

    /// A row that is in goes out.
    pub(crate) fn remove(&mut self, sealer: &Sealer, key: RowKey, seal: &Seal) {
        self.mix(sealer, key, seal);
        self.count = self.count.wrapping_sub(1);
    }

    fn mix(&mut self, sealer: &Sealer, key: RowKey, seal: &Seal) {
        let element = keyed(&sealer.element, &[&key.bytes(), seal]);
        for (byte, other) in self.sum.iter_mut().zip(element) {
            *byte ^= other;
        }
    }
}

impl std::fmt::Debug for OpenSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OpenSet({})", self.count)
    }
}
