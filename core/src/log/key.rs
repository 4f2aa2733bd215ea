//! The key that signs heads, and its public half, as the texts of C2SP signed-note.

use std::fmt;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use sha2::{Digest as _, Sha256};
use signed_note::{StandardSigner, StandardVerifier};

/// The algorithm byte of Ed25519 in signed-note keys.
const ED25519: u8 = 1;

/// Why a text is not a key. It never holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// An origin is not empty and holds no space and no plus.
    #[error("a log's origin is a name without spaces or plus, such as breakglass.example.com/log")]
    Origin,
    /// Not `PRIVATE+KEY+<origin>+<id>+<key>`.
    #[error("this is not a log key: it should be one line that starts with PRIVATE+KEY+")]
    Signing,
    /// Not `<origin>+<id>+<key>`.
    #[error("this is not a log's public key: it should be <origin>+<8 hex digits>+<base64>")]
    Verifying,
}

/// The Ed25519 key that signs the heads of one log.
#[derive(Clone)]
pub struct SigningKey {
    pub(super) signer: StandardSigner,
    verifying: VerifyingKey,
    secret: ed25519_dalek::SigningKey,
}

impl SigningKey {
    /// The key of the log called `origin` with this secret: 32 bytes that nobody else knows or guesses.
    pub fn from_seed(origin: &str, seed: [u8; 32]) -> Result<Self, KeyError> {
        if !signed_note::is_key_name_valid(origin) || origin.chars().any(char::is_control) {
            return Err(KeyError::Origin);
        }
        let secret = ed25519_dalek::SigningKey::from_bytes(&seed);
        let text = key_text(origin, &secret);
        let signer = StandardSigner::new(&text).map_err(|_| KeyError::Signing)?;
        let public = signed_note::new_ed25519_verifier_key(origin, &secret.verifying_key());
        Ok(Self {
            signer,
            verifying: VerifyingKey::parse(&public)?,
            secret,
        })
    }

    /// Reads a key as [`Self::to_text`] writes it; white space around it doesn't matter.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        // Lets the crate judge the whole text first, with the id that must be that of the public half.
        StandardSigner::new(text).map_err(|_| KeyError::Signing)?;
        let mut parts = text.splitn(5, '+').skip(2);
        let (Some(origin), Some(_id), Some(key)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(KeyError::Signing);
        };
        let key = BASE64_STANDARD.decode(key).map_err(|_| KeyError::Signing)?;
        let seed = key.strip_prefix(&[ED25519]).ok_or(KeyError::Signing)?;
        Self::from_seed(origin, seed.try_into().map_err(|_| KeyError::Signing)?)
    }

    /// The whole secret, `PRIVATE+KEY+<origin>+<id>+<key>`: for the key file, and nothing else.
    pub fn to_text(&self) -> String {
        key_text(self.verifying.origin(), &self.secret)
    }

    /// The public half.
    pub const fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }

    /// A secret for another purpose, bound to `purpose`; the key can't be had back from it.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(b"breakglass derived secret\0");
        hasher.update(self.secret.as_bytes());
        hasher.update(purpose.as_bytes());
        hasher.finalize().into()
    }
}

fn key_text(origin: &str, secret: &ed25519_dalek::SigningKey) -> String {
    let public = [&[ED25519], secret.verifying_key().as_bytes().as_slice()].concat();
    let private = [&[ED25519], secret.as_bytes().as_slice()].concat();
    let id = signed_note::key_id(origin, &public);
    format!(
        "PRIVATE+KEY+{origin}+{id:08x}+{}",
        BASE64_STANDARD.encode(private)
    )
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SigningKey")
            .field(&self.verifying.text)
            .finish()
    }
}

/// The public half of a log's key: `<origin>+<id>+<key>`, a "vkey".
#[derive(Clone)]
pub struct VerifyingKey {
    origin: String,
    text: String,
    pub(super) verifier: StandardVerifier,
}

impl VerifyingKey {
    /// Reads a vkey; white space around it doesn't matter.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let verifier = StandardVerifier::new(text).map_err(|_| KeyError::Verifying)?;
        let (origin, _) = text.split_once('+').ok_or(KeyError::Verifying)?;
        Ok(Self {
            origin: origin.to_owned(),
            text: text.to_owned(),
            verifier,
        })
    }

    /// The log that it belongs to.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The vkey's text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VerifyingKey").field(&self.text).finish()
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for VerifyingKey {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for VerifyingKey {}
