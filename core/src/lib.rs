//! Policy evaluation and the life of a grant, as pure functions: no I/O, no clock, no randomness.

pub mod command;
pub mod converge;
pub mod deadline;
pub mod decide;
pub mod dispatch;
pub mod document;
pub mod effect;
pub mod event;
pub mod fact;
pub mod id;
pub mod intent;
pub mod link;
pub mod log;
pub mod notice;
pub mod picture;
pub mod policy;
pub mod port;
pub mod quorum;
pub mod refusal;
pub mod ruling;
pub mod state;
pub mod text;
pub mod time;
