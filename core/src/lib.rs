//! Policy evaluation and the life of a grant, as pure functions: no I/O, no clock, no randomness.
//!
//! Everything that changes anything goes through one door, [`decide()`]: a [`Command`](command::Command)
//! and the [`Facts`](fact::Facts) looked up for it become events or a [`Refusal`](refusal::Refusal).
//! The state is a fold of the events; what the shell must do follows from [`react()`].

pub mod fact;
pub mod id;
pub mod port;
pub mod ruling;
pub mod time;
