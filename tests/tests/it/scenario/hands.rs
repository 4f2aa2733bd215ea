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
    Lee,
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
    End,
    Withdraw,
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
    /// The direct messages of somebody.
    Direct(Who),
    /// What only somebody sees.
    Own(Who),
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

    /// Everything that is said there now.
    fn said(&self, place: Place) -> Vec<String>;

    /// The chat answers no call of ours.
    fn goes_away(&self);

    /// It does again.
    fn comes_back(&self);

    /// What this chat found wrong with what we sent.
    fn complaints(&self) -> Vec<String>;

    /// What only this person sees, once it says this.
    async fn reads(&self, who: Who, words: &str) -> String {
        self.finds(Place::Own(who), words).await
    }
}
