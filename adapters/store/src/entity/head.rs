//! The one row that says how long the log is and what it comes to; whoever appends locks it first.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "head")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: i16,
    pub(crate) size: i64,
    #[sea_orm(column_type = "Text")]
    pub(crate) note: String,
    pub(crate) frontier: Vec<u8>,
    pub(crate) next_request: i64,
    pub(crate) newest_at: i64,
    pub(crate) seal: Vec<u8>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
