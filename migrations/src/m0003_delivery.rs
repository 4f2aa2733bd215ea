//! What comes in and what goes out: the inbox, the outbox, the cards that were drawn, and the last start.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, integer, small_integer, text, text_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        inbox(manager).await?;
        outbox(manager).await?;
        let card = Table::create()
            .table("card")
            .col(text("platform"))
            .col(text("kind"))
            .col(big_integer("request"))
            .col(text("channel"))
            .col(text("message"))
            .col(big_integer("drawn"))
            .primary_key(Index::create().col("platform").col("kind").col("request"))
            .take();
        manager.create_table(card).await?;
        let by_message = Index::create()
            .name("card_by_message")
            .table("card")
            .col("platform")
            .col("channel")
            .col("message")
            .take();
        manager.create_index(by_message).await?;

        let last_start = Table::create()
            .table("last_start")
            .col(small_integer("id").primary_key())
            .col(big_integer("at"))
            .col(text("body"))
            .check(Expr::col("id").eq(1))
            .take();
        manager.create_table(last_start).await
    }
}

async fn inbox(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let inbox = Table::create()
        .table("inbox")
        .col(text("id").primary_key())
        .col(text("platform"))
        .col(text("payload"))
        .col(big_integer("received_at"))
        .col(big_integer_null("handled_at"))
        .col(big_integer("claimed_until").default(0))
        .col(text_null("claimed_by"))
        .col(integer("attempts").default(0))
        .take();
    manager.create_table(inbox).await?;
    let waiting = Index::create()
        .name("inbox_waiting")
        .table("inbox")
        .col("handled_at")
        .col("received_at")
        .take();
    manager.create_index(waiting).await
}

async fn outbox(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let outbox = Table::create()
        .table("outbox")
        .col(big_pk_auto("id"))
        .col(text("key"))
        .col(text("platform"))
        .col(text("body"))
        .col(big_integer("seq"))
        .col(big_integer("wanted"))
        .col(big_integer("due_at"))
        .col(integer("attempts").default(0))
        .col(big_integer("claimed_until").default(0))
        .col(text_null("claimed_by"))
        .col(big_integer("fence").default(0))
        .col(text_null("trouble"))
        .take();
    manager.create_table(outbox).await?;
    let by_key = Index::create()
        .name("outbox_by_key")
        .table("outbox")
        .col("key")
        .unique()
        .take();
    manager.create_index(by_key).await
}
