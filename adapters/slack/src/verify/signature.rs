//! Slack's request signature, version 0: <https://docs.slack.dev/authentication/verifying-requests-from-slack>.

use breakglass_core::time::Timestamp;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// The oldest signature that is taken, and how far ahead of us Slack's clock may be.
pub(crate) const AGE_SECS_MAX: i64 = 300;

/// Why a request isn't Slack's, as far as we can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Forged {
    /// A header is missing or isn't what Slack sends.
    #[error("the signature headers are missing or malformed")]
    Malformed,
    /// Signed too long ago, or in the future.
    #[error("the signature is older than 300 s, or the clocks differ")]
    Stale,
    /// Not signed with our secret.
    #[error("the signature doesn't match")]
    Mismatch,
}

/// A request that Slack signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Signed {
    /// When, in seconds.
    pub(crate) at: i64,
    /// What tells it from every other.
    pub(crate) mac: [u8; 32],
}

/// Checks the raw body against `X-Slack-Request-Timestamp` and `X-Slack-Signature`.
pub(crate) fn check(
    secret: &[u8],
    timestamp: &str,
    signature: &str,
    body: &[u8],
    now: Timestamp,
) -> Result<Signed, Forged> {
    let digits = !timestamp.is_empty() && timestamp.bytes().all(|b| b.is_ascii_digit());
    let signed_at: i64 = timestamp.parse().map_err(|_| Forged::Malformed)?;
    let given = signature.strip_prefix("v0=").ok_or(Forged::Malformed)?;
    let given = hex::decode(given).map_err(|_| Forged::Malformed)?;
    let given: [u8; 32] = given.try_into().map_err(|_| Forged::Malformed)?;
    if !digits {
        return Err(Forged::Malformed);
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(|_| Forged::Mismatch)?;
    mac.update(b"v0:");
    mac.update(timestamp.as_bytes());
    mac.update(b":");
    mac.update(body);
    // In constant time.
    mac.verify_slice(&given).map_err(|_| Forged::Mismatch)?;
    if now.seconds().saturating_sub(signed_at).saturating_abs() > AGE_SECS_MAX {
        return Err(Forged::Stale);
    }
    Ok(Signed {
        at: signed_at,
        mac: given,
    })
}
