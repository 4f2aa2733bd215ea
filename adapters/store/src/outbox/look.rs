//! What waits in the outbox, or is being carried out: all of it, or what is new.

use std::collections::BTreeMap;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::Waiting;
use crate::entity::outbox::{self, Column};
use crate::error::StoreError;
use crate::nodes::IN_LIST_MAX;
use crate::number::to_db;
use crate::store::Store;

impl Store {
    /// Everything, oldest first.
    pub async fn waiting_effects(&self) -> Result<Vec<Waiting>, StoreError> {
        self.effects(outbox::Entity::find()).await
    }

    /// At most `most` of those after the row `after`, oldest first.
    pub async fn effects_after(&self, after: i64, most: u64) -> Result<Vec<Waiting>, StoreError> {
        let page = outbox::Entity::find().filter(Column::Id.gt(after));
        self.effects(page.limit(most)).await
    }

    /// What was demanded by records after `seq`, for the first time or again.
    pub async fn effects_since(&self, seq: u64) -> Result<Vec<Waiting>, StoreError> {
        let new = outbox::Entity::find().filter(Column::Wanted.gt(to_db(seq)));
        self.effects(new).await
    }

    /// Those of these rows that are still there.
    pub async fn effects_of(&self, ids: &[i64]) -> Result<Vec<Waiting>, StoreError> {
        let mut found = Vec::new();
        for some in ids.chunks(IN_LIST_MAX) {
            let these = outbox::Entity::find().filter(Column::Id.is_in(some.iter().copied()));
            found.extend(self.effects(these).await?);
        }
        Ok(found)
    }

    /// How many there are of each kind: `converge`, `draw`, `page` and `post`.
    pub async fn count_effects(&self) -> Result<BTreeMap<&'static str, u64>, StoreError> {
        let kind = || Expr::cust("substr(\"key\", 1, 2)");
        let rows: Vec<(String, i64)> = outbox::Entity::find()
            .select_only()
            .expr_as(kind(), "kind")
            .column_as(Column::Id.count(), "many")
            .group_by(kind())
            .into_tuple()
            .all(&self.database().reader)
            .await?;
        let mut counts = BTreeMap::from([("converge", 0), ("draw", 0), ("page", 0), ("post", 0)]);
        for (kind, many) in rows {
            if let Some(count) = counts.iter_mut().find(|(name, _)| name.starts_with(&kind)) {
                *count.1 = u64::try_from(many).unwrap_or_default();
            }
        }
        Ok(counts)
    }

    async fn effects(&self, which: Select<outbox::Entity>) -> Result<Vec<Waiting>, StoreError> {
        let rows = which
            .order_by_asc(Column::Id)
            .all(&self.database().reader)
            .await?;
        rows.iter().map(Waiting::of).collect()
    }
}
