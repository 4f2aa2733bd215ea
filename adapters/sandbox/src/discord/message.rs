//! A message in a channel, a thread or a direct message.

use serde::Serialize;
use serde_json::Value;

use super::modal::text_of;

/// Only its addressee sees it: bit 6 of a message's flags.
pub(super) const EPHEMERAL: u64 = 1 << 6;
/// The app is still thinking about it: bit 7.
pub(super) const LOADING: u64 = 1 << 7;
/// A thread was started from it: bit 5.
const HAS_THREAD: u64 = 1 << 5;

/// What was said, by whom and where.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Message {
    /// Its id, a snowflake; a thread that is started from it has the same.
    pub id: String,
    /// The channel, thread or direct message it stands in.
    pub channel: String,
    /// User id of the author.
    pub author: String,
    /// Its words, in Discord's markdown.
    pub content: String,
    /// Its embeds, as they were sent.
    pub embeds: Vec<Value>,
    /// Its rows of buttons and selects, with the numbers that Discord fills in.
    pub components: Vec<Value>,
    /// Discord's flags, such as 64 for what only one person sees.
    pub flags: u64,
    /// The one person who sees it; everybody in the channel if absent.
    pub only_for: Option<String>,
    /// When it was last edited, in milliseconds since the Unix epoch.
    pub edited_at_ms: Option<i64>,
    /// User ids of those it alerts.
    pub mentions: Vec<String>,
    /// Ids of the roles it alerts.
    pub mention_roles: Vec<String>,
    /// Whether it alerts everybody.
    pub mention_everyone: bool,
    /// What the app sent to have it once.
    pub nonce: Option<Value>,
    /// What the message answers, in Discord's `interaction_metadata`; nothing for a plain message.
    pub interaction: Option<Value>,
}

/// Where a message is found.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct MessageId {
    /// The channel, thread or direct message it stands in.
    pub channel: String,
    /// Its id.
    pub id: String,
}

impl From<&Message> for MessageId {
    fn from(message: &Message) -> Self {
        Self {
            channel: message.channel.clone(),
            id: message.id.clone(),
        }
    }
}

impl Message {
    /// All text that a reader sees, one line for each piece: words, embeds, labels.
    pub fn shown(&self) -> String {
        let mut lines = vec![self.content.clone()];
        for embed in &self.embeds {
            let parts = [
                &embed["author"]["name"],
                &embed["title"],
                &embed["description"],
            ];
            lines.extend(parts.into_iter().map(text_of));
            for field in embed["fields"].as_array().into_iter().flatten() {
                lines.extend([text_of(&field["name"]), text_of(&field["value"])]);
            }
            lines.push(text_of(&embed["footer"]["text"]));
        }
        lines.extend(self.elements().map(|element| text_of(&element["label"])));
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    }

    /// The labels of its buttons, in order.
    pub fn buttons(&self) -> Vec<String> {
        let buttons = self.elements().filter(|element| element["type"] == 2);
        buttons.map(|button| text_of(&button["label"])).collect()
    }

    /// The buttons and selects in its rows, in order.
    pub(super) fn elements(&self) -> impl Iterator<Item = &Value> {
        let rows = self.components.iter();
        rows.flat_map(|row| row["components"].as_array().into_iter().flatten())
    }

    /// Whether `user` sees it, given that they see the channel.
    pub(super) fn is_for(&self, user: &str) -> bool {
        self.only_for.as_deref().is_none_or(|only| only == user)
    }

    /// Whether the app is still thinking about it.
    pub fn is_loading(&self) -> bool {
        self.flags & LOADING != 0
    }

    /// A thread was started from it.
    pub(super) fn gets_a_thread(&mut self) {
        self.flags |= HAS_THREAD;
    }

    /// Works out whom its words alert, of those that `allowed` lets it alert.
    pub(super) fn settle_mentions(&mut self, allowed: &Value) {
        let parses = |kind: &str| allowed.is_null() || list_has(&allowed["parse"], kind);
        let may = |kind: &str, id: &String| parses(kind) || list_has(&allowed[kind], id);
        let mut users = mentioned(&self.content, "<@!");
        users.extend(mentioned(&self.content, "<@"));
        users.dedup();
        users.retain(|id| may("users", id));
        let mut roles = mentioned(&self.content, "<@&");
        roles.retain(|id| may("roles", id));
        let is_loud = ["@everyone", "@here"]
            .iter()
            .any(|word| self.content.contains(word));
        self.mention_everyone = is_loud && parses("everyone");
        self.mentions = users;
        self.mention_roles = roles;
    }
}

fn list_has(list: &Value, wanted: &str) -> bool {
    list.as_array()
        .is_some_and(|list| list.iter().any(|item| item == wanted))
}

/// The ids that stand between `opening` and `>`.
fn mentioned(content: &str, opening: &str) -> Vec<String> {
    let pieces = content.split(opening).skip(1);
    let ids = pieces
        .filter_map(|piece| piece.split_once('>'))
        .map(|(id, _)| id);
    let mut ids: Vec<String> = ids
        .filter(|id| super::snowflake::is_one(id))
        .map(str::to_owned)
        .collect();
    ids.sort();
    ids.dedup();
    ids
}
