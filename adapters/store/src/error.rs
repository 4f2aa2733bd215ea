//! Why the store couldn't do what it was asked; for operators.

use sea_orm::DbErr;

use crate::distrust::Distrust;

/// Why the store couldn't do what it was asked. A refusal is not an error.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The database doesn't answer or says no. Nothing was changed.
    #[error("the database failed")]
    Database(#[from] DbErr),
    /// What the database holds is not what we signed: nothing is granted.
    #[error("the log or what follows from it can't be trusted: {0}")]
    Untrusted(Distrust),
    /// Whether it was written is not known, and the database doesn't tell.
    #[error("the database went away while it was writing, so it is not known whether it did")]
    OutcomeUnknown,
    /// A row that no version of us wrote.
    #[error("{0} in the database can't be read")]
    Malformed(&'static str),
    /// There is no such thing.
    #[error("there is no {0}")]
    Missing(&'static str),
    /// The store is shutting down.
    #[error("the store is closed")]
    Closed,
}
