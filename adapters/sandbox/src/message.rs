//! A message in a channel, a thread or a direct message.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::options::Options;
use crate::state::State;
use crate::workspace::Workspace;

/// What was said, by whom and where.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    /// The channel or direct message it stands in.
    pub channel: String,
    /// Its time stamp, which is its id within the channel.
    pub ts: String,
    /// The message whose thread it belongs to; its own `ts` for the head of a thread.
    pub thread_ts: Option<String>,
    /// Whether a reply is shown in the channel as well.
    pub broadcast: bool,
    /// User id of the author.
    pub author: String,
    /// The fallback text, or all there is when there are no blocks.
    pub text: String,
    /// Block Kit blocks, with the ids and flags that Slack fills in.
    pub blocks: Vec<Value>,
    /// The one person who sees it; everybody in the channel if absent.
    pub only_for: Option<String>,
    /// When it was last edited, as a time stamp.
    pub edited_ts: Option<String>,
    /// The app's own metadata.
    pub metadata: Option<Value>,
}

/// Where a message is found.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct MessageId {
    /// The channel or direct message it stands in.
    pub channel: String,
    /// Its time stamp.
    pub ts: String,
}

impl From<&Message> for MessageId {
    fn from(message: &Message) -> Self {
        Self {
            channel: message.channel.clone(),
            ts: message.ts.clone(),
        }
    }
}

impl Message {
    /// A message of the app that is not posted yet.
    pub(crate) fn draft(
        state: &mut State,
        workspace: &Workspace,
        channel: &str,
        text: String,
        blocks: Vec<Value>,
    ) -> Self {
        Self {
            channel: channel.to_owned(),
            ts: state.next_ts(workspace.now_ms()),
            thread_ts: None,
            broadcast: false,
            author: workspace.options.app.bot_user.clone(),
            text,
            blocks,
            only_for: None,
            edited_ts: None,
            metadata: None,
        }
    }

    /// Whether it stands in a thread below another message.
    pub fn is_reply(&self) -> bool {
        self.thread_ts.as_ref().is_some_and(|head| *head != self.ts)
    }

    /// All text that a reader sees: that of the blocks, or the fallback when there are none.
    pub fn shown(&self) -> String {
        if self.blocks.is_empty() {
            return self.text.clone();
        }
        crate::look::shown(&self.blocks)
    }

    /// The labels of its buttons, in order.
    pub fn buttons(&self) -> Vec<String> {
        crate::control::buttons(&self.blocks)
    }

    /// As the Web API and payloads carry it.
    pub(crate) fn to_json(&self, options: &Options) -> Value {
        let mut json = Map::new();
        json.insert("type".into(), "message".into());
        json.insert("user".into(), self.author.clone().into());
        json.insert("ts".into(), self.ts.clone().into());
        json.insert("text".into(), self.text.clone().into());
        json.insert("team".into(), options.team.id.clone().into());
        if self.author == options.app.bot_user {
            json.insert("bot_id".into(), options.app.bot_id.clone().into());
            json.insert("app_id".into(), options.app.id.clone().into());
            json.insert("bot_profile".into(), bot_profile(options));
        }
        if !self.blocks.is_empty() {
            json.insert("blocks".into(), self.blocks.clone().into());
        }
        if let Some(head) = &self.thread_ts {
            json.insert("thread_ts".into(), head.clone().into());
        }
        if let Some(metadata) = &self.metadata {
            json.insert("metadata".into(), metadata.clone());
        }
        if let Some(ts) = &self.edited_ts {
            json.insert("edited".into(), json!({"user": self.author, "ts": ts}));
        }
        Value::Object(json)
    }
}

fn bot_profile(options: &Options) -> Value {
    json!({
        "id": options.app.bot_id,
        "app_id": options.app.id,
        "user_id": options.app.bot_user,
        "name": options.app.name,
        "deleted": false,
        "updated": 0,
        "team_id": options.team.id,
    })
}
