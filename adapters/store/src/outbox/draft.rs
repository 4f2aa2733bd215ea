//! Effects as they are put into the outbox.

use breakglass_core::effect::Effect;
use breakglass_core::event::Record;
use breakglass_core::id::Platform;
use breakglass_core::notice::CardKind;
use sea_orm::{NotSet, Set};
use serde::{Deserialize, Serialize};

use crate::entity::outbox;
use crate::error::StoreError;
use crate::number::to_db;
use crate::seal::holding_key;

/// What the row's body holds.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) effect: Effect,
    pub(super) index: u32,
}

/// An effect to be put into the outbox.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) key: String,
    pub(crate) seq: u64,
    pub(crate) index: u32,
    platform: Option<Platform>,
    body: String,
    at: i64,
}

impl Draft {
    /// The rows for one effect: one for a target, one on each chat for what people see.
    pub(crate) fn of(
        record: &Record,
        index: usize,
        effect: &Effect,
        platforms: &[Platform],
    ) -> Result<Vec<Self>, StoreError> {
        let index = u32::try_from(index).map_err(|_| StoreError::Malformed("an effect"))?;
        let stored = Stored {
            effect: effect.clone(),
            index,
        };
        let body =
            serde_json::to_string(&stored).map_err(|_| StoreError::Malformed("an effect"))?;
        let draft = |key: String, platform: Option<Platform>| Self {
            key,
            seq: record.seq,
            index,
            platform,
            body: body.clone(),
            at: record.at.millis(),
        };
        let everywhere = |key: &dyn Fn(Platform) -> String| {
            platforms
                .iter()
                .map(|&platform| draft(key(platform), Some(platform)))
                .collect()
        };
        Ok(match effect {
            Effect::Converge { holding } => {
                vec![draft(format!("converge:{}", holding_key(holding)), None)]
            }
            Effect::Draw { card, request } => everywhere(&|platform| {
                format!("draw:{platform}:{}:{request}", Self::card_name(*card))
            }),
            Effect::Post { .. } => {
                everywhere(&|platform| format!("post:{platform}:{}.{index}", record.seq))
            }
        })
    }

    pub(crate) fn to_row(&self) -> outbox::ActiveModel {
        outbox::ActiveModel {
            id: NotSet,
            key: Set(self.key.clone()),
            platform: Set(self.platform.map_or("", Platform::as_str).to_owned()),
            body: Set(self.body.clone()),
            seq: Set(to_db(self.seq)),
            wanted: Set(to_db(self.seq)),
            due_at: Set(self.at),
            attempts: Set(0),
            claimed_until: Set(0),
            claimed_by: Set(None),
            fence: Set(0),
            trouble: Set(None),
        }
    }

    /// How a kind of card is called in the database.
    pub(crate) const fn card_name(kind: CardKind) -> &'static str {
        match kind {
            CardKind::Approvers => "approvers",
            CardKind::Security => "security",
        }
    }
}
