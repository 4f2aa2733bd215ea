//! A guild that speaks enough of Discord for an unchanged Discord client: gateway, REST API, people who act.
//!
//! It listens where the sandbox does. A test starts it with [`Options`](crate::Options), whose `guild` says who and
//! what is there, takes its handle by [`Sandbox::guild`](crate::Sandbox::guild), gives an app [`Guild::api_url`] in place
//! of `https://discord.com` and the token of [`App`], and then acts as people do:
//! ```ignore
//! let sandbox = Sandbox::start(Options { guild: discord::Options { members, channels, ..default() }, ..default() }).await?;
//! let guild = sandbox.guild();
//! guild.slash(MAYA, INCIDENT, "/breakglass request", json!({"target": "orders-db"})).await?;
//! guild.submit_view(MAYA, json!({"Why?": "replication slot stuck"})).await?;
//! let card = guild.wait_for(limit, |guild| guild.messages(APPROVERS).pop()).await.unwrap();
//! guild.press(BO, &card, "Approve").await?;
//! ```

mod act;
mod call;
mod deliver;
mod fault;
mod gateway;
mod guild;
mod hall;
mod interaction;
mod message;
mod modal;
mod options;
mod permission;
mod rest;
mod rules;
mod snowflake;
mod state;
mod wire;

pub use act::{Answer, Answered, Choice, Forgery};
pub use call::Call;
pub use fault::Fault;
pub use guild::Guild;
pub use message::{Message, MessageId};
pub use modal::Modal;
pub use options::{App, Bucket, Channel, Delivery, Member, Options, Overwrite, Role};
pub use permission::Permissions;

pub(crate) use guild::routes;
pub(crate) use hall::Hall;
