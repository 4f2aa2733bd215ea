//! The two ports to a chat: what we send there, and the desk where its adapter hands in what people did.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::id::{GroupId, Platform};
use crate::intent::{Intent, Reply, Sender, Typed};
use crate::notice::{Answer, Card, Choice, Field, FieldFault, FormView, HomeView, Notice};
use crate::port::provisioner::Finding;

/// A message on a platform.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MessageRef {
    /// The channel's id.
    pub channel: String,
    /// The message's id in it (Slack's `ts`).
    pub message: String,
}

/// Where a message goes, in the platform's own ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A channel, a new post.
    Channel(String),
    /// Under a message.
    Thread(MessageRef),
    /// A direct message.
    Account {
        /// To this account.
        account: String,
        /// The card of what it is about, if it is drawn.
        card: Option<MessageRef>,
    },
}

/// What a chat knows of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountStatus {
    /// Not deactivated, and of our own workspace.
    pub active: bool,
    /// A guest, or from another company through a shared channel.
    pub guest: bool,
    /// Not a human.
    pub bot: bool,
}

/// How an answer appears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// As a new message.
    New,
    /// In place of the answer whose button was pressed.
    InPlace,
}

/// What the policy names of a chat, in the chat's own ids.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Named {
    /// Channels where approvers of a target are asked.
    pub channels: BTreeSet<String>,
    /// User groups or roles, each with a group of the policy that is kept there.
    pub groups: BTreeMap<String, GroupId>,
}

/// The connections over which a chat hands us what people do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lines {
    /// How many we want open; 0 where the chat calls us over HTTP.
    pub wanted: u32,
    /// How many of ours are open.
    pub open: u32,
    /// How many somebody else holds. More than 0 is an alarm: the app's token may be stolen, or another server of ours
    /// runs, and clicks go there.
    pub foreign: u32,
}

/// Why a chat call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChatError {
    /// Told to wait this long.
    #[error("the chat asks us to wait {0} s")]
    Limited(u32),
    /// It didn't answer, or said that it is its own fault: try again.
    #[error("{0}")]
    Unavailable(String),
    /// The message, view or trigger isn't there any more.
    #[error("{0}")]
    Gone(String),
    /// It says no, and will until somebody mends it.
    #[error("{0}")]
    Refused(String),
    /// This person takes no direct messages from us.
    #[error("{0}")]
    Closed(String),
}

impl ChatError {
    /// A failed call as a line for `doctor`; what can be tried again isn't a fault of the configuration. `look` says where to
    /// look when the chat is away.
    pub fn finding(&self, about: &str, chat: Platform, look: &str) -> Finding {
        match self {
            Self::Limited(secs) => Finding::warning(
                format!("{about}: {chat} asks us to wait {secs} s"),
                "run doctor again in a minute",
            ),
            Self::Unavailable(why) => Finding::failure(format!("{about}: {why}"), look),
            Self::Gone(why) | Self::Refused(why) | Self::Closed(why) => {
                let (why, mend) = why.split_once(": ").unwrap_or((why, ""));
                Finding::failure(format!("{about}: {why}"), mend)
            }
        }
    }
}

/// What we send to a chat. Rendering is pure and the adapter's own; so are limits and escaping.
#[async_trait]
pub trait Chat: Send + Sync + std::fmt::Debug {
    /// Which chat it is.
    fn platform(&self) -> Platform;

    /// The API's host, announced at start.
    fn host(&self) -> String;

    /// The channel for approvers, unless a target names its own.
    fn approvers_channel(&self) -> String;

    /// The security channel.
    fn security_channel(&self) -> String;

    /// The address of a message, or of its channel where there is none yet, for who isn't in the chat just now.
    fn link(&self, channel: &str, message: Option<&MessageRef>) -> String;

    /// Where people without a place in the policy ask for one: the channel's id, and its name as people know it. Absent if none
    /// is configured.
    async fn help_channel(&self) -> Result<Option<(String, String)>, ChatError>;

    /// How the policy would list this account: a `[[person]]` table to be looked over and pasted.
    async fn listing(&self, account: &str) -> Result<String, ChatError>;

    /// Posts a card for the first time.
    async fn post_card(&self, channel: &str, card: &Card) -> Result<MessageRef, ChatError>;

    /// Draws a card again, in place.
    async fn update_card(&self, message: &MessageRef, card: &Card) -> Result<(), ChatError>;

    /// Posts a notice; `effect` is its id, the same on every try, and stands in the message.
    async fn post(
        &self,
        place: &Place,
        effect: &str,
        notice: &Notice,
    ) -> Result<MessageRef, ChatError>;

    /// Answers so that only the sender sees it.
    async fn answer(
        &self,
        to: &Sender,
        reply: &Reply,
        answer: &Answer,
        show: Show,
    ) -> Result<(), ChatError>;

    /// Opens a modal by `reply.trigger` and gives its id. What is sent off from it answers where `reply` does.
    async fn open_form(&self, reply: &Reply, form: &FormView) -> Result<String, ChatError>;

    /// Draws an open modal again, with the reply it was opened by.
    async fn update_form(
        &self,
        view: &str,
        reply: &Reply,
        form: &FormView,
    ) -> Result<(), ChatError>;

    /// Draws somebody's home page.
    async fn publish_home(&self, account: &str, home: &HomeView) -> Result<(), ChatError>;

    /// Is this account active, a guest, a bot?
    async fn account(&self, account: &str) -> Result<AccountStatus, ChatError>;

    /// The same, asked just now rather than remembered from the last minutes.
    async fn account_now(&self, account: &str) -> Result<AccountStatus, ChatError>;

    /// The members of a user group or role.
    async fn group_members(&self, group: &str) -> Result<BTreeSet<String>, ChatError>;

    /// Checks tokens, scopes, channels and groups, as lines for `doctor`.
    async fn examine(&self, named: &Named) -> Vec<Finding>;
}

/// Why an act couldn't be taken in: said in the acknowledgement itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeskError {
    /// It could not be written down, so nothing happened.
    #[error("I couldn't record that, so nothing changed. Try again. (ref {0})")]
    NotRecorded(String),
    /// Too much at once.
    #[error("I'm busy, nothing changed. Try again in a moment.")]
    Busy,
}

/// Where an adapter hands in what people did. Every method answers well within the 3 s that platforms allow.
#[async_trait]
pub trait Desk: Send + Sync {
    /// Writes the act down so that a crash doesn't lose it. A second delivery of the same act is taken and ignored.
    async fn take(&self, intent: Intent) -> Result<(), DeskError>;

    /// Do we post to this channel? A button that decides is taken from no other.
    fn posts_to(&self, channel: &str) -> bool;

    /// Somebody joined, left, was blocked or changed groups: what was looked up of people on this chat is old.
    fn people_changed(&self, platform: Platform);

    /// How an incident's id looks, to find one among a command's words.
    fn incident_pattern(&self) -> regex::Regex;

    /// What the person may pick in a select, filtered to what they may ask for, best match first, at most 100.
    async fn choices(
        &self,
        sender: &Sender,
        field: Field,
        typed: &str,
        form: &Typed,
    ) -> Vec<Choice>;

    /// What is wrong with a request form that is about to be sent off; empty when it can be taken.
    async fn faults(&self, sender: &Sender, form: &Typed) -> Vec<FieldFault>;
}
