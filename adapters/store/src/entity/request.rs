//! A request as its events have left it, with columns for what is searched.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "request")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: i64,
    pub(crate) version: i64,
    pub(crate) as_of: i64,
    pub(crate) open: bool,
    pub(crate) seal: Vec<u8>,
    #[sea_orm(column_type = "Text")]
    pub(crate) phase: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) review: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) requester: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) beneficiary: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) target: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) holding: String,
    pub(crate) requested_at: i64,
    pub(crate) denied_at: Option<i64>,
    pub(crate) active_at: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub(crate) body: String,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
