//! The harness that the integration tests share: throw-away databases and logins on real servers.

pub mod postgres;
