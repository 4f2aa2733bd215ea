//! The store on real databases: every test runs on SQLite and on PostgreSQL unless its name says otherwise.

mod claim;
mod commit;
mod fixture;
mod flush;
mod history;
mod inbox;
mod outcome;
mod replica;
mod tamper;
mod whole;

use fixture::{Place, World};

/// One test for each database.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::tests::Place::Sqlite).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::tests::Place::Postgres).await;
            })+
        }
    };
}
pub(crate) use on_both;
