//! The demo's guild: the same six people, channels and groups, as Discord has them.

use breakglass_sandbox::discord::{App, Channel, Member, Options, Role};

/// The guild's id.
pub const GUILD: &str = "800000000000000000";

/// Where the incident is talked about.
pub const INCIDENT: &str = "810000000000000001";

/// Where approvers are asked.
pub const APPROVERS: &str = "810000000000000002";

/// Where security sees everything.
pub const SECURITY: &str = "810000000000000003";

/// Our application, as its page would make it.
pub fn app() -> App {
    App::default()
}

/// Everything that the guild starts with.
pub fn options() -> Options {
    let [sre, dba, security, on_call] = [
        "830000000000000001",
        "830000000000000002",
        "830000000000000003",
        "830000000000000004",
    ];
    let member = |number: u8, username: &str, name: &str, roles: &[&str], title: &str| {
        let id = format!("82000000000000000{number}");
        Member::new(&id, username, name, roles).with_title(title)
    };
    let bot = app().id;
    Options {
        id: GUILD.to_owned(),
        name: "Orders, Inc.".to_owned(),
        members: vec![
            member(
                1,
                "maya",
                "Maya Lind",
                &[sre, on_call],
                "Site reliability, on call",
            ),
            member(2, "bo", "Bo Chen", &[dba], "Database team"),
            member(3, "ines", "Inês Duarte", &[security], "Security"),
            member(4, "tom", "Tom Okafor", &[], "Payments lead"),
            member(5, "lee", "Lee Park", &[security], "Security, on call"),
            member(6, "noor", "Noor Haddad", &[], "Contractor"),
        ],
        roles: vec![
            Role::new(sre, "sre"),
            Role::new(dba, "dba"),
            Role::new(security, "security"),
            Role::new(on_call, "sre-oncall"),
        ],
        channels: vec![
            Channel::public(INCIDENT, "inc-2231").with_topic("Orders are failing since 02:09"),
            Channel::private(APPROVERS, "access-approvals", &[sre, dba, security, &bot])
                .with_topic("Yes or no, in one click"),
            Channel::private(SECURITY, "security", &[security, &bot])
                .with_topic("Every grant, live"),
        ],
        ..Options::default()
    }
}
