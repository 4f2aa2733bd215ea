//! An effect that waits to be carried out, written in the commit that demands it.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: i64,
    #[sea_orm(column_type = "Text")]
    pub(crate) key: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) platform: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) body: String,
    pub(crate) seq: i64,
    pub(crate) wanted: i64,
    pub(crate) due_at: i64,
    pub(crate) attempts: i32,
    pub(crate) claimed_until: i64,
    #[sea_orm(column_type = "Text")]
    pub(crate) claimed_by: Option<String>,
    pub(crate) fence: i64,
    #[sea_orm(column_type = "Text")]
    pub(crate) trouble: Option<String>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
