//! Everything that needs more than one crate, in one binary so that it links once.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed; lints see that only inside #[test] functions"
)]

/// Each test in each setting, as a test of its own.
macro_rules! in_each {
    ($settings:tt: $names:tt) => { in_each!(@each $settings $names); };
    (@each [$($module:ident = $setting:expr),* $(,)?] $names:tt) => {
        $(in_each!(@setting $module $setting, $names);)*
    };
    (@setting $module:ident $setting:expr, [$($name:ident),* $(,)?]) => {
        mod $module {
            use crate::company::Setting;
            $(#[tokio::test]
            async fn $name() { super::$name($setting).await; })*
        }
    };
}

mod architecture;
mod clock;
mod company;
mod conformance;
mod crash;
mod desk;
mod discord_adapter;
mod distrust;
mod faults;
mod guarantees;
mod model;
mod outage;
mod postgres;
mod races;
mod replicas;
mod running;
mod scenario;
mod scene;
mod screens;
mod server;
mod slack_adapter;
mod tampering;
