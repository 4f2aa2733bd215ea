//! What falls due, as the commits that planned it left it.

use breakglass_core::deadline::Deadline;
use breakglass_core::id::RequestId;
use breakglass_core::time::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::entity::deadline::{self, Column};
use crate::error::StoreError;
use crate::number::from_db;
use crate::store::Store;

/// Something that falls due. It goes away with the commit that acts on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// When.
    pub at: Timestamp,
    /// For which request.
    pub request: RequestId,
    /// What.
    pub deadline: Deadline,
}

impl Store {
    /// What is due at `now`, longest due first, at most `most`.
    pub async fn due(&self, now: Timestamp, most: u64) -> Result<Vec<Due>, StoreError> {
        let rows = deadline::Entity::find()
            .filter(Column::At.lte(now.millis()))
            .order_by_asc(Column::At)
            .order_by_asc(Column::Request)
            .limit(most)
            .all(&self.database().reader)
            .await?;
        rows.iter().map(due).collect()
    }

    /// When the next thing falls due, or fell due already.
    pub async fn next_due_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let row = deadline::Entity::find()
            .order_by_asc(Column::At)
            .one(&self.database().reader)
            .await?;
        Ok(row.map(|row| Timestamp::from_millis(row.at)))
    }
}

fn due(row: &deadline::Model) -> Result<Due, StoreError> {
    Ok(Due {
        at: Timestamp::from_millis(row.at),
        request: RequestId::new(from_db(row.request)),
        deadline: Deadline::from_name(&row.kind).ok_or(StoreError::Malformed("a deadline"))?,
    })
}
