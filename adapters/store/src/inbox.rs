//! What came in from chats: written down before it is acknowledged, each once, handled by one worker at a time.

use std::collections::{BTreeMap, BTreeSet};

use breakglass_core::id::Platform;
use breakglass_core::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, StatementBuilder,
};

use crate::database::Flush;
use crate::entity::inbox::{self, Column};
use crate::error::StoreError;
use crate::outbox::{any, is_free, is_ours, platform};
use crate::store::Store;
use crate::write::{Piled, WRITTEN_MAX, Work};

/// Something that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Its replay key: the same for the same act, however often it is delivered.
    pub id: String,
    /// Where it came from.
    pub platform: Platform,
    /// What it was, in the adapter's own form.
    pub payload: String,
    /// When it came.
    pub at: Timestamp,
}

/// Whether something came in for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// It did, and is now written down: it waits to be claimed.
    New,
    /// It did, and this worker has hold of it already.
    Held(ClaimedAct),
    /// It came before: there is nothing to do.
    Seen,
}

/// Something that came in, with the hold on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedAct {
    /// What came in.
    pub received: Received,
    /// Tries so far, this one included.
    pub attempts: u32,
}

impl Store {
    /// Writes down what came in. Once this has answered, a crash doesn't lose it. With `until`, this worker has hold of
    /// it until then, as if it had been claimed at once.
    pub async fn receive(
        &self,
        received: &Received,
        until: Option<Timestamp>,
    ) -> Result<Arrival, StoreError> {
        let row = inbox::Model {
            id: received.id.clone(),
            platform: received.platform.as_str().to_owned(),
            payload: received.payload.clone(),
            received_at: received.at.millis(),
            handled_at: None,
            claimed_until: until.unwrap_or_default().millis(),
            claimed_by: until.map(|_| self.worker().to_owned()),
            attempts: i32::from(until.is_some()),
        };
        let is_new = match self.keep_act(row.clone()).await {
            // Perhaps only the answer was lost: then it is there, as we wrote it.
            Err(StoreError::Database(_)) => {
                let found = inbox::Entity::find_by_id(&row.id);
                self.keep_act(row.clone()).await?
                    || found.one(&self.database().reader).await? == Some(row)
            }
            kept => kept?,
        };
        Ok(match until {
            _ if !is_new => Arrival::Seen,
            None => Arrival::New,
            Some(_) => Arrival::Held(ClaimedAct {
                received: received.clone(),
                attempts: 1,
            }),
        })
    }

    /// Is it there now that wasn't there before?
    async fn keep_act(&self, row: inbox::Model) -> Result<bool, StoreError> {
        self.writer().pile(&self.piles().received, Kept(row)).await
    }

    /// Takes hold of what waits, oldest first, at most `most`, until `until`: an instant at which no other hold of this
    /// process ends, since what was taken without our hearing of it is known again by it.
    pub async fn claim_acts(
        &self,
        most: u64,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<ClaimedAct>, StoreError> {
        let free = is_free(Column::ClaimedUntil, now);
        let mut rows = match self.try_claim_acts(most, free.clone(), until).await {
            // Perhaps only the answer was lost: then they are ours, and would wait until that ends.
            Err(StoreError::Database(_)) => {
                let free_or_ours = free.add(is_ours(
                    (Column::ClaimedBy, self.worker()),
                    (Column::ClaimedUntil, until),
                ));
                self.try_claim_acts(most, free_or_ours, until).await?
            }
            rows => rows?,
        };
        rows.sort_by(|a, b| (a.received_at, &a.id).cmp(&(b.received_at, &b.id)));
        rows.into_iter().map(claimed).collect()
    }

    async fn try_claim_acts(
        &self,
        most: u64,
        which: Condition,
        until: Timestamp,
    ) -> Result<Vec<inbox::Model>, StoreError> {
        let worker = self.worker().to_owned();
        self.writer()
            .write(Flush::Later, move |transaction| {
                Box::pin(async move {
                    let oldest = oldest(most, which).into_tuple();
                    let ids: Vec<String> = oldest.all(transaction).await?;
                    let rows = inbox::Entity::update_many()
                        .col_expr(Column::ClaimedUntil, Expr::value(until.millis()))
                        .col_expr(Column::ClaimedBy, Expr::value(worker))
                        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
                        .filter(Column::Id.is_in(ids))
                        .exec_with_returning(transaction)
                        .await?;
                    Ok(rows)
                })
            })
            .await
    }

    /// It was handled. Says whether it was still held by this worker; if not, somebody else handles it too.
    pub async fn finish_act(&self, act: &ClaimedAct, now: Timestamp) -> Result<bool, StoreError> {
        let handled = Handled {
            held: self.held_act(act),
            at: now,
        };
        self.writer().pile(&self.piles().handled, handled).await
    }

    /// It couldn't be handled: it is offered again at `at`.
    pub async fn retry_act(&self, act: &ClaimedAct, at: Timestamp) -> Result<bool, StoreError> {
        let held = self.held_act(act);
        self.writer()
            .write(Flush::Later, move |transaction| {
                Box::pin(async move {
                    let retried = inbox::Entity::update_many()
                        .col_expr(Column::ClaimedUntil, Expr::value(at.millis()))
                        .col_expr(Column::ClaimedBy, Expr::value(None::<String>))
                        .filter(held.is_held())
                        .exec(transaction)
                        .await?;
                    Ok(retried.rows_affected > 0)
                })
            })
            .await
    }

    fn held_act(&self, act: &ClaimedAct) -> HeldAct {
        HeldAct {
            id: act.received.id.clone(),
            worker: self.worker().to_owned(),
            attempts: act.attempts,
        }
    }

    /// When something that isn't handled comes free, if anything waits.
    pub async fn next_act_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let row = inbox::Entity::find()
            .filter(Column::HandledAt.is_null())
            .order_by_asc(Column::ClaimedUntil)
            .one(&self.database().reader)
            .await?;
        Ok(row.map(|row| Timestamp::from_millis(row.claimed_until)))
    }

