//! What the core expects of the world: the traits that adapters implement.

pub mod chat;
pub mod pager;
pub mod provisioner;
