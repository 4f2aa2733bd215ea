//! Free text and policies: kept beside the log, which has their hashes.

use breakglass_core::id::PolicyHash;
use breakglass_core::text::{Text, TextHash};
use breakglass_core::time::Timestamp;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::database::Flush;
use crate::entity::{free_text, last_start, policy};
use crate::error::StoreError;
use crate::policies::{hash_of, text_of};
use crate::store::Store;
use crate::submission::PolicyText;

impl Store {
    /// What somebody typed; absent once it was erased, or if it isn't what the log has the hash of.
    pub async fn text(&self, hash: &TextHash) -> Result<Option<Text>, StoreError> {
        let row = free_text::Entity::find_by_id(hash.as_str())
            .one(&self.database().reader)
            .await?;
        let text = row.and_then(|row| Some(Text::stored(row.salt?, row.body?)));
        Ok(text.filter(|text| text.hash() == *hash))
    }

    /// Erases a text and its salt, so that nobody can find out any more what it was. The log still verifies.
    pub async fn erase_text(&self, hash: &TextHash) -> Result<bool, StoreError> {
        let hash = hash.as_str().to_owned();
        self.writer()
            .write(Flush::Now, move |transaction| {
                Box::pin(async move {
                    let erased = free_text::Entity::update_many()
                        .col_expr(free_text::Column::Salt, Expr::value(None::<String>))
                        .col_expr(free_text::Column::Body, Expr::value(None::<String>))
                        .filter(free_text::Column::Hash.eq(hash))
                        .exec(transaction)
                        .await?;
                    Ok(erased.rows_affected > 0)
                })
            })
            .await
    }

    /// Keeps the whole text of a policy, before it is put in force, and gives its hash.
    pub async fn keep_policy(&self, body: &str, now: Timestamp) -> Result<PolicyHash, StoreError> {
        let hash = hash_of(body);
        let row = policy::Model {
            hash: hash.as_str().to_owned(),
            body: body.to_owned(),
            kept_at: now.millis(),
        };
        self.writer()
            .write(Flush::Now, move |transaction| {
                Box::pin(async move {
                    let or_nothing = OnConflict::column(policy::Column::Hash)
                        .do_nothing()
                        .to_owned();
                    policy::Entity::insert(row.into_active_model())
                        .on_conflict(or_nothing)
                        .exec_without_returning(transaction)
                        .await?;
                    Ok(())
                })
            })
            .await?;
        Ok(hash)
    }

    /// The whole text of a policy that was kept; checked to be the one that the hash is of.
    pub async fn policy(&self, hash: &PolicyHash) -> Result<Option<PolicyText>, StoreError> {
        let row = policy::Entity::find_by_id(hash.as_str())
            .one(&self.database().reader)
            .await?;
        row.map(text_of).transpose()
    }

    /// What [`Self::keep_start`] was given last.
    pub async fn last_start(&self) -> Result<Option<String>, StoreError> {
        let row = last_start::Entity::find_by_id(1_i16)
            .one(&self.database().reader)
            .await?;
        Ok(row.map(|row| row.body))
    }

    /// Remembers what the server is now, to tell at the next start what changed.
    pub async fn keep_start(&self, body: &str, now: Timestamp) -> Result<(), StoreError> {
        let row = last_start::Model {
            id: 1,
            at: now.millis(),
            body: body.to_owned(),
        };
        self.writer()
            .write(Flush::Now, move |transaction| {
                Box::pin(async move {
                    let or_update = OnConflict::column(last_start::Column::Id)
                        .update_columns([last_start::Column::At, last_start::Column::Body])
                        .to_owned();
                    last_start::Entity::insert(row.into_active_model())
                        .on_conflict(or_update)
                        .exec_without_returning(transaction)
                        .await?;
                    Ok(())
                })
            })
            .await
    }
}
