//! The sandbox's guild from outside: as a client that speaks Discord, and as people who act.

mod acts;
mod client;
mod discord_py;
mod gateway;
mod http_mode;
mod page;
mod payloads;
mod rest;

use breakglass_sandbox::{Clock, Options, Sandbox, discord};

/// Ids of the people and places below.
pub(crate) const GUILD: &str = "800000000000000000";
pub(crate) const MAYA: &str = "200000000000000001";
pub(crate) const BO: &str = "200000000000000002";
pub(crate) const ROBOT: &str = "200000000000000003";
pub(crate) const DBA: &str = "300000000000000001";
pub(crate) const GENERAL: &str = "400000000000000001";
pub(crate) const APPROVALS: &str = "400000000000000002";
pub(crate) const SECRET: &str = "400000000000000003";

/// A guild with two people, a foreign bot, and a channel that the app doesn't see.
pub(crate) fn options() -> discord::Options {
    let app = discord::App::default();
    discord::Options {
        id: GUILD.into(),
        members: vec![
            discord::Member::new(MAYA, "maya", "Maya Lind", &[]),
            discord::Member::new(BO, "bo", "Bo Chen", &[DBA]),
            discord::Member::bot(ROBOT, "robot"),
        ],
        roles: vec![discord::Role::new(DBA, "dba")],
        channels: vec![
            discord::Channel::public(GENERAL, "general"),
            discord::Channel::private(APPROVALS, "approvals", &[DBA, MAYA, &app.id]),
            discord::Channel::private(SECRET, "secret", &[DBA]),
        ],
        // On a machine that is slow, other people's time-outs don't count.
        answer_within: std::time::Duration::from_secs(30),
        ..discord::Options::default()
    }
}

/// The guild with a clock that stands still.
pub(crate) async fn start(guild: discord::Options) -> Sandbox {
    let clock = Clock::from_fn(|| 1_760_000_000_000);
    let options = Options {
        guild,
        clock,
        ..Options::default()
    };
    Sandbox::start(options).await.unwrap()
}