    /// Forgets what was handled before `before`; from then on a replay of it would be taken as new, so this is
    /// later than any platform's signature lasts.
    pub async fn forget_acts(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.writer()
            .write(Flush::Now, move |transaction| {
                Box::pin(async move {
                    let forgotten = inbox::Entity::delete_many()
                        .filter(Column::HandledAt.lt(before.millis()))
                        .exec(transaction)
                        .await?;
                    Ok(forgotten.rows_affected)
                })
            })
            .await
    }
}

/// Something that came in, as it is written down.
#[derive(Debug)]
pub(crate) struct Kept(inbox::Model);

impl Piled for Kept {
    const FLUSH: Flush = Flush::Now;
    const ON_POSTGRES: bool = true;
    type Answer = bool;

    fn write_all(all: Vec<Self>, transaction: &DatabaseTransaction) -> Work<'_, Vec<bool>> {
        Box::pin(async move {
            let mut new: BTreeSet<String> = BTreeSet::new();
            // The same that come in at two replicas are written in the same order by both.
            let rows: BTreeMap<&str, &inbox::Model> =
                all.iter().map(|Kept(row)| (&*row.id, row)).rev().collect();
            let rows: Vec<&inbox::Model> = rows.into_values().collect();
            for some in rows.chunks(WRITTEN_MAX) {
                let some = some.iter().map(|row| (*row).clone().into_active_model());
                let or_nothing = OnConflict::column(Column::Id).do_nothing().to_owned();
                let mut insert = inbox::Entity::insert_many(some)
                    .on_conflict(or_nothing)
                    .into_query();
                new.extend(written(transaction, insert.returning_col(Column::Id)).await?);
            }
            Ok(all.iter().map(|Kept(row)| new.remove(&row.id)).collect())
        })
    }
}

/// What a worker holds.
#[derive(Debug)]
struct HeldAct {
    id: String,
    worker: String,
    attempts: u32,
}

impl HeldAct {
    fn is_held(&self) -> Condition {
        Condition::all()
            .add(Column::Id.eq(&*self.id))
            .add(Column::ClaimedBy.eq(&*self.worker))
            .add(Column::Attempts.eq(i64::from(self.attempts)))
    }
}

/// Something that was handled.
#[derive(Debug)]
pub(crate) struct Handled {
    held: HeldAct,
    at: Timestamp,
}

impl Piled for Handled {
    const FLUSH: Flush = Flush::Later;
    const ON_POSTGRES: bool = true;
    type Answer = bool;

    fn write_all(all: Vec<Self>, transaction: &DatabaseTransaction) -> Work<'_, Vec<bool>> {
        Box::pin(async move {
            let mut handled: BTreeSet<String> = BTreeSet::new();
            for some in all.chunks(WRITTEN_MAX) {
                let at = some.iter().map(|one| one.at.millis()).max();
                let mut update = inbox::Entity::update_many()
                    .col_expr(Column::HandledAt, Expr::value(at))
                    .col_expr(Column::ClaimedUntil, Expr::value(0_i64))
                    .col_expr(Column::ClaimedBy, Expr::value(None::<String>))
                    .filter(Column::Id.is_in(some.iter().map(|one| &*one.held.id)))
                    .filter(any(some.iter().map(|one| one.held.is_held())))
                    .into_query();
                handled.extend(written(transaction, update.returning_col(Column::Id)).await?);
            }
            let is_handled = |one: &Self| handled.remove(&one.held.id);
            Ok(all.iter().map(is_handled).collect())
        })
    }
}

/// Carries out what gives the ids of the rows that it wrote.
async fn written(
    transaction: &DatabaseTransaction,
    statement: &impl StatementBuilder,
) -> Result<Vec<String>, DbErr> {
    let rows = transaction.query_all(statement).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// Rows that another worker is just claiming are passed over, where the database knows how (PostgreSQL). By itself: inside
/// the statement that claims them it may be evaluated for each row anew, which claims more than it finds.
fn oldest(most: u64, which: Condition) -> Select<inbox::Entity> {
    inbox::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::HandledAt.is_null())
        .filter(which)
        .order_by_asc(Column::ReceivedAt)
        .order_by_asc(Column::Id)
        .limit(most)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
}

fn claimed(row: inbox::Model) -> Result<ClaimedAct, StoreError> {
    let platform = platform(&row.platform).ok_or(StoreError::Malformed("the inbox"))?;
    Ok(ClaimedAct {
        attempts: u32::try_from(row.attempts).unwrap_or(0),
        received: Received {
            id: row.id,
            platform,
            payload: row.payload,
            at: Timestamp::from_millis(row.received_at),
        },
    })
}
