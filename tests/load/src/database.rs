//! The few statements that go past the store: what a load needs to know or to have out of its way.

use sqlx::{AssertSqlSafe, Connection, Executor as _, PgConnection, SqliteConnection};

/// Forgets what waits to be carried out: the crowd has what it has, and was told long ago.
pub(crate) async fn forget_effects(url: &str) -> anyhow::Result<()> {
    let forget = "DELETE FROM outbox";
    if url.starts_with("sqlite:") {
        SqliteConnection::connect(url)
            .await?
            .execute(forget)
            .await?;
    } else {
        let mut server = PgConnection::connect(url).await?;
        server.execute(forget).await?;
        server.execute("VACUUM ANALYZE").await?;
    }
    Ok(())
}

/// What this question is answered with: a number.
pub(crate) async fn count(url: &str, question: &'static str) -> anyhow::Result<i64> {
    Ok(if url.starts_with("sqlite:") {
        let mut file = SqliteConnection::connect(url).await?;
        sqlx::query_scalar(question).fetch_one(&mut file).await?
    } else {
        let mut server = PgConnection::connect(url).await?;
        sqlx::query_scalar(question).fetch_one(&mut server).await?
    })
}

/// Runs statements on a server, one after the other.
pub(crate) async fn run(url: &str, statements: Vec<String>) -> anyhow::Result<()> {
    let mut server = PgConnection::connect(url).await?;
    for sql in statements {
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut server)
            .await?;
    }
    Ok(())
}
