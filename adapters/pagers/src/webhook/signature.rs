//! How a page is signed: HMAC-SHA256 over its id, the time and the body, with a secret that both sides have.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretSlice};
use sha2::Sha256;

/// What a secret begins with as it is written.
const PREFIX: &str = "whsec_";

/// Bytes of a secret, least and most, as Standard Webhooks has them.
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// The secret that pages to one receiver are signed with. `Debug` doesn't show it.
#[derive(Debug, Clone)]
pub struct Secret(SecretSlice<u8>);

/// Why a text is no such secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "is whsec_ and 24 to 64 random bytes in base64; `echo whsec_$(openssl rand -base64 32)` makes one"
)]
pub struct SecretError;

impl Secret {
    /// Takes `whsec_` and 24 to 64 bytes in base64.
    pub fn new(text: &str) -> Result<Self, SecretError> {
        let text = text.strip_prefix(PREFIX).ok_or(SecretError)?;
        let bytes = STANDARD.decode(text).map_err(|_| SecretError)?;
        if !BYTES.contains(&bytes.len()) {
            return Err(SecretError);
        }
        Ok(Self(bytes.into()))
    }

    /// The header: `v1,` and the code over `<id>.<seconds since 1970>.<body>` in base64.
    pub(super) fn sign(&self, id: &str, sent_at: i64, body: &[u8]) -> String {
        // A code of this kind takes a key of any length.
        let Ok(mut code) = Hmac::<Sha256>::new_from_slice(self.0.expose_secret()) else {
            return String::new();
        };
        code.update(format!("{id}.{sent_at}.").as_bytes());
        code.update(body);
        format!("v1,{}", STANDARD.encode(code.finalize().into_bytes()))
    }
}
