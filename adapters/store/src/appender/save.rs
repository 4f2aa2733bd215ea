//! Writing a decided batch: records, what they changed, what falls due, what is to be done, and the new head.

use std::collections::BTreeMap;

use breakglass_core::deadline::deadlines;
use breakglass_core::state::{Holding, State, Wanted};
use breakglass_core::text::Text;
use breakglass_core::time::Timestamp;
use sea_orm::sea_query::{Expr, Func, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait,
    IdenStatic, IntoActiveModel, Iterable, QueryFilter, Set, Unchanged,
};

use super::Folded;
use super::deciding::{Decided, Written};
use super::writes::{ROWS_MAX, Writes};
use crate::entity::{deadline, event, free_text, head, holding, house, outbox, request};
use crate::error::StoreError;
use crate::listen::CHANNEL;
use crate::nodes;
use crate::number::to_db;
use crate::outbox::{Claimed, Draft, Handed, Hands};
use crate::rows;
use crate::seal::RowKey;
use crate::trust::{Changes, Successor, Trust, kept};

/// Writes everything but the commit. Gives what it claims for `worker`, which is us.
pub(super) async fn all(
    transaction: &DatabaseTransaction,
    (trust, hands, worker): (&Trust, &Hands, &str),
    decided: &Decided,
) -> Result<(Successor, Vec<Handed>), StoreError> {
    let mut writes = Writes::default();
    nothing_due(&mut writes, decided);
    writes.begin_step();
    due(&mut writes, decided);
    records(&mut writes, &decided.records);
    let mut changes = Changes::new();
    requests(&mut writes, trust, decided, &mut changes)?;
    holdings(&mut writes, trust, decided, &mut changes)?;
    if decided.house {
        save_house(&mut writes, trust, decided, &mut changes)?;
    }
    let ends = effects(&mut writes, hands, decided);
    texts(&mut writes, &decided.texts);

    let counters = (decided.state.next_request, decided.state.newest_at);
    let next = trust.next(decided.frontier.clone(), counters, changes)?;
    let mut model = trust.row(&next).into_active_model().reset_all();
    model.id = Unchanged(1);
    writes.push(head::Entity::update(model).validate()?);
    if transaction.get_database_backend() == DbBackend::Postgres {
        tell(&mut writes, next.size());
    }
    writes.run(transaction).await?;
    let handing = claim(transaction, (hands, worker), (&decided.state, &ends)).await?;
    Ok((next, handing))
}

/// Other replicas hear of it when it is committed.
fn tell(writes: &mut Writes, size: u64) {
    let told = Func::cust("pg_notify").args([Expr::value(CHANNEL), Expr::value(size.to_string())]);
    writes.push_any(Query::select().expr(told).to_owned());
}

fn records(writes: &mut Writes, records: &[Written]) {
    let row = |written: &Written| event::ActiveModel {
        seq: Set(to_db(written.record.seq)),
        bytes: Set(written.bytes.clone()),
        nodes: Set(nodes::to_bytes(&written.nodes)),
        request: Set(written.record.request.map(|id| to_db(id.number()))),
        at: Set(written.record.at.millis()),
    };
    for some in records.chunks(ROWS_MAX) {
        writes.push(event::Entity::insert_many(some.iter().map(row)));
    }
}

fn requests(
    writes: &mut Writes,
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
    replace::<request::Entity>(writes, request::Column::Id, &models);
    Ok(())
}

fn holdings(
    writes: &mut Writes,
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
    replace::<holding::Entity>(writes, holding::Column::Key, &models);
    Ok(())
}

fn save_house(
    writes: &mut Writes,
    trust: &Trust,
    decided: &Decided,
    changes: &mut Changes,
) -> Result<(), StoreError> {
    let row = rows::house_row(&decided.state.house, decided.frontier.size(), &trust.sealer)?;
    changes.insert(RowKey::House, Some(kept(&row.seal)));
    let models = vec![row.into_active_model()];
    replace::<house::Entity>(writes, house::Column::Id, &models);
    Ok(())
}

/// Writes rows, over those that are there under the same key.
fn replace<E: EntityTrait>(writes: &mut Writes, key: E::Column, models: &[E::ActiveModel]) {
    let others = E::Column::iter().filter(|column| column.as_str() != key.as_str());
    let or_update = OnConflict::column(key).update_columns(others).to_owned();
    for some in models.chunks(ROWS_MAX) {
        let rows = E::insert_many(some.iter().cloned());
        writes.push(rows.on_conflict(or_update.clone()));
    }
}

