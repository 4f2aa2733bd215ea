//! The app installed in the workspace: its ids, its secrets, and what it may do.

use std::fmt;

/// The installed app.
#[derive(Clone)]
#[expect(
    clippy::struct_field_names,
    reason = "`app_token` is what Slack and the config call it"
)]
pub struct App {
    /// Such as `A0BREAKGLASS`.
    pub id: String,
    /// What people see as the author of its messages.
    pub name: String,
    /// The user id under which it posts.
    pub bot_user: String,
    /// The id of its bot, `B…`.
    pub bot_id: String,
    /// The bot token, `xoxb-…`.
    pub bot_token: String,
    /// The app-level token, `xapp-…`, for Socket Mode.
    pub app_token: String,
    /// Signs what is delivered over HTTP.
    pub signing_secret: String,
    /// What the bot token may do.
    pub scopes: Vec<String>,
    /// What the app-level token may do.
    pub app_token_scopes: Vec<String>,
    /// The slash commands it has registered.
    pub commands: Vec<Command>,
    /// The shortcuts it has registered.
    pub shortcuts: Vec<Shortcut>,
}

impl Default for App {
    fn default() -> Self {
        let scopes = [
            "commands",
            "chat:write",
            "users:read",
            "im:write",
            "usergroups:read",
            "channels:read",
            "groups:read",
        ];
        Self {
            id: "A0BREAKGLASS".into(),
            name: "breakglass".into(),
            bot_user: "U0BREAKGLASS".into(),
            bot_id: "B0BREAKGLASS".into(),
            bot_token: "xoxb-sandbox".into(),
            app_token: "xapp-sandbox".into(),
            signing_secret: "sandbox-signing-secret".into(),
            scopes: scopes.map(String::from).to_vec(),
            app_token_scopes: vec!["connections:write".into()],
            commands: vec![Command {
                name: "/breakglass".into(),
                description: "Ask for emergency access".into(),
                usage: "[target role duration severity incident why]".into(),
                escapes: true,
            }],
            shortcuts: Vec::new(),
        }
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A slash command that the app has registered.
#[derive(Clone, Debug)]
pub struct Command {
    /// With its slash.
    pub name: String,
    /// One line, shown while it is typed.
    pub description: String,
    /// What may follow it.
    pub usage: String,
    /// Whether mentions in its text reach the app as ids (`should_escape` in a manifest).
    pub escapes: bool,
}

/// A shortcut that the app has registered.
#[derive(Clone, Debug)]
pub struct Shortcut {
    /// What people pick.
    pub name: String,
    /// What the app is told.
    pub callback_id: String,
    /// Where it is offered.
    pub kind: ShortcutKind,
}

/// Where a shortcut is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShortcutKind {
    /// Anywhere.
    Global,
    /// In the menu of a message.
    Message,
}
