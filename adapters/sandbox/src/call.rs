//! The record of what the app asked of the Web API.

use serde::Serialize;
use serde_json::Value;

/// One call of the Web API, an answer to a response URL, or what an acknowledgement carried, as it
/// came in. Tokens are not kept.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// Such as `chat.postMessage`; `response_url`; `ack.view_submission`.
    pub method: String,
    /// Its arguments, with JSON in strings already decoded.
    pub body: Value,
    /// Whether it was carried out.
    pub ok: bool,
    /// The error code if it was not.
    pub error: Option<String>,
    /// When it came in, in milliseconds since the Unix epoch.
    pub at_ms: i64,
}
