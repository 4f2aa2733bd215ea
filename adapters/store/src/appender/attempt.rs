//! One batch in one transaction: lock the head, judge it, decide, write, commit. Where nothing is to be decided, nobody is
//! kept from writing.

use breakglass_core::state::State;
use metrics::counter;
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait, QuerySelect, Select};

use super::batch::{Batch, Touched};
use super::deciding::Deciding;
use super::{Appender, fold, load, save};
use crate::crash::{CrashPoint, pass};
use crate::database::Flush;
use crate::distrust::Distrust;
use crate::entity::{event, head};
use crate::error::StoreError;
use crate::number::to_db;
use crate::outbox;
use crate::trust::Trust;

/// How often we ask whether a commit landed whose answer was lost.
const ASKS_MAX: u32 = 10;

impl Appender {
    pub(super) async fn attempt(&mut self, batch: &mut Batch) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        batch.verdicts.clear();
        batch.folded.clear();
        let trust = match &mut self.belief {
            Ok(trust) => trust,
            Err(distrust) => return Err(StoreError::Untrusted(distrust.clone())),
        };
        let touched = batch.touched();
        if batch.submissions.is_empty() {
            let snapshot = self.database.snapshot().await?;
            let head = find_head(head::Entity::find_by_id(1_i16), &snapshot).await?;
            look(&snapshot, (trust, &head), (batch, &touched)).await?;
            return Ok(snapshot.rollback().await?);
        }
        let transaction = self.database.begin(Flush::Now).await?;
        let head = lock_head(&transaction).await?;
        let state = look(&*transaction, (trust, &head), (batch, &touched)).await?;
        let mut policies = touched.policies;
        policies.extend(state.house.policy.clone());
        self.policies.load(&*transaction, &policies).await?;
        let in_force = state.house.policy.as_ref();
        if in_force.is_some_and(|hash| self.policies.get(hash).is_none()) {
            return Err(StoreError::Untrusted(Distrust::Policy));
        }

        let mut deciding = Deciding::new(state, trust.frontier.clone(), &self.reached);
        for submission in &batch.submissions {
            let verdict = deciding.decide(&*self.decide, &self.policies, submission)?;
            batch.verdicts.push(verdict);
        }
        let decided = deciding.end();
        let Some(first) = decided.records.first() else {
            transaction.rollback().await?;
            return Ok(());
        };
        let committing = (first.record.seq, first.bytes.clone());
        let (next, handing) = save::all(
            &transaction,
            (trust, &self.hands, &self.database.worker),
            &decided,
        )
        .await?;
        let settled = outbox::settle(&transaction, &batch.to_settle()).await?;
        batch.note_settled(&settled);
        for handed in &handing {
            self.hands.take(handed.claimed.hold.id);
        }
        batch.handing = handing;
        batch.committing = Some(committing);
        pass(CrashPoint::CommitBegun);
        self.database.commit(transaction).await?;
        counter!(super::COMMITS).increment(1);
        pass(CrashPoint::Committed);
        trust.accept(next);
        Ok(())
    }

    /// The commit failed, or its answer was lost. Its transaction holds the lock on the head for as long as
    /// it lives, so once we have the lock, it is over one way or the other.
    pub(super) async fn find_out(
        &mut self,
        batch: &Batch,
        error: StoreError,
    ) -> Result<(), StoreError> {
        let Some((seq, bytes)) = &batch.committing else {
            return Err(error);
        };
        for _ in 0..ASKS_MAX {
            let asked = tokio::time::timeout(super::BATCH_WITHIN, self.record_bytes(*seq)).await;
            match asked {
                Ok(Ok(found)) if found.as_ref() == Some(bytes) => return Ok(()),
                Ok(Ok(_)) => return Err(error),
                Ok(Err(_)) | Err(_) => tokio::time::sleep(super::PAUSE).await,
            }
        }
        Err(StoreError::OutcomeUnknown)
    }

    async fn record_bytes(&self, seq: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let transaction = self.database.begin(Flush::Now).await?;
        lock_head(&transaction).await?;
        let record = event::Entity::find_by_id(to_db(seq))
            .one(&*transaction)
            .await?;
        transaction.rollback().await?;
        Ok(record.map(|record| record.bytes))
    }
}

/// Judges the head, reads what the batch touches, and folds what it asks for.
async fn look<C: ConnectionTrait>(
    connection: &C,
    (trust, head): (&mut Trust, &head::Model),
    (batch, touched): (&mut Batch, &Touched),
) -> Result<State, StoreError> {
    trust.catch_up(connection, head).await?;
    let state = load::state(connection, trust, touched).await?;
    batch.folded = fold::holdings(connection, trust, &state, &batch.folds).await?;
    Ok(state)
}

async fn lock_head(transaction: &DatabaseTransaction) -> Result<head::Model, StoreError> {
    find_head(
        head::Entity::find_by_id(1_i16).lock_exclusive(),
        transaction,
    )
    .await
}

async fn find_head(
    which: Select<head::Entity>,
    transaction: &DatabaseTransaction,
) -> Result<head::Model, StoreError> {
    let head = which.one(transaction).await?;
    head.ok_or(StoreError::Untrusted(Distrust::NoHead))
}
