//! Following what other replicas committed, without believing the database.

use breakglass_core::id::RequestId;
use breakglass_core::log::TreeHash;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Changes, Successor, Trust, kept};
use crate::distrust::Distrust;
use crate::entity::{event, head, holding, house, request};
use crate::error::StoreError;
use crate::number::{from_db, to_db};
use crate::seal::RowKey;

/// How many records are read at once.
const RECORDS_AT_ONCE: u64 = 1000;

impl Trust {
    /// Brings itself up to the head that was just read and is locked. What lies between must be exactly what
    /// the signed root and the seal are over.
    pub(crate) async fn catch_up<C: ConnectionTrait>(
        &mut self,
        connection: &C,
        row: &head::Model,
    ) -> Result<(), StoreError> {
        if row.note != self.note {
            let next = self.read_next(connection, row).await?;
            self.accept(next);
        } else if from_db(row.next_request) != self.next_request
            || row.newest_at != self.newest_at.millis()
        {
            return Err(StoreError::Untrusted(Distrust::State(
                "the head".to_owned(),
            )));
        }
        self.check_end(connection).await
    }

    /// Nothing may stand behind the end of the signed log.
    async fn check_end<C: ConnectionTrait>(&self, connection: &C) -> Result<(), StoreError> {
        let newest: Option<i64> = event::Entity::find()
            .select_only()
            .column(event::Column::Seq)
            .order_by_desc(event::Column::Seq)
            .limit(1)
            .into_tuple()
            .one(connection)
            .await?;
        let newest = newest.map_or(0, from_db);
        if newest > self.head.size {
            return Err(StoreError::Untrusted(Distrust::Added(self.head.size + 1)));
        }
        if newest < self.head.size {
            return Err(StoreError::Untrusted(Distrust::Record(self.head.size)));
        }
        Ok(())
    }

    async fn read_next<C: ConnectionTrait>(
        &self,
        connection: &C,
        row: &head::Model,
    ) -> Result<Successor, StoreError> {
        let head = self.open_head(row).map_err(StoreError::Untrusted)?;
        let mut frontier = self.frontier.clone();
        while frontier.size() < head.size {
            let last = head.size.min(frontier.size() + RECORDS_AT_ONCE);
            for (seq, bytes) in records(connection, frontier.size(), last).await? {
                frontier.append(TreeHash::of_leaf(&bytes));
                if from_db(seq) != frontier.size() {
                    return Err(StoreError::Untrusted(Distrust::Record(frontier.size())));
                }
            }
            if frontier.size() != last {
                return Err(StoreError::Untrusted(Distrust::Record(frontier.size() + 1)));
            }
        }
        if frontier.root() != head.root {
            return Err(StoreError::Untrusted(Distrust::Root));
        }
        let changes = changes_since(connection, self.head.size).await?;
        self.believe(row, (head, frontier), changes)
    }
}

async fn records<C: ConnectionTrait>(
    connection: &C,
    after: u64,
    last: u64,
) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    let records = event::Entity::find()
        .select_only()
        .columns([event::Column::Seq, event::Column::Bytes])
        .filter(event::Column::Seq.gt(to_db(after)))
        .filter(event::Column::Seq.lte(to_db(last)))
        .order_by_asc(event::Column::Seq)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(records)
}

/// The rows that records after `size` changed. Which they are is for whoever wrote them to say; that none is
/// left out or made up, the head's seal tells.
async fn changes_since<C: ConnectionTrait>(
    connection: &C,
    size: u64,
) -> Result<Changes, StoreError> {
    let mut changes = Changes::new();
    let since = to_db(size);
    let requests: Vec<(i64, bool, Vec<u8>)> = request::Entity::find()
        .select_only()
        .columns([
            request::Column::Id,
            request::Column::Open,
            request::Column::Seal,
        ])
        .filter(request::Column::AsOf.gt(since))
        .into_tuple()
        .all(connection)
        .await?;
    for (id, open, seal) in requests {
        changes.insert(
            RowKey::Request(RequestId::new(from_db(id))),
            open.then(|| kept(&seal)),
        );
    }
    let holdings: Vec<(String, bool, Vec<u8>)> = holding::Entity::find()
        .select_only()
        .columns([
            holding::Column::Key,
            holding::Column::Open,
            holding::Column::Seal,
        ])
        .filter(holding::Column::AsOf.gt(since))
        .into_tuple()
        .all(connection)
        .await?;
    for (key, open, seal) in holdings {
        changes.insert(RowKey::holding(&key), open.then(|| kept(&seal)));
    }
    let houses: Vec<Vec<u8>> = house::Entity::find()
        .select_only()
        .column(house::Column::Seal)
        .filter(house::Column::AsOf.gt(since))
        .into_tuple()
        .all(connection)
        .await?;
    for seal in houses {
        changes.insert(RowKey::House, Some(kept(&seal)));
    }
    Ok(changes)
}
