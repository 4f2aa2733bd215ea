//! Single records of the log, for wording what happened.

use breakglass_core::event::Record;
use sea_orm::EntityTrait;

use crate::entity::event;
use crate::error::StoreError;
use crate::number::to_db;
use crate::store::Store;

impl Store {
    /// The record at this place in the log.
    pub async fn record(&self, seq: u64) -> Result<Option<Record>, StoreError> {
        let row = event::Entity::find_by_id(to_db(seq))
            .one(&self.database().reader)
            .await?;
        let read = |row: event::Model| {
            serde_json::from_slice(&row.bytes).map_err(|_| StoreError::Malformed("a record"))
        };
        row.map(read).transpose()
    }
}
