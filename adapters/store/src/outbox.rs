//! Effects that wait to be carried out: written in the commit that demands them, claimed by one worker at a time.

mod claim;
mod draft;
mod hands;
mod look;

use breakglass_core::effect::Effect;
use breakglass_core::id::Platform;
use breakglass_core::time::{Length, Timestamp};

pub(crate) use claim::{Claim, any, is_free, is_ours, settle};
pub(crate) use draft::{Draft, Reached};
pub(crate) use hands::Hands;
pub use hands::{Handed, Holds};

use crate::entity::outbox;
use crate::error::StoreError;
use crate::number::from_db;

/// No claim is longer, on an effect or an act.
pub(crate) const CLAIM_MAX: Length = Length::from_mins(15);

/// An effect in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its row.
    pub id: i64,
    /// What is to be done.
    pub effect: Effect,
    /// On which chat; absent for what is done at a target.
    pub platform: Option<Platform>,
    /// `<seq>.<index>`: the same on each try. For a post it is its id; a draw or a converge has that of the
    /// newest record that demanded it.
    pub effect_id: String,
    /// The record that demanded it, the newest of them.
    pub seq: u64,
    /// Not before this instant.
    pub due_at: Timestamp,
    /// Tries that failed since it was last demanded.
    pub attempts: u32,
    /// Somebody works on it until then.
    pub claimed_until: Timestamp,
    /// What kept the last try.
    pub trouble: Option<String>,
}

/// A worker's hold on an effect: what it hands in when it is done, so that one that slept too long changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    pub(crate) id: i64,
    pub(crate) fence: i64,
    pub(crate) wanted: i64,
}

/// An effect with the hold on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// What is to be done.
    pub waiting: Waiting,
    /// To be handed in.
    pub hold: Hold,
}

impl Claimed {
    pub(crate) fn of(row: &outbox::Model) -> Result<Self, StoreError> {
        Ok(Self {
            waiting: Waiting::of(row)?,
            hold: Hold {
                id: row.id,
                fence: row.fence,
                wanted: row.wanted,
            },
        })
    }
}

/// What finishing an effect came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It is done and gone.
    Done,
    /// It was demanded again meanwhile, and waits.
    WantedAgain,
    /// Somebody else holds it now: nothing was changed.
    Lost,
}

impl Waiting {
    /// Does nobody work on it? A claim that ends later than any begun now was told by a clock that ran ahead.
    pub fn is_free(&self, now: Timestamp) -> bool {
        self.claimed_until <= now || self.claimed_until > now.plus(CLAIM_MAX)
    }

    pub(crate) fn of(row: &outbox::Model) -> Result<Self, StoreError> {
        let stored: draft::Stored =
            serde_json::from_str(&row.body).map_err(|_| StoreError::Malformed("an effect"))?;
        let platform = match row.platform.as_str() {
            "" => None,
            name => Some(platform(name).ok_or(StoreError::Malformed("an effect"))?),
        };
        Ok(Self {
            id: row.id,
            effect_id: format!("{}.{}", row.seq, stored.index),
            effect: stored.effect,
            platform,
            seq: from_db(row.seq),
            due_at: Timestamp::from_millis(row.due_at),
            attempts: u32::try_from(row.attempts).unwrap_or(0),
            claimed_until: Timestamp::from_millis(row.claimed_until),
            trouble: row.trouble.clone(),
        })
    }
}

pub(crate) fn platform(name: &str) -> Option<Platform> {
    [
        Platform::Slack,
        Platform::Discord,
        Platform::Cli,
        Platform::Http,
    ]
    .into_iter()
    .find(|platform| platform.as_str() == name)
}
