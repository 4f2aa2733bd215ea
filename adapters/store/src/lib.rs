//! The store: the log, what follows from it, what falls due, what comes in and what goes out, on SQLite or
//! PostgreSQL.
//!
//! [`Store::submit`] is the only way anything is decided: the appender reads the newest state under a lock,
//! judges that nobody else wrote it, decides, and commits events and all that follows from them at once.

mod appender;
mod audit;
mod card;
mod checkpoint;
pub mod crash;
mod database;
mod dead;
mod distrust;
mod due;
mod entity;
mod error;
mod examine;
mod history;
mod inbox;
mod listen;
mod nodes;
mod number;
mod outbox;
mod policies;
mod pulse;
mod read;
mod record;
mod rows;
mod seal;
mod store;
mod submission;
mod text;
mod trust;
mod write;

pub use appender::{COMMITS, Folded, Status, Verdict};
pub use audit::Audited;
pub use card::DrawnCard;
pub use checkpoint::{keep_checkpoint, read_checkpoint};
pub use database::{Database, Step};
pub use dead::Freed;
pub use distrust::Distrust;
pub use due::Due;
pub use error::StoreError;
pub use examine::Surroundings;
pub use history::History;
pub use inbox::{Arrival, ClaimedAct, Received};
pub use outbox::{Claimed, Handed, Hold, Holds, Settled, Waiting};
pub use pulse::Tally;
pub use read::{Pages, Suspect, Which};
pub use store::{Options, Store};
pub use submission::{Committed, Decide, LogMark, PolicyText, Submission};

#[cfg(test)]
mod tests;
