//! What people can do in a chat, whichever it is.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use breakglass_core::intent::Sender;

/// Nothing here takes longer, on however slow a machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// The demo's people who play a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
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
pub(crate) enum Line<'a> {
    /// Nothing at all, which opens the form.
    Nothing,
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
    Revoke {
        request: &'a str,
        why: &'a str,
    },
    /// By its id, or the only one.
    Withdraw(Option<&'a str>),
    Lockdown(&'a str),
    Link,
    Enter(&'a str),
    Unlink,
    UnlinkOf(Who),
}

/// Where something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The approvers' channel, without threads.
    Approvers,
    /// The threads under it.
    ApproversThreads,
    /// The security channel, threads included.
    Security,
    /// The security channel, without threads.
    SecurityHeads,
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
pub(crate) enum Call {
    Any,
    Post,
    Edit,
    /// Opening a form.
    Form,
    /// Asking who somebody is.
    People,
}

/// How a chat lets us down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Away {
    /// It asks us to wait a second.
    Limits,
    Fails,
    Hangs,
    /// It does what we want, and doesn't say so.
    LosesAnswers,
}

/// A message as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Post {
    pub(crate) text: String,
    pub(crate) buttons: Vec<String>,
    pub(crate) channel: String,
    /// In that channel.
    pub(crate) id: String,
}

impl Post {
    pub(crate) fn says(&self, words: &str) -> bool {
        self.text.contains(words)
    }
}

/// Which of several messages somebody looks for.
pub(crate) type IsMeant<'a> = dyn Fn(&Post) -> bool + Send + Sync + 'a;

/// People at work in one chat. Each waits until what it is about is there.
#[async_trait]
pub(crate) trait Hands: Send + Sync {
    /// The chat's name.
    fn name(&self) -> &'static str;

    /// How somebody's acts are signed.
    fn sender(&self, who: Who) -> Sender;

    /// What stands there now, oldest first.
    fn posts(&self, place: Place) -> Vec<Post>;

    /// Waits until it is so, looking at each change; false: it never was.
    async fn waits(&self, limit: Duration, is_so: &(dyn Fn() -> bool + Send + Sync)) -> bool;

    /// Somebody types a command; an error: it wasn't acknowledged.
    async fn tries_to_type(&self, who: Who, line: &Line<'_>) -> Result<(), String>;

    /// Somebody presses a button; an error: it wasn't acknowledged.
    async fn tries_to_press(&self, who: Who, post: &Post, button: &str) -> Result<(), String>;

    /// Somebody gives back what they hold, as the direct message says that told of it.
    async fn gives_back(&self, who: Who);

    /// Somebody fills in the form that is open to them, by the names of its fields, and sends it off.
    async fn fills(&self, who: Who, fields: &[(&str, &str)]);

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

    /// Does it reach us, where we are the ones to open a line?
    fn is_connected(&self) -> bool;

    /// What this chat found wrong with what we sent.
    fn complaints(&self) -> Vec<String>;

    /// Somebody types a command.
    async fn types(&self, who: Who, line: &Line<'_>) {
        self.tries_to_type(who, line).await.unwrap();
    }

    /// Somebody presses a button of the newest message that has it and says this.
    async fn presses(&self, who: Who, place: Place, words: &str, button: &str) {
        let has_it = |post: &Post| post.says(words) && post.buttons.iter().any(|b| b == button);
        let found = self.newest(PATIENCE, place, &has_it).await;
        let post = found.unwrap_or_else(|| self.never(place, words));
        self.tries_to_press(who, &post, button).await.unwrap();
    }

    /// The newest message that is meant.
    async fn newest(&self, limit: Duration, place: Place, is_meant: &IsMeant) -> Option<Post> {
        // It may be another a moment later.
        let found = Mutex::new(None);
        let look = || {
            let newest = self.posts(place).into_iter().rfind(is_meant);
            let is_there = newest.is_some();
            *found.lock().unwrap() = newest;
            is_there
        };
        self.waits(limit, &look).await;
        found.into_inner().unwrap()
    }

    /// The newest message that says this.
    async fn finds_post(&self, place: Place, words: &str) -> Post {
        let found = self.newest(PATIENCE, place, &|post| post.says(words)).await;
        found.unwrap_or_else(|| self.never(place, words))
    }

    /// The newest message that says this, as people read it.
    async fn finds(&self, place: Place, words: &str) -> String {
        self.finds_post(place, words).await.text
    }

    /// All messages that say this, once they are so many.
    async fn finds_all(&self, place: Place, words: &str, times: usize) -> Vec<String> {
        let all = || {
            let mut said = self.said(place);
            said.retain(|text| text.contains(words));
            said
        };
        if !self.waits(PATIENCE, &|| all().len() >= times).await {
            self.never(place, words)
        }
        all()
    }

    /// What only this person sees, once it says this.
    async fn reads(&self, who: Who, words: &str) -> String {
        self.finds(Place::Own(who), words).await
    }

    /// Everything that is said there now.
    fn said(&self, place: Place) -> Vec<String> {
        let posts = self.posts(place).into_iter();
        posts.map(|post| post.text).collect()
    }

    /// Fails.
    fn never(&self, place: Place, words: &str) -> ! {
        let (name, said, complaints) = (self.name(), self.said(place), self.complaints());
        panic!("{name}, {place:?}: never {words:?}, but {said:#?}; {complaints:?}")
    }
}
