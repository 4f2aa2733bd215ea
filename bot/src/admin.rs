//! The admin socket: operators' commands to the running server, on a Unix socket that only its own user and
//! root can open.
//!
//! One JSON object a line each way, each with the protocol's version. Who asks is what the kernel says of the
//! peer, never what the peer says of itself. No command approves, reviews, or moves a date: what isn't in
//! [`AdminRequest`] can't be asked.

mod client;
mod operator;
mod protocol;
mod server;
mod view;

use async_trait::async_trait;

pub use client::{AskError, ask};
pub use operator::Operator;
pub use protocol::{AdminRequest, AdminResponse, PROTOCOL_VERSION, Scope, Which};
pub use server::{AdminSocket, BindError};
pub use view::{ActorLine, ApprovalLine, HouseLine, RequestLine, ReviewLine};

/// What answers operators: the engine of a running server, or, when that is down, the store itself.
#[async_trait]
pub trait AdminService: Send + Sync {
    /// Carries it out in this operator's name, or says why not.
    async fn answer(&self, operator: &Operator, request: AdminRequest) -> AdminResponse;
}

#[cfg(test)]
mod tests;
