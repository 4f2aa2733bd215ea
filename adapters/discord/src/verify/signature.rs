//! Discord's request signature: <https://docs.discord.com/developers/interactions/overview#setting-up-an-endpoint>.

use breakglass_core::time::Timestamp;
use ed25519_dalek::{Signature, VerifyingKey};

/// The oldest signature that is taken, and how far ahead of us Discord's clock may be. Discord sets no window; this is ours.
pub(crate) const AGE_SECS_MAX: i64 = 300;

/// Why a request isn't Discord's, as far as we can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Forged {
    /// A header is missing or isn't what Discord sends.
    #[error("the signature headers are missing or malformed")]
    Malformed,
    /// Signed too long ago, or in the future.
    #[error("the signature is older than 300 s, or the clocks differ")]
    Stale,
    /// Not signed with the application's key.
    #[error("the signature doesn't match")]
    Mismatch,
}

/// What Discord signs with, as the application's page shows it.
#[derive(Debug, Clone)]
pub(crate) struct Key(VerifyingKey);

impl Key {
    /// Reads 64 hex digits; nothing, if they are no key.
    pub(crate) fn read(hex: &str) -> Option<Self> {
        let bytes: [u8; 32] = hex::decode(hex.trim()).ok()?.try_into().ok()?;
        VerifyingKey::from_bytes(&bytes).ok().map(Self)
    }
}

/// Checks the raw body against `X-Signature-Timestamp` and `X-Signature-Ed25519`.
pub(crate) fn check(
    key: &Key,
    timestamp: &str,
    signature: &str,
    body: &[u8],
    now: Timestamp,
) -> Result<(), Forged> {
    let digits = !timestamp.is_empty() && timestamp.bytes().all(|b| b.is_ascii_digit());
    let signed_at: i64 = timestamp.parse().map_err(|_| Forged::Malformed)?;
    let given: [u8; 64] = hex::decode(signature)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(Forged::Malformed)?;
    if !digits {
        return Err(Forged::Malformed);
    }
    let signed = [timestamp.as_bytes(), body].concat();
    key.0
        .verify_strict(&signed, &Signature::from_bytes(&given))
        .map_err(|_| Forged::Mismatch)?;
    if now.seconds().saturating_sub(signed_at).saturating_abs() > AGE_SECS_MAX {
        return Err(Forged::Stale);
    }
    Ok(())
}
