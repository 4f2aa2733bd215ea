//! Free text that people typed: cleaned once at the entrance, kept beside the log, named in it by a salted hash.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization;

/// The longest free text that is kept, in characters.
pub const TEXT_CHARS_MAX: usize = 2000;

/// `sha256(salt || text)` in hex: what the log keeps of a free text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TextHash(String);

impl TextHash {
    /// The hash in lower-case hex, 64 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes back what [`Self::as_str`] gave, from the store.
    pub fn from_hex(hex: impl Into<String>) -> Self {
        Self(hex.into())
    }
}

/// Free text with the salt it is hashed with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    salt: String,
    body: String,
}

/// Why a text can't be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Longer than [`TEXT_CHARS_MAX`].
    #[error("the text has {0} characters; at most 2000 are kept")]
    TooLong(usize),
}

impl Text {
    /// Cleans `typed` and keeps it with `salt`, 16 random bytes or more in hex.
    ///
    /// Cleaning is NFC, trimming, line ends as `\n`, and dropping what can't be seen but changes how the
    /// rest is seen: control characters, bidirectional overrides and isolates (Unicode TR 36), zero-width
    /// marks and tags.
    pub fn new(typed: &str, salt: impl Into<String>) -> Result<Self, TextError> {
        let body = clean(typed);
        let chars = body.chars().count();
        if chars > TEXT_CHARS_MAX {
            return Err(TextError::TooLong(chars));
        }
        Ok(Self {
            salt: salt.into(),
            body,
        })
    }

    /// The text as kept from an earlier [`Self::new`].
    pub fn stored(salt: String, body: String) -> Self {
        Self { salt, body }
    }

    /// The cleaned text.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The salt, hex.
    pub fn salt(&self) -> &str {
        &self.salt
    }

    /// How many characters it has.
    pub fn chars(&self) -> usize {
        self.body.chars().count()
    }

    /// What the log keeps of it.
    pub fn hash(&self) -> TextHash {
        let mut hasher = Sha256::new();
        hasher.update(self.salt.as_bytes());
        hasher.update(self.body.as_bytes());
        TextHash(hex::encode(hasher.finalize()))
    }
}

/// Normalizes text and drops invisible characters that deceive. Shared by everything people type.
pub fn clean(typed: &str) -> String {
    let kept: String = typed
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .nfc()
        .filter(|&c| !deceives(c))
        .collect();
    kept.trim().to_owned()
}

fn deceives(c: char) -> bool {
    let invisible = matches!(
        c,
        '\u{00AD}'
            | '\u{061C}'
            | '\u{180E}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}'
    );
    invisible || (c.is_control() && c != '\n' && c != '\t')
}
