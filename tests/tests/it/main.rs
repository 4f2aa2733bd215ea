//! Everything that needs more than one crate, in one binary so that it links once.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed; lints see that only inside #[test] functions"
)]

mod architecture;
mod conformance;
mod crash;
mod first_light;
mod outage;
mod postgres;
mod running;
mod server;
mod slack_adapter;
