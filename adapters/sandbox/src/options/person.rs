//! People with an account in the workspace.

/// Somebody with an account.
#[derive(Clone, Debug)]
pub struct Person {
    /// Such as `U01MAYA`.
    pub id: String,
    /// What is typed after the `@`.
    pub handle: String,
    /// Their full name.
    pub real_name: String,
    /// The name they chose; empty for none.
    pub display_name: String,
    /// What they do, shown beside their name.
    pub title: String,
    /// Shown to apps only with the scope `users:read.email`.
    pub email: Option<String>,
    /// An IANA time zone.
    pub tz: String,
    /// What kind of account it is.
    pub standing: Standing,
}

impl Person {
    /// A full member whose display name is their handle.
    pub fn member(id: &str, handle: &str, real_name: &str) -> Self {
        Self {
            id: id.into(),
            handle: handle.into(),
            real_name: real_name.into(),
            display_name: handle.into(),
            title: String::new(),
            email: None,
            tz: "Etc/UTC".into(),
            standing: Standing::Member,
        }
    }

    /// The same person with another kind of account.
    #[must_use]
    pub fn with_standing(self, standing: Standing) -> Self {
        Self { standing, ..self }
    }

    /// The same person with a line on what they do.
    #[must_use]
    pub fn with_title(self, title: &str) -> Self {
        Self {
            title: title.into(),
            ..self
        }
    }

    /// The workspace they belong to, if it is not this one.
    pub(crate) fn foreign_team(&self) -> Option<&str> {
        if let Standing::Stranger { team } = &self.standing {
            Some(team)
        } else {
            None
        }
    }

    /// Whether they can sign in and act.
    pub(crate) fn can_act(&self) -> bool {
        !matches!(self.standing, Standing::Deactivated | Standing::Bot)
    }
}

/// What kind of account a person has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A full member.
    Member,
    /// A guest in several channels: `is_restricted`.
    Guest,
    /// A guest in one channel: `is_restricted` and `is_ultra_restricted`.
    SingleChannelGuest,
    /// Somebody of another workspace, met in a shared channel: `is_stranger`.
    Stranger {
        /// The workspace they belong to.
        team: String,
    },
    /// Has left: `deleted`.
    Deactivated,
    /// Another app's bot: `is_bot`.
    Bot,
}
