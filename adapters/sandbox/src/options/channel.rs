//! Channels of the workspace.

/// A public or private channel.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Such as `C0APPR`.
    pub id: String,
    /// Without the `#`.
    pub name: String,
    /// One line on what it is for.
    pub topic: String,
    /// Who can find it.
    pub kind: ChannelKind,
    /// Whether other workspaces are in it.
    pub sharing: Sharing,
    /// Closed for good; nothing can be posted.
    pub archived: bool,
    /// User ids of who is in it, the bot included.
    pub members: Vec<String>,
}

impl Channel {
    /// A public channel of this workspace alone.
    pub fn public(id: &str, name: &str, members: &[&str]) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            topic: String::new(),
            kind: ChannelKind::Public,
            sharing: Sharing::Internal,
            archived: false,
            members: members.iter().map(ToString::to_string).collect(),
        }
    }

    /// A private channel of this workspace alone.
    pub fn private(id: &str, name: &str, members: &[&str]) -> Self {
        Self {
            kind: ChannelKind::Private,
            ..Self::public(id, name, members)
        }
    }

    /// The same channel with a topic.
    #[must_use]
    pub fn with_topic(self, topic: &str) -> Self {
        Self {
            topic: topic.into(),
            ..self
        }
    }

    /// The same channel, shared with others.
    #[must_use]
    pub fn with_sharing(self, sharing: Sharing) -> Self {
        Self { sharing, ..self }
    }
}

/// Who can find a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelKind {
    /// Everybody.
    Public,
    /// Its members.
    Private,
    /// The app and one person.
    Direct,
}

/// Whether other workspaces are in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// Only this workspace.
    Internal,
    /// Other workspaces of the same company: `is_org_shared`.
    Organisation,
    /// Other companies: `is_ext_shared`.
    External,
    /// An invitation to another company is open: `is_pending_ext_shared`.
    PendingExternal,
}
