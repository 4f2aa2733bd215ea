//! What a guild starts with: the app installed in it, its roles, members and channels.

mod app;
mod channel;
mod member;

pub use app::App;
pub use channel::{Channel, Overwrite};
pub use member::Member;

use std::time::Duration;

use super::permission::Permissions;

/// Everything a guild starts with. The clock and the address are the sandbox's own.
#[derive(Clone, Debug)]
pub struct Options {
    /// The guild's id, which is the id of its role `@everyone` too.
    pub id: String,
    /// What people see.
    pub name: String,
    /// User id of its owner, who may do everything.
    pub owner: String,
    /// Whether moderators need a second factor: `mfa_level` 1, else 0.
    pub demands_mfa: bool,
    /// What every member may do, unless a channel says otherwise.
    pub everyone_may: Permissions,
    /// The one app that is installed in it.
    pub app: App,
    /// Everybody with an account, without the app's own bot.
    pub members: Vec<Member>,
    /// Its roles, without `@everyone` and the app's own.
    pub roles: Vec<Role>,
    /// Its channels; threads and direct messages are opened as they are needed.
    pub channels: Vec<Channel>,
    /// How interactions reach the app.
    pub delivery: Delivery,
    /// How long the app has for its first answer; Discord gives 3 seconds.
    pub answer_within: Duration,
    /// How often a client must say that it is alive.
    pub heartbeat_every: Duration,
    /// How many calls of one kind are taken.
    pub bucket: Bucket,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            id: "800000000000000000".into(),
            name: "Sandbox guild".into(),
            owner: "800000000000000009".into(),
            demands_mfa: true,
            everyone_may: Permissions::member(),
            app: App::default(),
            members: Vec::new(),
            roles: Vec::new(),
            channels: Vec::new(),
            delivery: Delivery::Gateway,
            answer_within: Duration::from_secs(3),
            heartbeat_every: Duration::from_millis(41_250),
            bucket: Bucket::default(),
        }
    }
}

/// A role, mentioned as `@name`.
#[derive(Clone, Debug)]
pub struct Role {
    /// A snowflake.
    pub id: String,
    /// Without the `@`.
    pub name: String,
    /// What it adds to what `@everyone` may do.
    pub may: Permissions,
    /// Whether anybody may mention it.
    pub is_mentionable: bool,
}

impl Role {
    /// A role that can be mentioned and allows nothing.
    pub fn new(id: &str, name: &str) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            may: Permissions::NONE,
            is_mentionable: true,
        }
    }

    /// The same role with more rights.
    #[must_use]
    pub fn with_permissions(self, may: Permissions) -> Self {
        Self { may, ..self }
    }
}

/// How interactions reach the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Over the gateway, to a client that identified itself.
    Gateway,
    /// As signed HTTP requests to the app's interactions endpoint.
    Http {
        /// The interactions endpoint.
        url: String,
    },
}

/// How many calls of one kind on one channel, guild or webhook are taken, as real time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// So many calls …
    pub limit: u32,
    /// … in so long. Discord takes about 5 messages in 5 seconds.
    pub window: Duration,
}

impl Default for Bucket {
    /// Roomy, so that a test that isn't about limits isn't slowed down by them.
    fn default() -> Self {
        Self {
            limit: 50,
            window: Duration::from_secs(1),
        }
    }
}
