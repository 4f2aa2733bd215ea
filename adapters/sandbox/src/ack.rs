//! What the app answers when something is delivered to it.

use std::time::Duration;

use serde_json::Value;

/// The app's acknowledgement.
#[derive(Clone, Debug, PartialEq)]
pub struct Ack {
    /// What it answered with; `Null` for a bare acknowledgement.
    pub payload: Value,
    /// How long it took.
    pub took: Duration,
}

/// Why a delivery was not acknowledged. The person who acted is told that the app failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// No socket is open, or nothing listens at the app's address.
    #[error("the app is not connected")]
    NotConnected,
    /// No acknowledgement in time.
    #[error("the app did not acknowledge in time")]
    TimedOut,
    /// The connection went away before the acknowledgement.
    #[error("the connection to the app was lost")]
    ConnectionLost,
    /// The app answered with an HTTP status other than 200.
    #[error("the app answered with status {0}")]
    Status(u16),
}

impl Undelivered {
    /// The code that people see in Slack: `… failed with the error "dispatch_failed"`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TimedOut => "operation_timeout",
            Self::NotConnected | Self::ConnectionLost | Self::Status(_) => "dispatch_failed",
        }
    }
}
