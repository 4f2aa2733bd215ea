//! Claiming effects and settling them. A claim ends by itself, and what a late worker hands in changes nothing.
//!
//! Neither waits for a flush. What a power failure takes back is carried out again, to no effect at a target, and with
//! the same id in chat. Where the database loses what we settled and we live on, [`Store::free_dead_claims`] finds it.

use std::collections::BTreeMap;
use std::sync::Arc;

use breakglass_core::time::Timestamp;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, UpdateMany};

use super::{CLAIM_MAX, Claimed, Handed, Hold, Holds, Settled};
use crate::appender::Verdict;
use crate::database::Flush;
use crate::entity::outbox::{self, Column};
use crate::error::StoreError;
use crate::store::Store;
use crate::submission::Submission;
use crate::write::{Piled, WRITTEN_MAX, Work};

impl Store {
    /// From now on, what is to be taken away is claimed by the commit that says so, and waits in [`Self::handed`].
    pub fn take_up(&self, holds: Arc<dyn Holds>) {
        self.hands().take_up(Some(holds));
    }

    /// Nothing more is claimed by commits.
    pub fn take_up_no_more(&self) {
        self.hands().take_up(None);
    }

    /// What commits claimed since this was asked last.
    pub fn handed(&self) -> Vec<Handed> {
        self.hands().handed()
    }

    /// Hands in a report on an errand. If it is not refused, the commit that it is in settles the errand, and
    /// [`Committed::settled`](crate::Committed::settled) says so; absent where there was nothing to commit.
    pub async fn submit_report(
        &self,
        submission: Submission,
        hold: Hold,
    ) -> Result<Verdict, StoreError> {
        let verdict = self.hand_in(submission, Some(hold)).await;
        if let Ok(Ok(committed)) = &verdict
            && committed.settled.is_some()
        {
            self.hands().let_go(hold.id);
        }
        verdict
    }

    /// Whoever was handed this doesn't carry it out, and couldn't write that down.
    pub fn forget_handed(&self, hold: Hold) {
        self.hands().let_go(hold.id);
    }

    /// Takes hold of an effect until `until`, unless somebody else has it or it is done.
    pub async fn claim_effect(
        &self,
        id: i64,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Claimed>, StoreError> {
        self.hands().take(id);
        let claim = |or_ours| Claim {
            id,
            worker: self.worker().to_owned(),
            now,
            until,
            or_ours,
        };
        let claimed = match self.try_claim(claim(false)).await {
            // Perhaps only the answer was lost: then we have it, and nobody would carry it out before that ends.
            Err(StoreError::Database(_)) => self.try_claim(claim(true)).await,
            claimed => claimed,
        };
        if !matches!(claimed, Ok(Some(_))) {
            self.hands().let_go(id);
        }
        claimed
    }

    async fn try_claim(&self, claim: Claim) -> Result<Option<Claimed>, StoreError> {
        let row = self.writer().pile(&self.piles().claims, claim).await?;
        row.as_ref().map(Claimed::of).transpose()
    }

    /// It is done as of when it was claimed.
    pub async fn finish_effect(&self, hold: Hold) -> Result<Settled, StoreError> {
        let settled = self.writer().pile(&self.piles().finished, hold).await;
        self.let_go(hold, settled)
    }

    /// It couldn't be done: it is tried again at `due_at`, or at once if it was demanded again meanwhile.
    pub async fn retry_effect(
        &self,
        hold: Hold,
        due_at: Timestamp,
        why: &str,
    ) -> Result<Settled, StoreError> {
        let why = why.to_owned();
        let settled = self
            .writer()
            .write(Flush::Later, move |transaction| {
                Box::pin(async move {
                    let unchanged = || Expr::col(Column::Wanted).eq(hold.wanted);
                    let if_unchanged = |then: SimpleExpr, column: Column| -> SimpleExpr {
                        CaseStatement::new()
                            .case(unchanged(), then)
                            .finally(Expr::col(column))
                            .into()
                    };
                    let failed = Expr::col(Column::Attempts).add(1);
                    let retried = released(hold)
                        .col_expr(
                            Column::DueAt,
                            if_unchanged(Expr::value(due_at.millis()), Column::DueAt),
                        )
                        .col_expr(Column::Attempts, if_unchanged(failed, Column::Attempts))
                        .col_expr(Column::Trouble, Expr::value(why))
                        .exec(transaction)
                        .await?;
                    Ok(kept(retried.rows_affected))
                })
            })
            .await;
        self.let_go(hold, settled)
    }

    /// It wasn't begun: somebody else may have it.
    pub async fn release_effect(&self, hold: Hold) -> Result<Settled, StoreError> {
        let settled = self
            .writer()
            .write(Flush::Later, move |transaction| {
                Box::pin(async move {
                    let released = released(hold).exec(transaction).await?;
                    Ok(kept(released.rows_affected))
                })
            })
            .await;
        self.let_go(hold, settled)
    }

    /// Nobody works on it, whatever was written down. Gives whether that was so.
    pub(crate) async fn free(&self, id: i64, fence: i64) -> Result<bool, StoreError> {
        self.writer()
            .write(Flush::Later, move |transaction| {
                Box::pin(async move {
                    let hold = Hold {
                        id,
                        fence,
                        wanted: 0,
                    };
                    let freed = released(hold).exec(transaction).await?;
                    Ok(freed.rows_affected > 0)
                })
            })
            .await
    }

    /// What couldn't be settled is in hand still.
    fn let_go(
        &self,
        hold: Hold,
        settled: Result<Settled, StoreError>,
    ) -> Result<Settled, StoreError> {
        if settled.is_ok() {
            self.hands().let_go(hold.id);
        }
        settled
    }
}

/// A claim that ends later than any begun now was told by a clock that ran ahead, and holds nothing. Whoever made it is kept
/// from doing harm by the fence and the ends of its calls.
pub(crate) fn is_free<C: ColumnTrait>(claimed_until: C, now: Timestamp) -> Condition {
    Condition::any()
        .add(claimed_until.lte(now.millis()))
        .add(claimed_until.gt(now.plus(CLAIM_MAX).millis()))
}

/// What this very call took hold of before, and didn't hear of.
pub(crate) fn is_ours<C: ColumnTrait>(
    (claimed_by, worker): (C, &str),
    (claimed_until, until): (C, Timestamp),
) -> Condition {
    Condition::all()
        .add(claimed_by.eq(worker))
        .add(claimed_until.eq(until.millis()))
}

/// An effect to be claimed.
#[derive(Debug)]
pub(crate) struct Claim {
    id: i64,
    worker: String,
    now: Timestamp,
    until: Timestamp,
    /// Also where this very call took hold of it before, and didn't hear of that.
    or_ours: bool,
}

impl Claim {
    fn may(&self) -> Condition {
        let free = is_free(Column::ClaimedUntil, self.now);
        if self.or_ours {
            free.add(is_ours(
                (Column::ClaimedBy, &self.worker),
                (Column::ClaimedUntil, self.until),
            ))
        } else {
            free
        }
    }
}

impl Piled for Claim {
    const FLUSH: Flush = Flush::Later;
    const ON_POSTGRES: bool = false;
    type Answer = Option<outbox::Model>;

