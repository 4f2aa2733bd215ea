//! Comparing the rows that follow from the log with what its records come to.

use std::collections::BTreeSet;

use breakglass_core::deadline::deadlines;
use breakglass_core::id::RequestId;
use breakglass_core::state::State;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::ROWS_AT_ONCE;
use crate::entity::{deadline, head, holding, house, policy, request};
use crate::error::StoreError;
use crate::number::{from_db, to_db};
use crate::rows;
use crate::seal::holding_key;

/// What isn't as the records left it, in words.
pub(super) async fn differences<C: ConnectionTrait>(
    snapshot: &C,
    state: &State,
) -> Result<Vec<String>, StoreError> {
    let mut differs = requests(snapshot, state).await?;
    differs.extend(holdings(snapshot, state).await?);
    let house = house::Entity::find_by_id(1_i16).one(snapshot).await?;
    let same = match &house {
        Some(row) => rows::house_of(row).is_ok_and(|house| house == state.house),
        None => state.house.version == 0,
    };
    if !same {
        differs.push("the house".to_owned());
    }
    if let Some(hash) = &state.house.policy
        && policy::Entity::find_by_id(hash.as_str())
            .one(snapshot)
            .await?
            .is_none()
    {
        differs.push(format!("the text of policy {hash}, which is gone"));
    }
    let head = head::Entity::find_by_id(1_i16).one(snapshot).await?;
    let next = to_db(state.next_request.max(1));
    if head
        .is_some_and(|head| (head.next_request, head.newest_at) != (next, state.newest_at.millis()))
    {
        differs.push("the counters beside the head".to_owned());
    }
    differs.extend(due(snapshot, state).await?);
    Ok(differs)
}

async fn requests<C: ConnectionTrait>(
    snapshot: &C,
    state: &State,
) -> Result<Vec<String>, StoreError> {
    let mut missing: BTreeSet<RequestId> = state.requests.keys().copied().collect();
    let mut differs = Vec::new();
    let mut after = -1;
    loop {
        let rows = request::Entity::find()
            .filter(request::Column::Id.gt(after))
            .order_by_asc(request::Column::Id)
            .limit(ROWS_AT_ONCE)
            .all(snapshot)
            .await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        for row in &rows {
            let id = RequestId::new(from_db(row.id));
            missing.remove(&id);
            let right = state.requests.get(&id).is_some_and(|request| {
                rows::request_of(row).is_ok_and(|found| found == *request)
                    && rows::request_columns_fit(row, request)
            });
            if !right {
                differs.push(id.to_string());
            }
        }
    }
    differs.extend(missing.iter().map(|id| format!("{id}, which is gone")));
    Ok(differs)
}

async fn holdings<C: ConnectionTrait>(
    snapshot: &C,
    state: &State,
) -> Result<Vec<String>, StoreError> {
    let mut missing: BTreeSet<String> = state.holdings.keys().map(holding_key).collect();
    let mut differs = Vec::new();
    let mut after = String::new();
    loop {
        let rows = holding::Entity::find()
            .filter(holding::Column::Key.gt(&after))
            .order_by_asc(holding::Column::Key)
            .limit(ROWS_AT_ONCE)
            .all(snapshot)
            .await?;
        let Some(last) = rows.last() else { break };
        after.clone_from(&last.key);
        for row in &rows {
            missing.remove(&row.key);
            let right = rows::holding_of(row).is_ok_and(|found| {
                state.holdings.get(&found.id) == Some(&found) && row.open == rows::is_held(&found)
            });
            if !right {
                differs.push(format!("the holding {}", row.key));
            }
        }
    }
    differs.extend(
        missing
            .iter()
            .map(|key| format!("the holding {key}, which is gone")),
    );
    Ok(differs)
}

async fn due<C: ConnectionTrait>(snapshot: &C, state: &State) -> Result<Vec<String>, StoreError> {
    let planned: BTreeSet<(i64, String, i64)> = state
        .requests
        .values()
        .flat_map(|request| {
            let id = to_db(request.id.number());
            deadlines(request)
                .into_iter()
                .map(move |(kind, at)| (id, kind.name(), at.millis()))
        })
        .collect();
    let rows = deadline::Entity::find().all(snapshot).await?;
    let found: BTreeSet<(i64, String, i64)> = rows
        .into_iter()
        .map(|row| (row.request, row.kind, row.at))
        .collect();
    let differs = planned.symmetric_difference(&found);
    Ok(differs
        .map(|(id, kind, _)| format!("what is due for BG-{id}: {kind}"))
        .collect())
}
