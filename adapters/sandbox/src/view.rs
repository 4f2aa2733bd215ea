//! A modal that somebody has open, or their Home tab.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use crate::control;
use crate::options::Options;

/// What people entered: block id, then action id, then the state of that element.
pub(crate) type Entries = BTreeMap<String, BTreeMap<String, Value>>;

/// A modal that somebody has open, or their Home tab.
#[derive(Clone, Debug, Serialize)]
pub struct View {
    /// Such as `V0123456789`.
    pub id: String,
    /// Who sees it.
    pub user: String,
    /// As the app sent it, with the ids and flags that Slack fills in.
    pub content: Value,
    /// Changes with every change of the view.
    pub hash: String,
    /// The first view of its stack.
    pub root_id: String,
    /// The view below it.
    pub previous_id: Option<String>,
    /// Faults the app found in the last submission, by block id.
    pub errors: BTreeMap<String, String>,
    #[serde(skip)]
    pub(crate) entries: Entries,
    /// Options the app offered to an external select, by block and action id.
    #[serde(skip)]
    pub(crate) offered: BTreeMap<(String, String), Vec<Value>>,
}

impl View {
    /// Its blocks.
    pub fn blocks(&self) -> &[Value] {
        self.content["blocks"].as_array().map_or(&[], Vec::as_slice)
    }

    /// Its title.
    pub fn title(&self) -> &str {
        self.content["title"]["text"].as_str().unwrap_or_default()
    }

    /// What the app calls it.
    pub fn callback_id(&self) -> &str {
        self.content["callback_id"].as_str().unwrap_or_default()
    }

    /// All text that a reader sees in its blocks.
    pub fn shown(&self) -> String {
        crate::look::shown(self.blocks())
    }

    /// The labels of its buttons, in order.
    pub fn buttons(&self) -> Vec<String> {
        control::buttons(self.blocks())
    }

    /// The value of each of its elements, as `state.values` in payloads.
    pub fn values(&self) -> Value {
        control::values(self.blocks(), &self.entries)
    }

    /// As the Web API and payloads carry it.
    pub(crate) fn to_json(&self, options: &Options) -> Value {
        let mut json = self.content.as_object().cloned().unwrap_or_default();
        let mut put = |key: &str, value: Value| json.insert(key.into(), value);
        put("id", self.id.clone().into());
        put("team_id", options.team.id.clone().into());
        put("state", json!({"values": self.values()}));
        put("hash", self.hash.clone().into());
        put("root_view_id", self.root_id.clone().into());
        put("previous_view_id", self.previous_id.clone().into());
        put("app_id", options.app.id.clone().into());
        put("app_installed_team_id", options.team.id.clone().into());
        put("bot_id", options.app.bot_id.clone().into());
        Value::Object(json)
    }
}
