//! A local workspace that speaks enough of Slack, and a guild that speaks enough of Discord, for unchanged clients, with
//! a web page that shows them.
//!
//! It serves both APIs, Socket Mode, the gateway and HTTP delivery on one loopback address, keeps what was said in memory,
//! refuses what Slack and Discord refuse, and misbehaves when asked to. `breakglass demo` and the tests use it. It knows
//! nothing about breakglass: any app for Slack or Discord can run against it.

mod ack;
mod act;
mod api;
mod blocks;
mod call;
mod clock;
mod control;
mod deliver;
pub mod discord;
mod dump;
mod fault;
mod http;
mod look;
mod message;
mod mint;
mod options;
mod page;
mod payload;
mod respond;
mod sandbox;
mod socket;
mod state;
mod view;
mod workspace;

pub use ack::{Ack, Undelivered};
pub use act::{ActError, Acted, Slashed, Submitted};
pub use call::Call;
pub use clock::Clock;
pub use fault::Fault;
pub use http::signature;
pub use message::{Message, MessageId};
pub use options::{
    App, Channel, ChannelKind, Command, Delivery, Options, Person, Sharing, Shortcut, ShortcutKind,
    Standing, Team, Usergroup,
};
pub use sandbox::{Sandbox, SandboxError};
pub use view::View;
