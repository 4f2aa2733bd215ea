//! The log: records as bytes, the signed head, and what lies beside it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary, small_integer, text, text_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let event = Table::create()
            .table("event")
            .col(big_integer("seq").primary_key())
            .col(binary("bytes"))
            .col(binary("nodes"))
            .col(big_integer_null("request"))
            .col(big_integer("at"))
            .take();
        manager.create_table(event).await?;
        let by_request = Index::create()
            .name("event_by_request")
            .table("event")
            .col("request")
            .col("seq")
            .take();
        manager.create_index(by_request).await?;

        let head = Table::create()
            .table("head")
            .col(small_integer("id").primary_key())
            .col(big_integer("size"))
            .col(text("note"))
            .col(binary("frontier"))
            .col(big_integer("next_request"))
            .col(big_integer("newest_at"))
            .col(binary("seal"))
            .check(Expr::col("id").eq(1))
            .take();
        manager.create_table(head).await?;

        let free_text = Table::create()
            .table("free_text")
            .col(text("hash").primary_key())
            .col(text_null("salt"))
            .col(text_null("body"))
            .take();
        manager.create_table(free_text).await?;

        let policy = Table::create()
            .table("policy")
            .col(text("hash").primary_key())
            .col(text("body"))
            .col(big_integer("kept_at"))
            .take();
        manager.create_table(policy).await
    }
}
