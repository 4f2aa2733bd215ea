//! The record of what the app asked of the REST API.

use serde::Serialize;
use serde_json::Value;

/// One call of the REST API, or the body of an HTTP answer to an interaction, as it came in. Tokens in headers are not kept.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// Such as `POST`.
    pub method: String,
    /// Such as `/channels/1/messages`, without the query and the version of the API.
    pub path: String,
    /// Its body; `Null` if there was none.
    pub body: Value,
    /// The status of the answer.
    pub status: u16,
    /// Whether it was carried out.
    pub ok: bool,
    /// Discord's own code of the fault if it was not.
    pub code: Option<u32>,
    /// When it came in, in milliseconds since the Unix epoch.
    pub at_ms: i64,
}