    fn write_all(all: Vec<Self>, transaction: &DatabaseTransaction) -> Work<'_, Vec<Self::Answer>> {
        Box::pin(async move {
            let mut claimed = BTreeMap::new();
            for some in all.chunks(WRITTEN_MAX) {
                let worker = some.first().map(|claim| claim.worker.clone());
                let until = some.iter().fold(CaseStatement::new(), |until, claim| {
                    until.case(Column::Id.eq(claim.id), claim.until.millis())
                });
                let may = |claim: &Self| {
                    Condition::all()
                        .add(Column::Id.eq(claim.id))
                        .add(claim.may())
                };
                let rows = outbox::Entity::update_many()
                    .col_expr(Column::ClaimedUntil, until.finally(0_i64).into())
                    .col_expr(Column::ClaimedBy, Expr::value(worker))
                    .col_expr(Column::Fence, Expr::col(Column::Fence).add(1))
                    .filter(Column::Id.is_in(some.iter().map(|claim| claim.id)))
                    .filter(any(some.iter().map(may)))
                    .exec_with_returning(transaction)
                    .await?;
                claimed.extend(rows.into_iter().map(|row| (row.id, row)));
            }
            Ok(all.iter().map(|claim| claimed.remove(&claim.id)).collect())
        })
    }
}

impl Piled for Hold {
    const FLUSH: Flush = Flush::Later;
    const ON_POSTGRES: bool = false;
    type Answer = Settled;

    fn write_all(all: Vec<Self>, transaction: &DatabaseTransaction) -> Work<'_, Vec<Settled>> {
        Box::pin(async move {
            let mut settled = settle(transaction, &all).await?;
            let of = |hold: &Self| settled.remove(&hold.id).unwrap_or(Settled::Lost);
            Ok(all.iter().map(of).collect())
        })
    }
}

/// Takes out what is done as of when it was claimed, and lets go of what was demanded again meanwhile.
pub(crate) async fn settle(
    transaction: &DatabaseTransaction,
    holds: &[Hold],
) -> Result<BTreeMap<i64, Settled>, StoreError> {
    let mut settled: BTreeMap<i64, Settled> =
        holds.iter().map(|hold| (hold.id, Settled::Lost)).collect();
    let is_done = |hold: &Hold| is_held(*hold).add(Column::Wanted.eq(hold.wanted));
    for some in holds.chunks(WRITTEN_MAX) {
        let done = outbox::Entity::delete_many()
            .filter(Column::Id.is_in(some.iter().map(|hold| hold.id)))
            .filter(any(some.iter().map(is_done)))
            .exec_with_returning(transaction)
            .await?;
        settled.extend(done.iter().map(|row| (row.id, Settled::Done)));
    }
    for hold in holds {
        if settled.get(&hold.id) != Some(&Settled::Done) {
            let released = released(*hold).exec(transaction).await?;
            settled.insert(hold.id, kept(released.rows_affected));
        }
    }
    Ok(settled)
}

pub(crate) fn any(conditions: impl Iterator<Item = Condition>) -> Condition {
    conditions.fold(Condition::any(), Condition::add)
}

fn is_held(hold: Hold) -> Condition {
    Condition::all()
        .add(Column::Id.eq(hold.id))
        .add(Column::Fence.eq(hold.fence))
}

fn released(hold: Hold) -> UpdateMany<outbox::Entity> {
    outbox::Entity::update_many()
        .col_expr(Column::ClaimedUntil, Expr::value(0_i64))
        .col_expr(Column::ClaimedBy, Expr::value(None::<String>))
        .filter(is_held(hold))
}

const fn kept(rows: u64) -> Settled {
    if rows > 0 {
        Settled::WantedAgain
    } else {
        Settled::Lost
    }
}
