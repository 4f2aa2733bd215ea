//! The database's tables, step by step, for SQLite and PostgreSQL alike.
//!
//! A step that was released is never changed: a change to the tables is a new step.

use sea_orm_migration::prelude::*;

mod m0001_log;
mod m0002_state;
mod m0003_delivery;
mod m0004_append_only;
mod m0005_indexes;
mod rights;

pub use rights::grant_rights;

/// All steps, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_log::Migration),
            Box::new(m0002_state::Migration),
            Box::new(m0003_delivery::Migration),
            Box::new(m0004_append_only::Migration),
            Box::new(m0005_indexes::Migration),
        ]
    }
}

#[cfg(test)]
mod tests;
