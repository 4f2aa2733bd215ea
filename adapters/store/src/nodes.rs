//! Nodes of the tree as they are kept with the records that completed them.

use std::collections::BTreeSet;

use breakglass_core::log::{HASH_BYTES, Nodes, TreeHash};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::entity::event;
use crate::error::StoreError;
use crate::number::{from_db, to_db};

/// How many values a query names at most.
pub(crate) const IN_LIST_MAX: usize = 500;

pub(crate) fn to_bytes(nodes: &[TreeHash]) -> Vec<u8> {
    nodes.iter().flat_map(|node| *node.as_bytes()).collect()
}

pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Vec<TreeHash>, StoreError> {
    match bytes.as_chunks::<HASH_BYTES>() {
        (nodes, []) => Ok(nodes.iter().copied().map(TreeHash::from).collect()),
        _ => Err(StoreError::Malformed("a node of the tree")),
    }
}

/// Reads the nodes that were kept with these records. Those of a record that was dropped or spoilt are not there,
/// so that what needs them can't be proven.
pub(crate) async fn load<C: ConnectionTrait>(
    connection: &C,
    seqs: BTreeSet<u64>,
) -> Result<Nodes, StoreError> {
    let seqs: Vec<i64> = seqs.into_iter().map(to_db).collect();
    let mut nodes = Nodes::new();
    for some in seqs.chunks(IN_LIST_MAX) {
        let rows: Vec<(i64, Vec<u8>)> = event::Entity::find()
            .select_only()
            .columns([event::Column::Seq, event::Column::Nodes])
            .filter(event::Column::Seq.is_in(some.iter().copied()))
            .into_tuple()
            .all(connection)
            .await?;
        for (seq, kept) in rows {
            nodes.insert(from_db(seq), &from_bytes(&kept).unwrap_or_default());
        }
    }
    Ok(nodes)
}
