//! Why a call was not carried out, in the codes that Slack documents.

use serde_json::{Value, json};

/// Why a call was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    /// Such as `channel_not_found`.
    pub(crate) code: String,
    /// The scopes of which one is missing, and those the token has.
    scopes: Option<(String, String)>,
    /// What exactly is wrong with the arguments.
    messages: Vec<String>,
}

impl ApiError {
    pub(crate) fn new(code: &str) -> Self {
        Self {
            code: code.to_owned(),
            scopes: None,
            messages: Vec::new(),
        }
    }

    pub(crate) fn missing_scope(needed: &str, provided: &[String]) -> Self {
        let scopes = Some((needed.to_owned(), provided.join(",")));
        Self {
            scopes,
            ..Self::new("missing_scope")
        }
    }

    pub(crate) fn with_messages(code: &str, messages: Vec<String>) -> Self {
        Self {
            messages,
            ..Self::new(code)
        }
    }

    /// An argument is missing or of the wrong kind.
    pub(crate) fn argument(message: &str) -> Self {
        Self::with_messages("invalid_arguments", vec![format!("[ERROR] {message}")])
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut json = json!({"ok": false, "error": self.code});
        if let Some((needed, provided)) = &self.scopes {
            json["needed"] = needed.clone().into();
            json["provided"] = provided.clone().into();
        }
        if !self.messages.is_empty() {
            json["response_metadata"] = json!({"messages": self.messages});
        }
        json
    }
}
