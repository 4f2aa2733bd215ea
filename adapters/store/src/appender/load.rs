//! Reading the part of the state that a batch touches, in a few queries, and judging each row.

use breakglass_core::id::{HoldingId, RequestId};
use breakglass_core::state::State;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};

use super::batch::Touched;
use crate::distrust::Distrust;
use crate::entity::{holding, house, request};
use crate::error::StoreError;
use crate::nodes::IN_LIST_MAX;
use crate::number::{from_db, to_db};
use crate::rows;
use crate::seal::{RowKey, holding_key};
use crate::trust::{Row, Trust};

/// Reads what `touched` names and what hangs on it: the holding of each request, and the requests whose
/// grants cover it.
pub(super) async fn state<C: ConnectionTrait>(
    connection: &C,
    trust: &mut Trust,
    touched: &Touched,
) -> Result<State, StoreError> {
    let mut state = State {
        next_request: trust.next_request,
        newest_at: trust.newest_at,
        ..State::default()
    };
    load_house(connection, trust, &mut state).await?;
    let trust = &*trust;
    let people = touched
        .people
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>();
    for some in people.chunks(IN_LIST_MAX) {
        let theirs = Condition::any()
            .add(request::Column::Requester.is_in(some))
            .add(request::Column::Beneficiary.is_in(some));
        let open = Condition::all()
            .add(rows::still_open(request::Column::Open))
            .add(theirs);
        load_requests(connection, trust, &mut state, open).await?;
    }
    let named: Vec<RequestId> = touched.requests.iter().copied().collect();
    requests_by_id(connection, trust, &mut state, &named).await?;

    let mut holdings = touched.holdings.clone();
    holdings.extend(
        state
            .requests
            .values()
            .map(|request| request.asked.holding.clone()),
    );
    let holdings: Vec<HoldingId> = holdings.into_iter().collect();
    for some in holdings.chunks(IN_LIST_MAX) {
        load_holdings(connection, trust, &mut state, some).await?;
    }
    let covering: Vec<RequestId> = state
        .holdings
        .values()
        .flat_map(|holding| holding.grants.keys())
        .filter(|id| !state.requests.contains_key(id))
        .copied()
        .collect();
    requests_by_id(connection, trust, &mut state, &covering).await?;
    Ok(state)
}

fn not_as_left(what: &dyn ToString) -> StoreError {
    StoreError::Untrusted(Distrust::State(what.to_string()))
}

/// As its seal says which one is the newest, it is read only when that changed.
async fn load_house<C: ConnectionTrait>(
    connection: &C,
    trust: &mut Trust,
    state: &mut State,
) -> Result<(), StoreError> {
    if let Some(house) = trust.house() {
        state.house = house.clone();
        return Ok(());
    }
    match house::Entity::find_by_id(1_i16).one(connection).await? {
        Some(row) => {
            let judged = Row {
                key: RowKey::House,
                open: true,
                seal: &row.seal,
                body: &row.body,
            };
            if !trust.is_right(&judged) {
                return Err(not_as_left(&"the house"));
            }
            state.house = rows::house_of(&row)?;
            trust.keep_house(state.house.clone());
            Ok(())
        }
        None if trust.is_open(RowKey::House) => Err(not_as_left(&"the house")),
        None => Ok(()),
    }
}

async fn requests_by_id<C: ConnectionTrait>(
    connection: &C,
    trust: &Trust,
    state: &mut State,
    ids: &[RequestId],
) -> Result<(), StoreError> {
    let missing: Vec<RequestId> = ids
        .iter()
        .copied()
        .filter(|id| !state.requests.contains_key(id))
        .collect();
    for some in missing.chunks(IN_LIST_MAX) {
        let numbers = some.iter().map(|id| to_db(id.number()));
        let named = Condition::all().add(request::Column::Id.is_in(numbers));
        load_requests(connection, trust, state, named).await?;
    }
    let gone =
        |id: &&RequestId| !state.requests.contains_key(id) && trust.is_open(RowKey::Request(**id));
    match missing.iter().find(gone) {
        Some(id) => Err(not_as_left(id)),
        None => Ok(()),
    }
}

async fn load_requests<C: ConnectionTrait>(
    connection: &C,
    trust: &Trust,
    state: &mut State,
    which: Condition,
) -> Result<(), StoreError> {
    for row in request::Entity::find()
        .filter(which)
        .all(connection)
        .await?
    {
        let request =
            rows::request_of(&row).map_err(|_| not_as_left(&RequestId::new(from_db(row.id))))?;
        let judged = Row {
            key: RowKey::Request(request.id),
            open: rows::is_open(&request),
            seal: &row.seal,
            body: &row.body,
        };
        if !trust.is_right(&judged) {
            return Err(not_as_left(&request.id));
        }
        state.requests.insert(request.id, request);
    }
    Ok(())
}

async fn load_holdings<C: ConnectionTrait>(
    connection: &C,
    trust: &Trust,
    state: &mut State,
    ids: &[HoldingId],
) -> Result<(), StoreError> {
    let keys: Vec<String> = ids.iter().map(holding_key).collect();
    let named = holding::Column::Key.is_in(&keys);
    for row in holding::Entity::find()
        .filter(named)
        .all(connection)
        .await?
    {
        let holding = rows::holding_of(&row).map_err(|_| not_as_left(&row.key))?;
        let judged = Row {
            key: RowKey::holding(&row.key),
            open: rows::is_held(&holding),
            seal: &row.seal,
            body: &row.body,
        };
        if !trust.is_right(&judged) {
            return Err(not_as_left(&holding.id));
        }
        state.holdings.insert(holding.id.clone(), holding);
    }
    let gone = |(id, key): &(&HoldingId, &String)| {
        !state.holdings.contains_key(id) && trust.is_open(RowKey::holding(key))
    };
    match ids.iter().zip(&keys).find(gone) {
        Some((id, _)) => Err(not_as_left(id)),
        None => Ok(()),
    }
}
