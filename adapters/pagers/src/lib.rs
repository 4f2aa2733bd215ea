//! Adapters to what wakes people up: one file per kind of pager. `docs/pagers.md` is their contract.

pub mod command;
pub mod webhook;
