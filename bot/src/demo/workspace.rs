//! The demo's workspace: six people, their channels and groups.

use std::net::SocketAddr;

use breakglass_sandbox::{
    App, Channel, Command, Options, Person, Shortcut, ShortcutKind, Usergroup,
};

/// The workspace's id.
pub const TEAM: &str = "T0DEMO";

/// Where approvers are asked.
pub const APPROVERS: &str = "C0APPR";

/// Where security sees everything.
pub const SECURITY: &str = "C0SECU";

const EVERYBODY: [&str; 7] = [
    "U01MAYA",
    "U02BO",
    "U03INES",
    "U04TOM",
    "U05LEE",
    "U06NOOR",
    "U0BREAKGLASS",
];

/// Our app, as the manifest would make it.
pub fn app() -> App {
    let shortcut = |name: &str, callback_id: &str, kind| Shortcut {
        name: name.to_owned(),
        callback_id: callback_id.to_owned(),
        kind,
    };
    App {
        commands: vec![Command {
            name: "/breakglass".to_owned(),
            description: "Emergency access".to_owned(),
            usage: "[target role 30m sev1 INC-1 why] | status | help".to_owned(),
            escapes: true,
        }],
        shortcuts: vec![
            shortcut(
                "Break-glass access",
                "breakglass_request",
                ShortcutKind::Global,
            ),
            shortcut(
                "Break-glass for this",
                "breakglass_request_about",
                ShortcutKind::Message,
            ),
        ],
        ..App::default()
    }
}

/// The workspace at `listen`.
pub fn options(listen: SocketAddr) -> Options {
    let mut options = Options {
        listen,
        app: app(),
        people: vec![
            Person::member("U01MAYA", "maya", "Maya Lind").with_title("Site reliability, on call"),
            Person::member("U02BO", "bo", "Bo Chen").with_title("Database team"),
            Person::member("U03INES", "ines", "Inês Duarte").with_title("Security"),
            Person::member("U04TOM", "tom", "Tom Okafor").with_title("Payments lead"),
            Person::member("U05LEE", "lee", "Lee Park").with_title("Security, on call"),
            Person::member("U06NOOR", "noor", "Noor Haddad").with_title("Contractor"),
        ],
        channels: vec![
            Channel::public("C0INCIDENT", "inc-2231", &EVERYBODY)
                .with_topic("Orders are failing since 02:09"),
            Channel::private(APPROVERS, "access-approvals", &EVERYBODY)
                .with_topic("Yes or no, in one click"),
            Channel::private(SECURITY, "security", &["U03INES", "U05LEE", "U0BREAKGLASS"])
                .with_topic("Every grant, live"),
        ],
        usergroups: vec![
            Usergroup::new("S01SRE", "sre", &["U01MAYA"]),
            Usergroup::new("S01DBA", "dba", &["U02BO"]),
            Usergroup::new("S01SECU", "security", &["U03INES", "U05LEE"]),
            Usergroup::new("S01ONCALL", "sre-oncall", &["U01MAYA"]),
        ],
        ..Options::default()
    };
    TEAM.clone_into(&mut options.team.id);
    options
}