/// What was due for a changed request is replaced by what is due now.
fn nothing_due(writes: &mut Writes, decided: &Decided) {
    let ids: Vec<i64> = decided
        .requests
        .iter()
        .map(|id| to_db(id.number()))
        .collect();
    for some in ids.chunks(ROWS_MAX) {
        let of_these = deadline::Column::Request.is_in(some.iter().copied());
        writes.push(deadline::Entity::delete_many().filter(of_these));
    }
}

fn due(writes: &mut Writes, decided: &Decided) {
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
        writes.push(deadline::Entity::insert_many(some.iter().cloned()));
    }
}

/// Writes what is to be done, but for what is to be taken away and can be claimed: it gives that, with the holding, and until
/// when it is to be held.
fn effects<'a>(writes: &mut Writes, hands: &Hands, decided: &'a Decided) -> Vec<End<'a>> {
    let mut ends = Vec::new();
    let mut waiting = Vec::new();
    for draft in &decided.effects {
        match End::of(hands, decided, draft) {
            Some(end) => ends.push(end),
            None => waiting.push(draft),
        }
    }
    for some in waiting.chunks(ROWS_MAX) {
        let rows = outbox::Entity::insert_many(some.iter().map(|draft| draft.to_row()));
        writes.push(rows.on_conflict(or_wanted_anew()));
    }
    ends
}

/// An effect that waits already is wanted anew: at once, and as of the newer record. Whoever carries it out
/// just now sees that at the end.
fn or_wanted_anew() -> OnConflict {
    OnConflict::column(outbox::Column::Key)
        .update_columns([
            outbox::Column::Body,
            outbox::Column::Seq,
            outbox::Column::Wanted,
            outbox::Column::DueAt,
            outbox::Column::Attempts,
        ])
        .to_owned()
}

/// Writes what is to be taken away, and claims it for `worker`, which is us, where nobody has it: it would wait for that, and
/// for being looked at, behind everything else that ends.
async fn claim(
    transaction: &DatabaseTransaction,
    (hands, worker): (&Hands, &str),
    (state, ends): (&State, &[End<'_>]),
) -> Result<Vec<Handed>, StoreError> {
    let by_key: BTreeMap<_, _> = ends.iter().map(|end| (&end.draft.key, end)).collect();
    let mut handing = Vec::new();
    for some in ends.chunks(ROWS_MAX) {
        let row = |end: &End<'_>| end.draft.to_claimed_row(worker, end.until);
        let rows = outbox::Entity::insert_many(some.iter().map(row))
            .on_conflict(or_wanted_anew())
            .exec_with_returning(transaction)
            .await?;
        for row in &rows {
            let Some(end) = by_key.get(&row.key) else {
                continue;
            };
            let is_ours = row.claimed_by.as_deref() == Some(worker)
                && row.claimed_until == end.until.millis();
            if is_ours && !hands.have(row.id) {
                handing.push(Handed {
                    claimed: Claimed::of(row)?,
                    folded: Folded::of(end.holding.clone(), state),
                });
            }
        }
    }
    Ok(handing)
}

/// What is to be taken away.
#[derive(Debug)]
struct End<'a> {
    draft: &'a Draft,
    holding: &'a Holding,
    /// How long we hold it, if nobody else does.
    until: Timestamp,
}

impl<'a> End<'a> {
    /// Absent if it is anything else, or nobody here carries it out.
    fn of(hands: &Hands, decided: &'a Decided, draft: &'a Draft) -> Option<Self> {
        let holding = decided.state.holdings.get(draft.holding.as_ref()?)?;
        if !matches!(holding.wanted(), Wanted::Absent { .. }) {
            return None;
        }
        let until = hands.held_until(&holding.id.provisioner)?;
        Some(Self {
            draft,
            holding,
            until,
        })
    }
}

/// The same text with the same salt is there already when a command was committed twice.
fn texts(writes: &mut Writes, texts: &[Text]) {
    let row = |text: &Text| free_text::ActiveModel {
        hash: Set(text.hash().as_str().to_owned()),
        salt: Set(Some(text.salt().to_owned())),
        body: Set(Some(text.body().to_owned())),
    };
    let or_nothing = OnConflict::column(free_text::Column::Hash)
        .do_nothing()
        .to_owned();
    for some in texts.chunks(ROWS_MAX) {
        let rows = free_text::Entity::insert_many(some.iter().map(row));
        writes.push(rows.on_conflict(or_nothing.clone()));
    }
}
