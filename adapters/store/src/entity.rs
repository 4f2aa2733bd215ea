//! The tables as the ORM sees them, one a file. What they mean is for the modules that use them.

pub(crate) mod card;
pub(crate) mod deadline;
pub(crate) mod event;
pub(crate) mod free_text;
pub(crate) mod head;
pub(crate) mod holding;
pub(crate) mod house;
pub(crate) mod inbox;
pub(crate) mod last_start;
pub(crate) mod outbox;
pub(crate) mod policy;
pub(crate) mod request;
