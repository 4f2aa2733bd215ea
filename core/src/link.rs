//! One person on two chats: an account that the policy doesn't list, linked by a code that a listed one was given.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::id::{PersonId, Platform};
use crate::policy::Policy;
use crate::time::{Length, Timestamp};

/// How long a code can be entered.
pub const CODE_VALID: Length = Length::from_mins(10);

/// How old a link must be before what is approved or reviewed from its account counts: time enough for its person, who is
/// told on the other chat, to take back what they didn't do.
pub const COUNTS_AFTER: Length = Length::from_mins(24 * 60);

/// Characters of a code; each is one of 32, so it can't be guessed in its ten minutes.
pub const CODE_CHARS: usize = 12;

/// No character that is taken for another.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// A one-time code, as somebody types it. `Debug` doesn't show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// The code that these random bytes make.
    pub fn from_random(bytes: [u8; CODE_CHARS]) -> Self {
        let letter = |byte: u8| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]);
        Self(bytes.into_iter().map(letter).collect())
    }

    /// What was typed, whatever its case, spaces and dashes; `None` if it is no code at all.
    pub fn typed(text: &str) -> Option<Self> {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        let code: String = letters.map(|c| c.to_ascii_uppercase()).collect();
        let fits = code.len() == CODE_CHARS && code.bytes().all(|byte| ALPHABET.contains(&byte));
        fits.then_some(Self(code))
    }

    /// What the log keeps of it.
    pub fn hash(&self) -> CodeHash {
        CodeHash(hex::encode(Sha256::digest(format!("link {}", self.0))))
    }
}

impl fmt::Display for Code {
    /// `ABCD-EFGH-JKMN`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let groups: Vec<&str> = (0..CODE_CHARS)
            .step_by(4)
            .map(|at| &self.0[at..at + 4])
            .collect();
        f.write_str(&groups.join("-"))
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

/// The SHA-256 of a code: two are compared by it, so that the time it takes tells nothing of the code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CodeHash(String);

/// An account on a chat.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Account {
    /// On which.
    pub platform: Platform,
    /// The immutable id there.
    pub account: String,
}

/// A code that was given out and not entered yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// To whom.
    pub person: PersonId,
    /// From which account, which the policy lists.
    pub listed: Account,
    /// What must be entered.
    pub code: CodeHash,
    /// Not at or after this instant.
    pub until: Timestamp,
}

/// An account that is a listed person's, on their own word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Whose.
    pub person: PersonId,
    /// The account that the policy lists, which was given the code.
    pub listed: Account,
    /// The account that entered it.
    pub linked: Account,
    /// Since when.
    pub at: Timestamp,
}

impl Link {
    /// From when on what its account approves counts.
    pub const fn counts_at(&self) -> Timestamp {
        self.at.plus(COUNTS_AFTER)
    }
}

/// Codes that wait and links: at most one of each for a person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Links {
    offers: BTreeMap<PersonId, Offer>,
    links: BTreeMap<PersonId, Link>,
}

impl Links {
    /// Is there nothing?
    pub fn is_empty(&self) -> bool {
        self.offers.is_empty() && self.links.is_empty()
    }

    /// The offer with this code, if it can still be entered.
    pub fn offer(&self, code: &CodeHash, now: Timestamp) -> Option<&Offer> {
        self.offers
            .values()
            .find(|offer| offer.code == *code && now < offer.until)
    }

    /// The link of this person, whether or not the policy still upholds it.
    pub fn of(&self, person: &PersonId) -> Option<&Link> {
        self.links.get(person)
    }

    /// Those that the policy upholds.
    pub fn upheld<'a>(&'a self, policy: &'a Policy) -> impl Iterator<Item = &'a Link> {
        self.links.values().filter(|link| policy.upholds(link))
    }

    /// The one that makes this account somebody's, if the policy upholds it.
    pub fn by_account<'a>(&'a self, policy: &'a Policy, account: &Account) -> Option<&'a Link> {
        self.upheld(policy).find(|link| link.linked == *account)
    }

    pub(crate) fn offered(&mut self, offer: &Offer, at: Timestamp) {
        self.offers.retain(|_, other| at < other.until);
        self.offers.insert(offer.person.clone(), offer.clone());
    }

    pub(crate) fn linked(&mut self, link: &Link) {
        self.offers.remove(&link.person);
        // One that the policy no longer upheld must not come back beside this one.
        self.links.retain(|_, other| other.linked != link.linked);
        self.links.insert(link.person.clone(), link.clone());
    }

    pub(crate) fn unlinked(&mut self, link: &Link) {
        self.links.remove(&link.person);
    }
}
