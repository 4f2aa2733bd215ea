//! Writing a decided batch: records, what they changed, what falls due, what is to be done, and the new head.

use std::collections::BTreeMap;

use breakglass_core::deadline::deadlines;
use breakglass_core::state::{Holding, Wanted};
use breakglass_core::text::Text;
use breakglass_core::time::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait,
    IdenStatic, IntoActiveModel, Iterable, QueryFilter, Set, Statement, Unchanged,
};

use super::Folded;
use super::deciding::{Decided, Written};
use crate::entity::{deadline, event, free_text, head, holding, house, outbox, request};
use crate::error::StoreError;
use crate::listen::CHANNEL;
use crate::nodes;
use crate::number::to_db;
use crate::outbox::{Claimed, Draft, Handed, Hands};
use crate::rows;
use crate::seal::RowKey;
use crate::trust::{Changes, Successor, Trust, kept};

/// Rows in one statement: the widest table has 14 columns, and a statement takes 32,766 values.
const ROWS_MAX: usize = 500;

/// Writes everything but the commit. Gives what it claims for `worker`, which is us.
pub(super) async fn all(
    transaction: &DatabaseTransaction,
    (trust, hands, worker): (&Trust, &Hands, &str),
    decided: Decided,
) -> Result<(Successor, Vec<Handed>), StoreError> {
    records(transaction, &decided.records).await?;
    let mut changes = Changes::new();
    requests(transaction, trust, &decided, &mut changes).await?;
    holdings(transaction, trust, &decided, &mut changes).await?;
    if decided.house {
        save_house(transaction, trust, &decided, &mut changes).await?;
    }
    due(transaction, &decided).await?;
    let handing = effects(transaction, (hands, worker), &decided).await?;
    texts(transaction, &decided.texts).await?;

    let counters = (decided.state.next_request, decided.state.newest_at);
    let next = trust.next(decided.frontier, counters, changes)?;
    let row = trust.row(&next);
    let mut model = row.into_active_model().reset_all();
    model.id = Unchanged(1);
    head::Entity::update(model).exec(transaction).await?;
    tell(transaction, next.size()).await?;
    Ok((next, handing))
}

/// Other replicas hear of it when it is committed.
async fn tell(transaction: &DatabaseTransaction, size: u64) -> Result<(), StoreError> {
    if transaction.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let values = [CHANNEL.into(), size.to_string().into()];
    let sql = "SELECT pg_notify($1, $2)";
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    transaction.execute_raw(statement).await?;
    Ok(())
}

async fn records(transaction: &DatabaseTransaction, records: &[Written]) -> Result<(), StoreError> {
    let row = |written: &Written| event::ActiveModel {
        seq: Set(to_db(written.record.seq)),
        bytes: Set(written.bytes.clone()),
        nodes: Set(nodes::to_bytes(&written.nodes)),
        request: Set(written.record.request.map(|id| to_db(id.number()))),
        at: Set(written.record.at.millis()),
    };
    for some in records.chunks(ROWS_MAX) {
        event::Entity::insert_many(some.iter().map(row))
            .exec_without_returning(transaction)
            .await?;
    }
    Ok(())
}

async fn requests(
    transaction: &DatabaseTransaction,
    trust: &Trust,
    decided: &Decided,
    changes: &mut Changes,
) -> Result<(), StoreError> {
    let mut models = Vec::new();
    for id in &decided.requests {
        let Some(request) = decided.state.requests.get(id) else {
            continue;
        };
        let row = rows::request_row(request, decided.frontier.size(), &trust.sealer)?;
        changes.insert(RowKey::Request(*id), row.open.then(|| kept(&row.seal)));
        models.push(row.into_active_model());
    }
    replace::<request::Entity>(transaction, request::Column::Id, models).await
}

async fn holdings(
    transaction: &DatabaseTransaction,
    trust: &Trust,
    decided: &Decided,
    changes: &mut Changes,
) -> Result<(), StoreError> {
    let mut models = Vec::new();
    for id in &decided.holdings {
        let Some(holding) = decided.state.holdings.get(id) else {
            continue;
        };
        let row = rows::holding_row(holding, decided.frontier.size(), &trust.sealer)?;
        changes.insert(RowKey::holding(&row.key), row.open.then(|| kept(&row.seal)));
        models.push(row.into_active_model());
    }
    replace::<holding::Entity>(transaction, holding::Column::Key, models).await
}

async fn save_house(
    transaction: &DatabaseTransaction,
    trust: &Trust,
    decided: &Decided,
    changes: &mut Changes,
) -> Result<(), StoreError> {
    let row = rows::house_row(&decided.state.house, decided.frontier.size(), &trust.sealer)?;
    changes.insert(RowKey::House, Some(kept(&row.seal)));
    let models = vec![row.into_active_model()];
    replace::<house::Entity>(transaction, house::Column::Id, models).await
}

