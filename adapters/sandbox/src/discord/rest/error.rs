//! Why a call was not carried out, in the codes that Discord documents.
//!
//! <https://docs.discord.com/developers/topics/opcodes-and-status-codes#json>

use serde_json::{Value, json};

/// Why a call was not carried out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ApiError {
    /// The HTTP status.
    pub(crate) status: u16,
    /// Discord's own code; 0 for what has none.
    pub(crate) code: u32,
    message: String,
    /// What exactly is wrong, as a tree along the body.
    errors: Value,
    /// After so many seconds it may be tried again, and whether that goes for all calls.
    pub(crate) limited: Option<(f64, bool)>,
}

impl ApiError {
    pub(crate) fn new(status: u16, code: u32, message: &str) -> Self {
        Self {
            status,
            code,
            message: message.to_owned(),
            errors: Value::Null,
            limited: None,
        }
    }

    /// Too many calls of one kind.
    pub(crate) fn limited(retry_after_secs: f64) -> Self {
        Self {
            limited: Some((retry_after_secs, false)),
            ..Self::new(429, 0, "You are being rate limited.")
        }
    }

    /// Too many calls of all kinds.
    pub(crate) fn globally_limited(retry_after_secs: f64) -> Self {
        Self {
            limited: Some((retry_after_secs, true)),
            ..Self::limited(retry_after_secs)
        }
    }

    /// The body doesn't have the shape that it needs.
    pub(crate) fn invalid(errors: Value) -> Self {
        Self {
            errors,
            ..Self::new(400, 50_035, "Invalid Form Body")
        }
    }

    /// One field is wrong.
    pub(crate) fn field(field: &str, code: &str, message: &str) -> Self {
        Self::invalid(json!({field: {"_errors": [{"code": code, "message": message}]}}))
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(401, 0, "401: Unauthorized")
    }

    pub(crate) fn unknown_channel() -> Self {
        Self::new(404, 10_003, "Unknown Channel")
    }

    pub(crate) fn unknown_guild() -> Self {
        Self::new(404, 10_004, "Unknown Guild")
    }

    pub(crate) fn unknown_member() -> Self {
        Self::new(404, 10_007, "Unknown Member")
    }

    pub(crate) fn unknown_message() -> Self {
        Self::new(404, 10_008, "Unknown Message")
    }

    pub(crate) fn missing_access() -> Self {
        Self::new(403, 50_001, "Missing Access")
    }

    pub(crate) fn missing_permissions() -> Self {
        Self::new(403, 50_013, "Missing Permissions")
    }

    pub(crate) fn to_json(&self) -> Value {
        if let Some((retry_after, global)) = self.limited {
            return json!({"message": self.message, "retry_after": retry_after, "global": global});
        }
        let mut json = json!({"message": self.message, "code": self.code});
        if !self.errors.is_null() {
            json["errors"] = self.errors.clone();
        }
        json
    }
}
