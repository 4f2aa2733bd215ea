//! What a process held that was killed: given to others at once instead of when its claims end.

use breakglass_core::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::database::CALLED;
use crate::database::Flush;
use crate::entity::{inbox, outbox};
use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// Frees claims of processes that are gone: on PostgreSQL those that have no connection there any more, on
    /// SQLite, which one process serves, all but our own. Gives how many.
    ///
    /// A process that lives but lost every connection is taken for dead too: the fence of its claims keeps what
    /// it hands in late from changing anything.
    pub async fn free_dead_claims(&self, now: Timestamp) -> Result<u64, StoreError> {
        let (worker, is_postgres) = (self.worker().to_owned(), self.database().is_postgres());
        self.writer()
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
                        .exec(transaction)
                        .await?;
                    let acts = inbox::Entity::update_many()
                        .col_expr(inbox::Column::ClaimedUntil, Expr::value(0_i64))
                        .col_expr(inbox::Column::ClaimedBy, Expr::value(None::<String>))
                        .filter(inbox::Column::HandledAt.is_null())
                        .filter(inbox::Column::ClaimedUntil.gt(now.millis()))
                        .filter(dead(Expr::col(inbox::Column::ClaimedBy)))
                        .exec(transaction)
                        .await?;
                    Ok(effects.rows_affected + acts.rows_affected)
                })
            })
            .await
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
