//! Policy evaluation and the life of a grant, as pure functions: no I/O, no clock, no randomness.

pub mod document;
pub mod fact;
pub mod id;
pub mod intent;
pub mod log;
pub mod notice;
pub mod port;
pub mod ruling;
pub mod text;
pub mod time;
