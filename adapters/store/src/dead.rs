//! What nobody has in hand although it is claimed: given to whoever is free at once instead of when its claim ends.

use std::collections::BTreeSet;

use breakglass_core::effect::Effect;
use breakglass_core::id::HoldingId;
use breakglass_core::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::database::CALLED;
use crate::database::Flush;
use crate::entity::{inbox, outbox};
use crate::error::StoreError;
use crate::outbox::Waiting;
use crate::store::Store;

/// What was freed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Freed {
    /// How much of all kinds.
    pub many: u64,
    /// What others were at with their targets: a call of theirs may still be on its way.
    pub holdings: BTreeSet<HoldingId>,
}

impl Store {
    /// Frees claims of processes that are gone: on PostgreSQL those that have no connection there any more, on
    /// SQLite, which one process serves, all but our own.
    ///
    /// A process that lives but lost every connection is taken for dead too: the fence of its claims keeps what
    /// it hands in late from changing anything.
    ///
    /// So are effects that we settled ourselves and that are claimed by us all the same, since the database crashed before
    /// that was on its disk.
    pub async fn free_dead_claims(&self, now: Timestamp) -> Result<Freed, StoreError> {
        let ours = self.free_lost_settlements(now).await?;
        let (worker, is_postgres) = (self.worker().to_owned(), self.database().is_postgres());
        let (acts, effects) = self
            .writer()
            .write(Flush::Now, move |transaction| {
                Box::pin(async move {
                    let dead = |by: SimpleExpr| {
                        if is_postgres {
                            by.not_in_subquery(alive())
                        } else {
                            by.ne(worker.clone())
                        }
                    };
                    let effects = outbox::Entity::update_many()
                        .col_expr(outbox::Column::ClaimedUntil, Expr::value(0_i64))
                        .col_expr(outbox::Column::ClaimedBy, Expr::value(None::<String>))
                        .filter(outbox::Column::ClaimedUntil.gt(now.millis()))
                        .filter(dead(Expr::col(outbox::Column::ClaimedBy)))
                        .exec_with_returning(transaction)
                        .await?;
                    let acts = inbox::Entity::update_many()
                        .col_expr(inbox::Column::ClaimedUntil, Expr::value(0_i64))
                        .col_expr(inbox::Column::ClaimedBy, Expr::value(None::<String>))
                        .filter(inbox::Column::HandledAt.is_null())
                        .filter(inbox::Column::ClaimedUntil.gt(now.millis()))
                        .filter(dead(Expr::col(inbox::Column::ClaimedBy)))
                        .exec(transaction)
                        .await?;
                    Ok((acts.rows_affected, effects))
                })
            })
            .await?;
        let mut freed = Freed {
            many: ours + acts,
            ..Freed::default()
        };
        for row in &effects {
            freed.many += 1;
            if let Effect::Converge { holding, .. } = Waiting::of(row)?.effect {
                freed.holdings.insert(holding);
            }
        }
        Ok(freed)
    }

    async fn free_lost_settlements(&self, now: Timestamp) -> Result<u64, StoreError> {
        let claimed: Vec<(i64, i64)> = outbox::Entity::find()
            .select_only()
            .columns([outbox::Column::Id, outbox::Column::Fence])
            .filter(outbox::Column::ClaimedBy.eq(self.worker()))
            .filter(outbox::Column::ClaimedUntil.gt(now.millis()))
            .into_tuple()
            .all(&self.database().reader)
            .await?;
        // Whatever is claimed was in hand before that was written, and isn't let go before the next claim has another fence.
        let lost = claimed
            .into_iter()
            .filter(|(row, _)| !self.hands().have(*row));
        let mut freed = 0;
        for (row, fence) in lost {
            freed += u64::from(self.free(row, fence).await?);
        }
        Ok(freed)
    }
}

/// The names of the processes that have a connection.
fn alive() -> SelectStatement {
    Query::select()
        .expr(Expr::cust_with_values(
            "replace(application_name, $1, '')",
            [CALLED],
        ))
        .from(sea_orm::sea_query::Alias::new("pg_stat_activity"))
        .and_where(Expr::cust("datname = current_database()"))
        .and_where(Expr::cust_with_values(
            "starts_with(application_name, $1)",
            [CALLED],
        ))
        .to_owned()
}
