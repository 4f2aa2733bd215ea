//! The sandbox from outside: as an app that calls it over real sockets, and as people who act.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at what it did not expect"
)]

mod app;
mod bolt;
mod browser;
mod faults;
mod forms;
mod guild;
mod http_mode;
mod messages;
mod page;
mod script;
mod socket_mode;
mod views;
mod web_api;

use breakglass_sandbox::{
    App, Channel, Command, Options, Person, Shortcut, ShortcutKind, Standing, Usergroup,
};

/// The same on a machine that is slow: other people's time-outs don't count.
fn patient_options() -> Options {
    let ack_within = std::time::Duration::from_secs(30);
    let clock = breakglass_sandbox::Clock::from_fn(|| 1_760_000_000_000);
    Options {
        ack_within,
        clock,
        ..options()
    }
}

/// A workspace with a few people and channels; the app is in `C0APPR` and `C0SECU`.
fn options() -> Options {
    let command = Command {
        name: "/ask".into(),
        description: "Ask".into(),
        usage: String::new(),
        escapes: true,
    };
    let quick = Shortcut {
        name: "Quick".into(),
        callback_id: "quick".into(),
        kind: ShortcutKind::Global,
    };
    Options {
        app: App {
            commands: vec![command],
            shortcuts: vec![quick],
            ..App::default()
        },
        people: vec![
            Person::member("U01MAYA", "maya", "Maya Lind"),
            Person::member("U02BO", "bo", "Bo Chen"),
            Person::member("U06NOOR", "noor", "Noor Haddad").with_standing(Standing::Guest),
            Person::member("U07GONE", "gone", "Gone Away").with_standing(Standing::Deactivated),
        ],
        channels: vec![
            Channel::public("C0GENERAL", "general", &["U01MAYA", "U02BO"]),
            Channel::public("C0APPR", "approvals", &["U01MAYA", "U02BO", "U0BREAKGLASS"]),
            Channel::private("C0SECU", "security", &["U02BO", "U0BREAKGLASS"]),
            Channel::private("C0SECRET", "secret", &["U02BO"]),
        ],
        usergroups: vec![Usergroup::new("S01DBA", "dba", &["U02BO"])],
        ..Options::default()
    }
}
