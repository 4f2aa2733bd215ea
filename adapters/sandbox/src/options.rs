//! What a workspace starts with: its team, the app installed in it, people, channels and user groups.

mod app;
mod channel;
mod person;

pub use app::{App, Command, Shortcut, ShortcutKind};
pub use channel::{Channel, ChannelKind, Sharing};
pub use person::{Person, Standing};

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::{Clock, discord};

/// Everything a sandbox needs to start.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen; a loopback address, port 0 for any free one.
    pub listen: SocketAddr,
    /// The workspace itself.
    pub team: Team,
    /// The one app that is installed in it.
    pub app: App,
    /// Everybody with an account, without the app's own bot user.
    pub people: Vec<Person>,
    /// Public and private channels; direct messages are opened as they are needed.
    pub channels: Vec<Channel>,
    /// User groups such as `@dba`.
    pub usergroups: Vec<Usergroup>,
    /// The guild beside it, for an app that speaks Discord.
    pub guild: discord::Options,
    /// How slash commands, clicks and events reach the app.
    pub delivery: Delivery,
    /// How long the app has to acknowledge; Slack gives 3 seconds.
    pub ack_within: Duration,
    /// Stamps messages, ages trigger ids and response URLs.
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            team: Team::default(),
            app: App::default(),
            people: Vec::new(),
            channels: Vec::new(),
            usergroups: Vec::new(),
            guild: discord::Options::default(),
            delivery: Delivery::Socket,
            ack_within: Duration::from_secs(3),
            clock: Clock::system(),
        }
    }
}

/// The workspace: what Slack's API calls a team.
#[derive(Clone, Debug)]
pub struct Team {
    /// Such as `T0SANDBOX`.
    pub id: String,
    /// What people see.
    pub name: String,
    /// The first label of the workspace's address.
    pub domain: String,
}

impl Default for Team {
    fn default() -> Self {
        Self {
            id: "T0SANDBOX".into(),
            name: "Sandbox workspace".into(),
            domain: "sandbox".into(),
        }
    }
}

/// A user group, mentioned as `@handle`.
#[derive(Clone, Debug)]
pub struct Usergroup {
    /// Such as `S01DBA`.
    pub id: String,
    /// Without the `@`.
    pub handle: String,
    /// What people see in lists.
    pub name: String,
    /// User ids of its members.
    pub members: Vec<String>,
}

impl Usergroup {
    /// A group whose name is its handle.
    pub fn new(id: &str, handle: &str, members: &[&str]) -> Self {
        Self {
            id: id.into(),
            handle: handle.into(),
            name: handle.into(),
            members: members.iter().map(ToString::to_string).collect(),
        }
    }
}

/// How slash commands, clicks and events reach the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Over a web socket that the app opens.
    Socket,
    /// As signed HTTP requests to the app.
    Http {
        /// Where slash commands are posted.
        commands_url: String,
        /// Where clicks, submissions, shortcuts and option look-ups are posted.
        interactions_url: String,
        /// Where events are posted, for an app that subscribes to any.
        events_url: Option<String>,
    },
}
