//! The rules of a grant's life, as facts.

mod approving;
mod asking;
mod confirming;
mod ending;
mod house;
mod reporting;
mod reviewing;
mod ruling_again;
pub(crate) mod world;
