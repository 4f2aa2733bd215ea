//! The harness that the integration tests share: throw-away databases, logins and roles on real servers, and
//! the network between.

pub mod effort;
pub mod kept;
pub mod place;
pub mod port;
pub mod postgres;
pub mod proxy;
pub mod small_disk;
pub mod statements;
