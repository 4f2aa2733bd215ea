//! Everything that needs more than one crate, in one binary so that it links once.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed; lints see that only inside #[test] functions"
)]

/// A test of each name on each kind of store.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite { $(#[tokio::test] async fn $name() { super::$name(breakglass_tests::kept::Store::Sqlite).await; })* }
        mod postgres { $(#[tokio::test] async fn $name() { super::$name(breakglass_tests::kept::Store::Postgres).await; })* }
    };
}

mod architecture;
mod chat_away;
mod conformance;
mod crash;
mod desk;
mod discord_adapter;
mod distrust;
mod first_light;
mod model;
mod office;
mod outage;
mod postgres;
mod running;
mod scenario;
mod screens;
mod server;
mod slack_adapter;
mod tampering;
