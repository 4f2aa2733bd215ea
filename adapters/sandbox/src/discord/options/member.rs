//! People and bots with an account in the guild.

/// Somebody with an account.
#[derive(Clone, Debug)]
pub struct Member {
    /// Their user id, a snowflake.
    pub id: String,
    /// What is typed after the `@`.
    pub username: String,
    /// The name they show everywhere.
    pub global_name: String,
    /// The name they show in this guild only.
    pub nick: Option<String>,
    /// What they do, shown beside their name on the sandbox's page.
    pub title: String,
    /// Ids of their roles, without `@everyone`.
    pub roles: Vec<String>,
    /// Whether it is another app's bot.
    pub is_bot: bool,
    /// Until when they are timed out, in milliseconds since the Unix epoch.
    pub timed_out_until_ms: Option<i64>,
    /// Whether they take direct messages from members of this guild.
    pub takes_direct_messages: bool,
    /// Whether they are in the guild now; who has left keeps their account.
    pub is_here: bool,
}

impl Member {
    /// A person with these roles.
    pub fn new(id: &str, username: &str, global_name: &str, roles: &[&str]) -> Self {
        Self {
            id: id.into(),
            username: username.into(),
            global_name: global_name.into(),
            nick: None,
            title: String::new(),
            roles: roles.iter().map(ToString::to_string).collect(),
            is_bot: false,
            timed_out_until_ms: None,
            takes_direct_messages: true,
            is_here: true,
        }
    }

    /// Another app's bot.
    pub fn bot(id: &str, username: &str) -> Self {
        Self {
            is_bot: true,
            ..Self::new(id, username, username, &[])
        }
    }

    /// The same person with a line on what they do.
    #[must_use]
    pub fn with_title(self, title: &str) -> Self {
        Self {
            title: title.into(),
            ..self
        }
    }

    /// The same person, who takes no direct messages from members of this guild.
    #[must_use]
    pub fn with_closed_messages(self) -> Self {
        Self {
            takes_direct_messages: false,
            ..self
        }
    }

    /// The name that people see.
    pub fn shown(&self) -> &str {
        self.nick.as_deref().unwrap_or(&self.global_name)
    }
}
