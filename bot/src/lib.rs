//! The shell around the core: command line, configuration, wiring, and everything that touches the world.

pub mod admin;
pub mod chats;
pub mod check;
pub mod cli;
pub mod clock;
pub mod config;
pub mod database;
#[cfg(feature = "sandbox")]
pub mod demo;
pub mod doctor;
pub mod engine;
pub mod environment;
pub mod health;
pub mod log_key;
pub mod meter;
pub mod metered;
pub mod offline;
pub mod policy_files;
pub mod pulse;
pub mod resolve;
pub mod roster;
pub mod serve;
pub mod telemetry;
pub mod trouble;
pub mod vitals;
pub mod wording;
