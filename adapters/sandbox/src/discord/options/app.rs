//! The app installed in the guild: its ids, its secrets, and what it may do.

use std::fmt;

use super::Permissions;

/// The installed app.
#[derive(Clone)]
pub struct App {
    /// Its application id, which is the user id of its bot too.
    pub id: String,
    /// What people see as the author of its messages.
    pub name: String,
    /// The bot's token.
    pub token: String,
    /// The id of the role that came with it.
    pub role: String,
    /// What that role allows.
    pub may: Permissions,
    /// Whether the privileged intent for members is switched on in the app's settings.
    pub has_members_intent: bool,
    /// Whether the privileged intent for the words of messages is switched on.
    pub has_content_intent: bool,
}

impl Default for App {
    fn default() -> Self {
        Self {
            id: "700000000000000001".into(),
            name: "breakglass".into(),
            // Clients read the application id from the first part, so it has the shape of a real one.
            token: "NzAwMDAwMDAwMDAwMDAwMDAx.SANDBX.sandbox-bot-token-that-opens-nothing".into(),
            role: "700000000000000002".into(),
            may: Permissions::bot(),
            has_members_intent: true,
            has_content_intent: false,
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