/// Writes rows, over those that are there under the same key.
async fn replace<E: EntityTrait>(
    transaction: &DatabaseTransaction,
    key: E::Column,
    models: Vec<E::ActiveModel>,
) -> Result<(), StoreError> {
    let others = E::Column::iter().filter(|column| column.as_str() != key.as_str());
    let or_update = OnConflict::column(key).update_columns(others).to_owned();
    for some in models.chunks(ROWS_MAX) {
        E::insert_many(some.iter().cloned())
            .on_conflict(or_update.clone())
            .exec_without_returning(transaction)
            .await?;
    }
    Ok(())
}

/// What was due for a changed request is replaced by what is due now.
async fn due(transaction: &DatabaseTransaction, decided: &Decided) -> Result<(), StoreError> {
    let ids: Vec<i64> = decided
        .requests
        .iter()
        .map(|id| to_db(id.number()))
        .collect();
    for some in ids.chunks(ROWS_MAX) {
        deadline::Entity::delete_many()
            .filter(deadline::Column::Request.is_in(some.iter().copied()))
            .exec(transaction)
            .await?;
    }
    let changed = decided
        .requests
        .iter()
        .filter_map(|id| decided.state.requests.get(id));
    let mut models = Vec::new();
    for request in changed {
        for (kind, at) in deadlines(request) {
            models.push(deadline::ActiveModel {
                request: Set(to_db(request.id.number())),
                kind: Set(kind.name()),
                at: Set(at.millis()),
            });
        }
    }
    for some in models.chunks(ROWS_MAX) {
        deadline::Entity::insert_many(some.iter().cloned())
            .exec_without_returning(transaction)
            .await?;
    }
    Ok(())
}

/// An effect that waits already is wanted anew: at once, and as of the newer record. Whoever carries it out
/// just now sees that at the end. What is to be taken away is claimed here where nobody has it: it would wait for that, and
/// for being looked at, behind everything else that ends.
async fn effects(
    transaction: &DatabaseTransaction,
    (hands, worker): (&Hands, &str),
    decided: &Decided,
) -> Result<Vec<Handed>, StoreError> {
    let mut waiting = Vec::new();
    let mut claimed = Vec::new();
    let mut ends = BTreeMap::new();
    for draft in &decided.effects {
        match end(hands, decided, draft) {
            Some((holding, until)) => {
                claimed.push(draft.to_claimed_row(worker, until));
                ends.insert(draft.key.as_str(), (holding, until));
            }
            None => waiting.push(draft.to_row()),
        }
    }
    let or_update = OnConflict::column(outbox::Column::Key)
        .update_columns([
            outbox::Column::Body,
            outbox::Column::Seq,
            outbox::Column::Wanted,
            outbox::Column::DueAt,
            outbox::Column::Attempts,
        ])
        .to_owned();
    let mut handing = Vec::new();
    for some in claimed.chunks(ROWS_MAX) {
        let rows = outbox::Entity::insert_many(some.iter().cloned())
            .on_conflict(or_update.clone())
            .exec_with_returning(transaction)
            .await?;
        for row in &rows {
            let Some((holding, until)) = ends.get(row.key.as_str()) else {
                continue;
            };
            let is_ours =
                row.claimed_by.as_deref() == Some(worker) && row.claimed_until == until.millis();
            if is_ours && !hands.have(row.id) {
                handing.push(Handed {
                    claimed: Claimed::of(row)?,
                    folded: Folded::of((*holding).clone(), &decided.state),
                });
            }
        }
    }
    for some in waiting.chunks(ROWS_MAX) {
        outbox::Entity::insert_many(some.iter().cloned())
            .on_conflict(or_update.clone())
            .exec_without_returning(transaction)
            .await?;
    }
    Ok(handing)
}

/// The holding that is to be taken away, and until when we hold that, if we carry it out.
fn end<'a>(hands: &Hands, decided: &'a Decided, draft: &Draft) -> Option<(&'a Holding, Timestamp)> {
    let holding = decided.state.holdings.get(draft.holding.as_ref()?)?;
    if !matches!(holding.wanted(), Wanted::Absent { .. }) {
        return None;
    }
    Some((holding, hands.held_until(&holding.id.provisioner)?))
}

/// The same text with the same salt is there already when a command was committed twice.
async fn texts(transaction: &DatabaseTransaction, texts: &[Text]) -> Result<(), StoreError> {
    let row = |text: &Text| free_text::ActiveModel {
        hash: Set(text.hash().as_str().to_owned()),
        salt: Set(Some(text.salt().to_owned())),
        body: Set(Some(text.body().to_owned())),
    };
    let or_nothing = OnConflict::column(free_text::Column::Hash)
        .do_nothing()
        .to_owned();
    for some in texts.chunks(ROWS_MAX) {
        free_text::Entity::insert_many(some.iter().map(row))
            .on_conflict(or_nothing.clone())
            .exec_without_returning(transaction)
            .await?;
    }
    Ok(())
}
