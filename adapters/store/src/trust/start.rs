//! The first look at the database: is it the one that we left?

use breakglass_core::id::RequestId;
use breakglass_core::log::{Frontier, Head, Nodes, SigningKey};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QuerySelect,
};

use super::{Changes, Successor, Trust, kept};
use crate::database::{Database, Flush};
use crate::distrust::Distrust;
use crate::entity::{event, head, holding, house, request};
use crate::error::StoreError;
use crate::nodes;
use crate::number::from_db;
use crate::seal::RowKey;

impl Trust {
    /// Looks at the whole state, in one transaction, and at as much of the log as it takes to know that it
    /// is the one that was signed and extends `checkpoint`, the newest that was kept elsewhere.
    pub(crate) async fn start(
        database: &Database,
        key: SigningKey,
        checkpoint: Option<&str>,
    ) -> Result<Self, StoreError> {
        let mut trust = Self::new(key)?;
        let transaction = database.begin(Flush::Now).await?;
        let row = match head::Entity::find_by_id(1_i16)
            .lock_exclusive()
            .one(&*transaction)
            .await?
        {
            Some(row) => row,
            None => trust.first_head(&*transaction).await?,
        };
        let next = trust.read_whole(&*transaction, &row).await?;
        trust.accept(next);
        trust.catch_up(&*transaction, &row).await?;
        if let Some(checkpoint) = checkpoint {
            trust.check_extends(&*transaction, checkpoint).await?;
        }
        database.commit(transaction).await?;
        Ok(trust)
    }

    /// The head of the empty log. Two replicas may both make it: it is the same each time.
    async fn first_head<C: ConnectionTrait>(
        &self,
        connection: &C,
    ) -> Result<head::Model, StoreError> {
        let records = event::Entity::find().count(connection).await?;
        let requests = request::Entity::find().count(connection).await?;
        let houses = house::Entity::find().count(connection).await?;
        if records + requests + houses > 0 {
            return Err(StoreError::Untrusted(Distrust::NoHead));
        }
        let first = self.next(
            self.frontier.clone(),
            (self.next_request, self.newest_at),
            Changes::new(),
        )?;
        let row = self.row(&first);
        head::Entity::insert(row.clone().into_active_model())
            .on_conflict(OnConflict::column(head::Column::Id).do_nothing().to_owned())
            .exec_without_returning(connection)
            .await?;
        head::Entity::find_by_id(1_i16)
            .lock_exclusive()
            .one(connection)
            .await?
            .ok_or(StoreError::Untrusted(Distrust::NoHead))
    }

    /// The edge of the tree is kept with the head, and believed since its root is the signed one; the open
    /// rows are believed since their seals are what the head's seal is over.
    async fn read_whole<C: ConnectionTrait>(
        &self,
        connection: &C,
        row: &head::Model,
    ) -> Result<Successor, StoreError> {
        let head = self.open_head(row).map_err(StoreError::Untrusted)?;
        let frontier = Frontier::from_bytes(&row.frontier)
            .map_err(|_| StoreError::Untrusted(Distrust::Root))?;
        if (frontier.size(), frontier.root()) != (head.size, head.root) {
            return Err(StoreError::Untrusted(Distrust::Root));
        }
        let changes = open_rows(connection).await?;
        self.believe(row, (head, frontier), changes)
    }

    /// Checks that the log begins with the one that `checkpoint` was signed for.
    pub(crate) async fn check_extends<C: ConnectionTrait>(
        &self,
        connection: &C,
        checkpoint: &str,
    ) -> Result<(), StoreError> {
        let untrusted = |distrust: Distrust| StoreError::Untrusted(distrust);
        let older = Head::open(checkpoint, self.key.verifying_key())
            .map_err(|error| untrusted(error.into()))?;
        if older.size > self.head.size {
            return Err(untrusted(Distrust::Cut {
                size: self.head.size,
                older: older.size,
            }));
        }
        let needed = Nodes::for_extension(older.size, self.head.size);
        let nodes = nodes::load(connection, needed).await?;
        nodes
            .check_extension(&older, &self.head)
            .map_err(|_| untrusted(Distrust::Forked { older: older.size }))
    }
}

async fn open_rows<C: ConnectionTrait>(connection: &C) -> Result<Changes, StoreError> {
    let mut rows = Changes::new();
    let requests: Vec<(i64, Vec<u8>)> = request::Entity::find()
        .select_only()
        .columns([request::Column::Id, request::Column::Seal])
        .filter(request::Column::Open.eq(true))
        .into_tuple()
        .all(connection)
        .await?;
    for (id, seal) in requests {
        rows.insert(
            RowKey::Request(RequestId::new(from_db(id))),
            Some(kept(&seal)),
        );
    }
    let holdings: Vec<(String, Vec<u8>)> = holding::Entity::find()
        .select_only()
        .columns([holding::Column::Key, holding::Column::Seal])
        .filter(holding::Column::Open.eq(true))
        .into_tuple()
        .all(connection)
        .await?;
    for (key, seal) in holdings {
        rows.insert(RowKey::holding(&key), Some(kept(&seal)));
    }
    let house: Option<Vec<u8>> = house::Entity::find()
        .select_only()
        .column(house::Column::Seal)
        .into_tuple()
        .one(connection)
        .await?;
    if let Some(seal) = house {
        rows.insert(RowKey::House, Some(kept(&seal)));
    }
    Ok(rows)
}
