//! What a modal remembers while it is open, in its private metadata: how to answer, and what it is about.

use breakglass_core::id::RequestId;
use breakglass_core::intent::{Reply, Typed};
use breakglass_core::port::chat::MessageRef;
use serde::{Deserialize, Serialize};

/// Slack's limit on private metadata, in characters.
const MEMO_MAX: usize = 3000;

/// The contents of a modal's private metadata. Slack hands it back; nothing in it is believed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Memo {
    /// Where the act that opened it can be answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    /// The message whose button opened it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<MessageRef>,
    /// The message that the request is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    /// The role as typed, as long as no target is chosen that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<String>,
    /// Asked for once more, knowingly.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) again: bool,
    /// The button that opened a short form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) about: Option<About>,
    /// What was typed, while the form can't show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) typed: Option<Typed>,
}

/// What a short form is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) button: String,
    pub(crate) request: RequestId,
    pub(crate) digest: String,
}

impl Memo {
    pub(crate) fn answering(reply: &Reply) -> Self {
        Self {
            url: reply.url.clone(),
            message: reply.message.clone(),
            ..Self::default()
        }
    }

    /// As private metadata. If it is too long, what was typed matters more than where to answer.
    pub(crate) fn write(mut self) -> String {
        let fits = |text: &String| text.encode_utf16().count() <= MEMO_MAX;
        let whole = serde_json::to_string(&self).unwrap_or_default();
        if fits(&whole) {
            return whole;
        }
        self.url = None;
        self.message = None;
        self.source = None;
        let less = serde_json::to_string(&self).unwrap_or_default();
        if fits(&less) {
            return less;
        }
        self.typed = None;
        serde_json::to_string(&self).unwrap_or_default()
    }

    pub(crate) fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }
}
