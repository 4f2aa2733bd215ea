//! Requests, holdings and the house as rows, and back.

use breakglass_core::state::{Holding, House, Phase, Request, Review};
use sea_orm::ColumnTrait;
use sea_orm::sea_query::SimpleExpr;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::entity::{holding, house, request};
use crate::error::StoreError;
use crate::number::to_db;
use crate::seal::{RowKey, Sealer, holding_key};

/// Can it still change what people may do? Then its row is in the set that the head's seal is over.
pub(crate) fn is_open(request: &Request) -> bool {
    request.is_pending() || request.is_live() || matches!(request.review, Review::Open { .. })
}

/// Is there something at its target, as far as we know? Then its row is in that set too.
pub(crate) fn is_held(holding: &Holding) -> bool {
    holding.is_ours() || !holding.foreign.is_empty()
}

/// That a row is open, where it is found by something else: an index on what most rows have in common would find nearly all,
/// and SQLite, which doesn't know that, takes any that an equality fits.
pub(crate) fn still_open<C: ColumnTrait>(column: C) -> SimpleExpr {
    column.ne(false)
}

pub(crate) fn request_row(
    request: &Request,
    as_of: u64,
    sealer: &Sealer,
) -> Result<request::Model, StoreError> {
    let body = written(request)?;
    Ok(request::Model {
        as_of: to_db(as_of),
        seal: sealer.row(RowKey::Request(request.id), &body).to_vec(),
        body,
        ..columns_of(request)
    })
}

/// The columns that are searched; the others are empty.
fn columns_of(request: &Request) -> request::Model {
    request::Model {
        id: to_db(request.id.number()),
        version: to_db(request.version),
        as_of: 0,
        open: is_open(request),
        seal: Vec::new(),
        phase: request.phase_name().to_owned(),
        review: review_name(&request.review).to_owned(),
        requester: request.asked.requester.to_string(),
        beneficiary: request.asked.beneficiary.to_string(),
        target: request.asked.target.to_string(),
        holding: holding_key(&request.asked.holding),
        requested_at: request.requested_at.millis(),
        denied_at: denied_at(request),
        active_at: request.lease.map(|(started_at, _)| started_at.millis()),
        body: String::new(),
    }
}

fn denied_at(request: &Request) -> Option<i64> {
    match &request.phase {
        Phase::Denied { at, .. } => Some(at.millis()),
        Phase::Pending { .. }
        | Phase::Approved { .. }
        | Phase::Active { .. }
        | Phase::Ending(_)
        | Phase::Ended { .. }
        | Phase::Withdrawn { .. }
        | Phase::Lapsed { .. } => None,
    }
}

/// How the state of a review is called in the database.
pub(crate) const fn review_name(review: &Review) -> &'static str {
    match review {
        Review::None => "none",
        Review::Open { .. } => "open",
        Review::Closed { .. } => "closed",
    }
}

pub(crate) fn holding_row(
    holding: &Holding,
    as_of: u64,
    sealer: &Sealer,
) -> Result<holding::Model, StoreError> {
    let key = holding_key(&holding.id);
    let body = written(holding)?;
    Ok(holding::Model {
        version: to_db(holding.version),
        as_of: to_db(as_of),
        open: is_held(holding),
        seal: sealer.row(RowKey::holding(&key), &body).to_vec(),
        key,
        body,
    })
}

pub(crate) fn house_row(
    house: &House,
    as_of: u64,
    sealer: &Sealer,
) -> Result<house::Model, StoreError> {
    let body = written(house)?;
    Ok(house::Model {
        id: 1,
        version: to_db(house.version),
        as_of: to_db(as_of),
        seal: sealer.row(RowKey::House, &body).to_vec(),
        body,
    })
}

pub(crate) fn request_of(row: &request::Model) -> Result<Request, StoreError> {
    let request: Request = read(&row.body, "a request")?;
    if to_db(request.id.number()) == row.id {
        Ok(request)
    } else {
        Err(malformed("a request"))
    }
}

/// Do the columns that are searched say what the body says?
pub(crate) fn request_columns_fit(row: &request::Model, request: &Request) -> bool {
    let columns = request::Model {
        as_of: row.as_of,
        seal: row.seal.clone(),
        body: row.body.clone(),
        ..columns_of(request)
    };
    *row == columns
}

pub(crate) fn holding_of(row: &holding::Model) -> Result<Holding, StoreError> {
    let holding: Holding = read(&row.body, "a holding")?;
    if holding_key(&holding.id) == row.key {
        Ok(holding)
    } else {
        Err(malformed("a holding"))
    }
}

pub(crate) fn house_of(row: &house::Model) -> Result<House, StoreError> {
    read(&row.body, "the house")
}

fn written<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| malformed("what we would write"))
}

fn read<T: DeserializeOwned>(body: &str, what: &'static str) -> Result<T, StoreError> {
    serde_json::from_str(body).map_err(|_| malformed(what))
}

const fn malformed(what: &'static str) -> StoreError {
    StoreError::Malformed(what)
}
