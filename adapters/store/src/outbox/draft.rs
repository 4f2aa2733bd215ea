//! Effects as they are put into the outbox.

use breakglass_core::effect::{Effect, Wakes};
use breakglass_core::event::Record;
use breakglass_core::id::{HoldingId, PagerId, Platform};
use breakglass_core::notice::CardKind;
use breakglass_core::time::Timestamp;
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

/// Whom effects reach that name nobody in particular.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reached {
    /// What people see is seen on each of these.
    pub(crate) platforms: Vec<Platform>,
    /// What security must wake up for.
    pub(crate) alarm_pagers: Vec<PagerId>,
}

/// An effect to be put into the outbox.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) key: String,
    pub(crate) seq: u64,
    pub(crate) index: u32,
    platform: Option<Platform>,
    /// What it is to be done on at its target.
    pub(crate) holding: Option<HoldingId>,
    body: String,
    at: i64,
}

impl Draft {
    /// The rows for one effect: one for a target, one on each chat for what people see, one for each pager.
    pub(crate) fn of(
        record: &Record,
        index: usize,
        effect: &Effect,
        reached: &Reached,
    ) -> Result<Vec<Self>, StoreError> {
        let index = u32::try_from(index).map_err(|_| StoreError::Malformed("an effect"))?;
        if let Effect::Page { by, topic, request } = effect {
            let pagers = match by {
                Wakes::Pager(pager) => std::slice::from_ref(pager),
                Wakes::Alarms => &reached.alarm_pagers,
            };
            let page = |pager: &PagerId| Effect::Page {
                by: Wakes::Pager(pager.clone()),
                topic: *topic,
                request: *request,
            };
            let draft = |pager| Self::page(record, index, pager, &page(pager));
            return pagers.iter().map(draft).collect();
        }
        let body = body(effect, index)?;
        let draft = |key: String, platform: Option<Platform>, holding: Option<HoldingId>| Self {
            key,
            seq: record.seq,
            index,
            platform,
            holding,
            body: body.clone(),
            at: record.at.millis(),
        };
        let everywhere = |key: &dyn Fn(Platform) -> String| {
            reached
                .platforms
                .iter()
                .map(|&platform| draft(key(platform), Some(platform), None))
                .collect()
        };
        Ok(match effect {
            Effect::Converge { holding, .. } => {
                let key = format!("converge:{}", holding_key(holding));
                vec![draft(key, None, Some(holding.clone()))]
            }
            Effect::Draw { card, request, .. } => everywhere(&|platform| {
                format!("draw:{platform}:{}:{request}", Self::card_name(*card))
            }),
            Effect::Post { .. } => {
                everywhere(&|platform| format!("post:{platform}:{}.{index}", record.seq))
            }
            Effect::Page { .. } => Vec::new(),
        })
    }

    fn page(
        record: &Record,
        index: u32,
        pager: &PagerId,
        effect: &Effect,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            key: format!("page:{pager}:{}.{index}", record.seq),
            seq: record.seq,
            index,
            platform: None,
            holding: None,
            body: body(effect, index)?,
            at: record.at.millis(),
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

    /// The same, in the hands of `worker` until then.
    pub(crate) fn to_claimed_row(&self, worker: &str, until: Timestamp) -> outbox::ActiveModel {
        outbox::ActiveModel {
            claimed_until: Set(until.millis()),
            claimed_by: Set(Some(worker.to_owned())),
            fence: Set(1),
            ..self.to_row()
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

fn body(effect: &Effect, index: u32) -> Result<String, StoreError> {
    let stored = Stored {
        effect: effect.clone(),
        index,
    };
    serde_json::to_string(&stored).map_err(|_| StoreError::Malformed("an effect"))
}
