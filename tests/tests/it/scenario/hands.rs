//! What people can do in a chat, whichever it is.

use std::time::Duration;

use async_trait::async_trait;

/// Nothing here takes longer, on however slow a machine.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// The demo's people who play a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Maya,
    Bo,
    Ines,
    Tom,
    Lee,
    Noor,
    /// Whom the policy doesn't list.
    Sam,
}

/// What is typed behind `/breakglass`, as each chat wants it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Line<'a> {
    Ask {
        target: &'a str,
        role: &'a str,
        duration: &'a str,
        severity: u8,
        incident: Option<&'a str>,
        why: &'a str,
    },
    Status,
    End,
    /// By its id, or the only one.
    Withdraw(Option<&'a str>),
    Lockdown(&'a str),
    Link,
    Enter(&'a str),
    Unlink,
}

/// Where something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The approvers' channel, without threads.
    Approvers,
    /// The threads under it.
    ApproversThreads,
    /// The security channel, threads included.
    Security,
    /// The threads under it alone.
    SecurityThreads,
    /// Where people whom the policy doesn't list are made known.
    Help,
    /// The direct messages of somebody.
    Direct(Who),
    /// What only somebody sees.
    Own(Who),
}

/// What we do in a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    Any,
    Post,
    Edit,
}

/// How a chat lets us down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Away {
    /// It asks us to wait a second.
    Limits,
    Fails,
    Hangs,
    /// It does what we want, and doesn't say so.
    LosesAnswers,
}

/// People at work in one chat. Each waits until what it is about is there.
#[async_trait]
pub(super) trait Hands: Send + Sync {
    /// Somebody types a command.
    async fn types(&self, who: Who, line: &Line<'_>);

    /// Somebody presses a button of the message that says this.
    async fn presses(&self, who: Who, place: Place, words: &str, button: &str);

    /// Somebody fills in the form that is open to them, by the names of its fields, and sends it off.
    async fn fills(&self, who: Who, fields: &[(&str, &str)]);

    /// The message that says this, as people read it.
    async fn finds(&self, place: Place, words: &str) -> String;

    /// All messages that say this, once they are so many.
    async fn finds_all(&self, place: Place, words: &str, times: usize) -> Vec<String>;

    /// The buttons of the message that says this.
    async fn buttons(&self, place: Place, words: &str) -> Vec<String>;

    /// The form that is open to somebody, once it says this.
    async fn opens(&self, who: Who, words: &str) -> String;

    /// What somebody sees behind `Details`, once it says this.
    async fn looks_up(&self, who: Who, words: &str) -> String;

    /// Somebody is told what is wrong with the form that they sent off, and has it open again with what they typed.
    async fn is_sent_back(&self, who: Who, fault: &str, typed: &str);

    /// Somebody's account is closed, or leaves.
    fn lose(&self, who: Who);

    /// How the policy lists somebody's account here.
    fn listed(&self, who: Who) -> String;

    /// The next so many calls go wrong.
    fn fail(&self, call: Call, times: usize, how: Away);

    /// Everything works again.
    fn heal(&self);

    /// Everything that is said there now.
    fn said(&self, place: Place) -> Vec<String>;

    /// What this chat found wrong with what we sent.
    fn complaints(&self) -> Vec<String>;

    /// What only this person sees, once it says this.
    async fn reads(&self, who: Who, words: &str) -> String {
        self.finds(Place::Own(who), words).await
    }
}
