//! Text channels of the guild, and who sees them.

use super::Permissions;

/// A text channel.
#[derive(Clone, Debug)]
pub struct Channel {
    /// A snowflake.
    pub id: String,
    /// Without the `#`.
    pub name: String,
    /// One line on what it is for.
    pub topic: String,
    /// What roles and members may do here, in place of what they may do elsewhere.
    pub overwrites: Vec<Overwrite>,
}

impl Channel {
    /// A channel that every member sees.
    pub fn public(id: &str, name: &str) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            topic: String::new(),
            overwrites: Vec::new(),
        }
    }

    /// A channel that only these roles and members see; the app's bot is a member like others.
    pub fn private(id: &str, name: &str, seen_by: &[&str]) -> Self {
        let overwrites = seen_by.iter().map(|id| Overwrite {
            id: (*id).into(),
            allow: Permissions::VIEW_CHANNEL,
            deny: Permissions::NONE,
        });
        let hidden = Overwrite {
            id: Overwrite::EVERYONE.into(),
            allow: Permissions::NONE,
            deny: Permissions::VIEW_CHANNEL,
        };
        Self {
            overwrites: std::iter::once(hidden).chain(overwrites).collect(),
            ..Self::public(id, name)
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

    /// The same channel with one more overwrite.
    #[must_use]
    pub fn with_overwrite(mut self, id: &str, allow: Permissions, deny: Permissions) -> Self {
        let id = id.into();
        self.overwrites.push(Overwrite { id, allow, deny });
        self
    }
}

/// What a role or a member may do in one channel.
#[derive(Clone, Debug)]
pub struct Overwrite {
    /// Id of a role or of a member, or [`Overwrite::EVERYONE`].
    pub id: String,
    /// What is added.
    pub allow: Permissions,
    /// What is taken away.
    pub deny: Permissions,
}

impl Overwrite {
    /// Stands for the role `@everyone`, whose id is the guild's.
    pub const EVERYONE: &'static str = "@everyone";
}
