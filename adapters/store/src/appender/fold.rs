//! The check before a target is called: the holding as its own records say it is, where access is to be given.

use std::collections::{BTreeMap, BTreeSet};

use breakglass_core::event::Record;
use breakglass_core::id::{HoldingId, RequestId};
use breakglass_core::log::{Nodes, TreeHash};
use breakglass_core::state::{GrantPhase, Holding, State, Wanted};
use breakglass_core::time::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::Folded;
use crate::distrust::Distrust;
use crate::entity::event;
use crate::error::StoreError;
use crate::nodes::{self, IN_LIST_MAX};
use crate::number::{from_db, to_db};
use crate::trust::Trust;

/// How far each grant on a holding is, since when it is decided, and until when it may last.
type Grants = BTreeMap<RequestId, (GrantPhase, Timestamp, Timestamp)>;

/// The holdings as they are in `state`, whose rows were judged by their seals already. Where access is to be given, the
/// records of their requests, each proven to be in the signed tree, are folded as well and must come to the same: what is
/// to be taken away must not wait for that, nor stay for want of a record.
///
/// Proofs rather than a walk over the whole log: the nodes they need lie in about log2(size) rows, found by
/// key, so this stays quick when the log is years old. That no record was left out follows from the seals,
/// which only a holder of the key can have made.
pub(super) async fn holdings<C: ConnectionTrait>(
    connection: &C,
    trust: &Trust,
    state: &State,
    ids: &[HoldingId],
) -> Result<Vec<Folded>, StoreError> {
    let held = |id: &HoldingId| {
        let holding = state.holdings.get(id).cloned();
        holding.unwrap_or_else(|| Holding::new(id.clone()))
    };
    let holdings: Vec<Holding> = ids.iter().map(held).collect();
    let gives = |holding: &&Holding| matches!(holding.wanted(), Wanted::Present { .. });
    let to_give: Vec<Holding> = holdings.iter().filter(gives).cloned().collect();
    let folded = fold(connection, trust, &to_give).await?;
    let differs = |what: &dyn ToString| StoreError::Untrusted(Distrust::State(what.to_string()));
    for holding in &to_give {
        for request in holding.grants.keys() {
            if folded.requests.get(request) != state.requests.get(request) {
                return Err(differs(request));
            }
        }
        if promised(folded.holdings.get(&holding.id)) != promised(Some(holding)) {
            return Err(differs(&holding.id));
        }
    }
    let with_requests = |holding| Folded::of(holding, state);
    Ok(holdings.into_iter().map(with_requests).collect())
}

/// What the records of their grants, and of what these left behind, come to.
async fn fold<C: ConnectionTrait>(
    connection: &C,
    trust: &Trust,
    holdings: &[Holding],
) -> Result<State, StoreError> {
    let requests: BTreeSet<RequestId> = holdings
        .iter()
        .flat_map(|holding| holding.grants.keys().copied())
        .collect();
    let leftovers = holdings.iter().filter_map(|holding| holding.leftover);
    let leftovers: Vec<i64> = leftovers.map(|leftover| to_db(leftover.seq)).collect();
    let requests: Vec<i64> = requests.iter().map(|id| to_db(id.number())).collect();
    let of_requests = requests.chunks(IN_LIST_MAX);
    let of_leftovers = leftovers.chunks(IN_LIST_MAX);
    let which = of_requests
        .map(|some| event::Column::Request.is_in(some.iter().copied()))
        .chain(of_leftovers.map(|some| event::Column::Seq.is_in(some.iter().copied())));
    let mut records = BTreeMap::new();
    for which in which {
        let rows = event::Entity::find().filter(which).all(connection).await?;
        records.extend(rows.into_iter().map(|row| (from_db(row.seq), row.bytes)));
    }
    let seqs: Vec<u64> = records.keys().copied().collect();
    let nodes = nodes::load(connection, Nodes::for_inclusion(&seqs, trust.head.size)).await?;
    let mut folded = State::default();
    for (seq, bytes) in &records {
        let broken = || StoreError::Untrusted(Distrust::Record(*seq));
        let leaf = TreeHash::of_leaf(bytes);
        nodes
            .check_inclusion(*seq, leaf, &trust.head)
            .map_err(|_| broken())?;
        let record: Record = serde_json::from_slice(bytes).map_err(|_| broken())?;
        folded.apply(&record);
    }
    Ok(folded)
}

/// What the records of its present grants, or of what they left behind, say of a holding. How often it changed before, its version, counts
/// grants that are long over, whose records aren't read here; the row's seal vouches for that.
fn promised(holding: Option<&Holding>) -> (Grants, Option<u64>) {
    let grants = holding.into_iter().flat_map(|holding| &holding.grants);
    let grants = grants
        .map(|(id, grant)| (*id, (grant.phase, grant.approved_at, grant.not_after)))
        .collect();
    let leftover = holding.and_then(|holding| holding.leftover);
    (grants, leftover.map(|leftover| leftover.seq))
}
