//! The check before a target is called: the holding as its own records say it is.

use std::collections::{BTreeMap, BTreeSet};

use breakglass_core::event::Record;
use breakglass_core::id::{HoldingId, RequestId};
use breakglass_core::log::{Nodes, TreeHash};
use breakglass_core::state::{GrantPhase, Holding, State};
use breakglass_core::time::Timestamp;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::distrust::Distrust;
use crate::entity::event;
use crate::error::StoreError;
use crate::nodes;
use crate::number::{from_db, to_db};
use crate::trust::Trust;

/// How far each grant on a holding is, since when it is decided, and until when it may last.
type Grants = BTreeMap<RequestId, (GrantPhase, Timestamp, Timestamp)>;

/// Folds the records of the requests on this holding, each proven to be in the signed tree, and compares what
/// they come to with `state`, whose rows were judged by their seals already.
///
/// Proofs rather than a walk over the whole log: the nodes they need lie in about log2(size) rows, found by
/// key, so this stays quick when the log is years old. That no record was left out follows from the seals,
/// which only a holder of the key can have made.
pub(super) async fn holding<C: ConnectionTrait>(
    connection: &C,
    trust: &Trust,
    state: &State,
    id: &HoldingId,
) -> Result<Holding, StoreError> {
    let holding = state
        .holdings
        .get(id)
        .cloned()
        .unwrap_or_else(|| Holding::new(id.clone()));
    let requests: BTreeSet<RequestId> = holding.grants.keys().copied().collect();
    let of_requests = requests.iter().map(|id| to_db(id.number()));
    let mut which = Condition::any().add(event::Column::Request.is_in(of_requests));
    if let Some(leftover) = &holding.leftover {
        which = which.add(event::Column::Seq.eq(to_db(leftover.seq)));
    }
    let rows = event::Entity::find()
        .filter(which)
        .order_by_asc(event::Column::Seq)
        .all(connection)
        .await?;
    let seqs: Vec<u64> = rows.iter().map(|row| from_db(row.seq)).collect();
    let nodes = nodes::load(connection, Nodes::for_inclusion(&seqs, trust.head.size)).await?;
    let mut folded = State::default();
    for row in &rows {
        let seq = from_db(row.seq);
        let broken = || StoreError::Untrusted(Distrust::Record(seq));
        let leaf = TreeHash::of_leaf(&row.bytes);
        nodes
            .check_inclusion(seq, leaf, &trust.head)
            .map_err(|_| broken())?;
        let record: Record = serde_json::from_slice(&row.bytes).map_err(|_| broken())?;
        folded.apply(&record);
    }
    let differs = |what: &dyn ToString| StoreError::Untrusted(Distrust::State(what.to_string()));
    for request in requests {
        if folded.requests.get(&request) != state.requests.get(&request) {
            return Err(differs(&request));
        }
    }
    if promised(folded.holdings.get(id)) != promised(Some(&holding)) {
        return Err(differs(id));
    }
    Ok(holding)
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
