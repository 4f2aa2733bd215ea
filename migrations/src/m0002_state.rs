//! What the events come to: requests, holdings, the house, and what falls due when.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary, boolean, small_integer, text,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        requests(manager).await?;
        let holding = Table::create()
            .table("holding")
            .col(text("key").primary_key())
            .col(big_integer("version"))
            .col(big_integer("as_of"))
            .col(boolean("open"))
            .col(binary("seal"))
            .col(text("body"))
            .take();
        manager.create_table(holding).await?;
        index(manager, "holding_by_as_of", "holding", &["as_of"]).await?;
        index(manager, "holding_open", "holding", &["open"]).await?;

        let house = Table::create()
            .table("house")
            .col(small_integer("id").primary_key())
            .col(big_integer("version"))
            .col(big_integer("as_of"))
            .col(binary("seal"))
            .col(text("body"))
            .check(Expr::col("id").eq(1))
            .take();
        manager.create_table(house).await?;

        let deadline = Table::create()
            .table("deadline")
            .col(big_integer("request"))
            .col(text("kind"))
            .col(big_integer("at"))
            .primary_key(Index::create().col("request").col("kind"))
            .take();
        manager.create_table(deadline).await?;
        index(manager, "deadline_by_at", "deadline", &["at"]).await
    }
}

async fn requests(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let request = Table::create()
        .table("request")
        .col(big_integer("id").primary_key())
        .col(big_integer("version"))
        .col(big_integer("as_of"))
        .col(boolean("open"))
        .col(binary("seal"))
        .col(text("phase"))
        .col(text("review"))
        .col(text("requester"))
        .col(text("beneficiary"))
        .col(text("target"))
        .col(text("holding"))
        .col(big_integer("requested_at"))
        .col(big_integer_null("denied_at"))
        .col(big_integer_null("active_at"))
        .col(text("body"))
        .take();
    manager.create_table(request).await?;
    index(manager, "request_by_as_of", "request", &["as_of"]).await?;
    index(manager, "request_open", "request", &["open"]).await?;
    index(
        manager,
        "request_by_requester",
        "request",
        &["requester", "requested_at"],
    )
    .await?;
    index(
        manager,
        "request_by_beneficiary",
        "request",
        &["beneficiary", "requested_at"],
    )
    .await?;
    index(manager, "request_by_holding", "request", &["holding"]).await
}

async fn index(
    manager: &SchemaManager<'_>,
    name: &'static str,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let mut index = Index::create();
    index.name(name).table(table);
    for &column in columns {
        index.col(column);
    }
    manager.create_index(index).await
}
