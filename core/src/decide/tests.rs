//! The rules of a grant's life, as facts.

mod approving;
mod asking;
mod confirming;
mod ending;
mod histories;
mod house;
mod linking;
mod reconciling;
mod reporting;
mod reviewing;
mod ruling_again;
mod silence;
mod table;
pub(crate) mod world;
