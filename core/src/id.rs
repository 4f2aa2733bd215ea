//! Names of things: short typed strings that a policy author chose, and the numbers we give out.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The longest id a policy may use, in bytes.
pub const ID_BYTES_MAX: usize = 64;

/// Why a string is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Empty, or longer than [`ID_BYTES_MAX`].
    #[error("an id has 1 to 64 characters")]
    Length,
    /// A character other than `a-z 0-9 - _ .`, or a first one that is not a letter or digit.
    #[error("an id starts with a-z or 0-9 and goes on with a-z, 0-9, '-', '_' or '.'")]
    Character,
}

fn check(text: &str) -> Result<(), IdError> {
    if text.is_empty() || text.len() > ID_BYTES_MAX {
        return Err(IdError::Length);
    }
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    if !plain(bytes[0])
        || !bytes
            .iter()
            .all(|&b| plain(b) || matches!(b, b'-' | b'_' | b'.'))
    {
        return Err(IdError::Character);
    }
    Ok(())
}

macro_rules! named_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes 1 to 64 characters of `a-z 0-9 - _ .`, the first a letter or digit.
            pub fn new(text: impl Into<String>) -> Result<Self, IdError> {
                let text = text.into();
                check(&text)?;
                Ok(Self(text))
            }

            /// The id as it was written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", self.0)
            }
        }
    )+};
}

named_id! {
    /// A listed person. Never reused.
    PersonId,
    /// A group of people.
    GroupId,
    /// A system that access is given on.
    TargetId,
    /// What can be held on a target.
    RoleId,
    /// A clause that can allow.
    RuleId,
    /// A clause that forbids.
    GuardId,
    /// An adapter that gives and takes access, as configured.
    ProvisionerId,
    /// Something that wakes people up, as configured.
    PagerId,
}

/// A request and the grant it may lead to: `BG-4821`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RequestId(u64);

impl RequestId {
    /// The id with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number behind `BG-`.
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// Why a string is not a request id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a request is called BG-1, BG-2, …")]
pub struct RequestIdError;

impl FromStr for RequestId {
    type Err = RequestIdError;

    /// Takes `BG-4821`, `bg-4821` or `4821`.
    fn from_str(text: &str) -> Result<Self, RequestIdError> {
        let upper = text.trim().to_ascii_uppercase();
        let digits = upper.strip_prefix("BG-").unwrap_or(&upper);
        if digits.is_empty() || digits.len() > 18 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(RequestIdError);
        }
        digits.parse().map(Self).map_err(|_| RequestIdError)
    }
}

impl TryFrom<String> for RequestId {
    type Error = RequestIdError;
    fn try_from(text: String) -> Result<Self, RequestIdError> {
        text.parse()
    }
}

impl From<RequestId> for String {
    fn from(id: RequestId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BG-{}", self.0)
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BG-{}", self.0)
    }
}

/// One entitlement on one account, as its provisioner knows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct HoldingId {
    /// Which configured provisioner gives and takes it.
    pub provisioner: ProvisionerId,
    /// The person's own account there.
    pub account: String,
    /// What is held: the role's `grants`, in the provisioner's own terms.
    pub entitlement: String,
}

impl fmt::Display for HoldingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} for {} on {}",
            self.entitlement, self.account, self.provisioner
        )
    }
}

/// Where something was typed or clicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// Slack.
    Slack,
    /// Discord.
    Discord,
    /// The command line, through the admin socket.
    Cli,
    /// The HTTP interface.
    Http,
}

impl Platform {
    /// Those that are chats.
    pub const CHATS: [Self; 2] = [Self::Slack, Self::Discord];

    /// The name used in conditions, logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Cli => "cli",
            Self::Http => "http",
        }
    }

    /// The name as people write it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Slack => "Slack",
            Self::Discord => "Discord",
            Self::Cli => "the command line",
            Self::Http => "HTTP",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The hash of a policy's whole text: `sha256:` and 64 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PolicyHash(String);

impl PolicyHash {
    /// From the 32 bytes of a SHA-256.
    pub fn from_sha256(digest: [u8; 32]) -> Self {
        Self(format!("sha256:{}", hex::encode(digest)))
    }

    /// Before any policy was loaded.
    pub fn none() -> Self {
        Self("none".to_owned())
    }

    /// `sha256:…`, whole.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first 8 hex digits, as shown on cards.
    pub fn short(&self) -> &str {
        let hex = self.0.strip_prefix("sha256:").unwrap_or(&self.0);
        hex.get(..8).unwrap_or(hex)
    }

    /// Takes back what [`Self::as_str`] gave, from the store.
    pub fn stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for PolicyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a request was when somebody looked at it: 16 hex digits over everything an approver agrees to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The first 8 bytes of a SHA-256 over the request's canonical form.
    pub fn from_sha256(digest: [u8; 32]) -> Self {
        Self(hex::encode(&digest[..8]))
    }

    /// 16 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whatever a button carried; it is only ever compared.
    pub fn claimed(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
