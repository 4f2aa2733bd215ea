//! Is the store alive, and how full: what health and metrics ask for now and then.

use std::collections::BTreeMap;

use breakglass_core::state::{Ending, Phase};
use breakglass_core::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::database::Flush;
use crate::entity::request::Column;
use crate::entity::{last_start, request};
use crate::error::StoreError;
use crate::rows;
use crate::store::Store;

/// How many requests are where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Wait for a confirmation or approvals.
    pub waiting: u64,
    /// Decided to be granted and not over, by target.
    pub live: BTreeMap<String, u64>,
    /// Live ones that should be gone, and people were told.
    pub stuck: u64,
}

impl Store {
    /// Commits a write, as every other write is committed: that we are alive now.
    pub async fn probe(&self, now: Timestamp) -> Result<(), StoreError> {
        self.writer()
            .write(Flush::Now, move |transaction| {
                Box::pin(async move {
                    last_start::Entity::update_many()
                        .col_expr(last_start::Column::At, Expr::value(now.millis()))
                        .exec(transaction)
                        .await?;
                    Ok(())
                })
            })
            .await
    }

    /// When a server was last alive here, to within the time between two [probes](Self::probe); absent before the first start.
    pub async fn last_alive(&self) -> Result<Option<Timestamp>, StoreError> {
        let row = last_start::Entity::find_by_id(1_i16)
            .one(&self.database().reader)
            .await?;
        Ok(row.map(|row| Timestamp::from_millis(row.at)))
    }

    /// Counts what isn't over.
    pub async fn tally(&self) -> Result<Tally, StoreError> {
        let rows: Vec<(String, String, i64)> = request::Entity::find()
            .select_only()
            .column(Column::Phase)
            .column(Column::Target)
            .column_as(Column::Id.count(), "many")
            .filter(Column::Phase.is_in(["pending", "approved", "active", "ending"]))
            .filter(Column::Open.eq(true))
            .group_by(Column::Phase)
            .group_by(Column::Target)
            .into_tuple()
            .all(&self.database().reader)
            .await?;
        let mut tally = Tally::default();
        for (phase, target, many) in rows {
            let many = u64::try_from(many).unwrap_or_default();
            if phase == "pending" {
                tally.waiting += many;
            } else {
                *tally.live.entry(target).or_default() += many;
            }
        }
        let ending = request::Entity::find()
            .filter(Column::Open.eq(true))
            .filter(Column::Phase.eq("ending"))
            .all(&self.database().reader)
            .await?;
        for row in &ending {
            let request = rows::request_of(row)?;
            tally.stuck += u64::from(matches!(
                request.phase,
                Phase::Ending(Ending { stuck: true, .. })
            ));
        }
        Ok(tally)
    }
}
