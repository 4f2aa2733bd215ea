//! What came in from a chat, by its replay key, written down before it is acknowledged.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inbox")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub(crate) id: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) platform: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) payload: String,
    pub(crate) received_at: i64,
    pub(crate) handled_at: Option<i64>,
    pub(crate) claimed_until: i64,
    #[sea_orm(column_type = "Text")]
    pub(crate) claimed_by: Option<String>,
    pub(crate) attempts: i32,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
