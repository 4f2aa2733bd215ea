//! Starts a small workspace with a guild beside it and prints where they are; stops on Ctrl-C.

use std::net::SocketAddr;

use breakglass_sandbox::{
    App, Channel, Command, Options, Person, Sandbox, Shortcut, ShortcutKind, Standing, Usergroup,
    discord,
};

const EVERYBODY: [&str; 7] = [
    "U01MAYA",
    "U02BO",
    "U03INES",
    "U04TOM",
    "U05LEE",
    "U06NOOR",
    "U0BREAKGLASS",
];

#[tokio::main]
#[expect(clippy::print_stdout, reason = "an example that people run by hand")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listen = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "127.0.0.1:8421".into());
    let sandbox = Sandbox::start(options(listen.parse()?)).await?;
    println!("page {}", sandbox.page_url());
    println!("slack {}", sandbox.api_url());
    println!(
        "discord {} {}",
        sandbox.guild().api_url(),
        discord::App::default().token
    );
    tokio::signal::ctrl_c().await?;
    sandbox.stop().await;
    Ok(())
}

fn options(listen: SocketAddr) -> Options {
    let command = |name: &str, description: &str| Command {
        name: name.into(),
        description: description.into(),
        usage: "[anything]".into(),
        escapes: true,
    };
    let shortcut = |name: &str, callback_id: &str, kind| Shortcut {
        name: name.into(),
        callback_id: callback_id.into(),
        kind,
    };
    Options {
        listen,
        app: App {
            commands: vec![
                command("/breakglass", "Ask for emergency access"),
                command("/ask", "Ask the small test app"),
            ],
            shortcuts: vec![
                shortcut("Quick", "quick", ShortcutKind::Global),
                shortcut("About this", "about", ShortcutKind::Message),
            ],
            ..App::default()
        },
        people: vec![
            Person::member("U01MAYA", "maya", "Maya Lind").with_title("Site reliability, on call"),
            Person::member("U02BO", "bo", "Bo Chen").with_title("Database team"),
            Person::member("U03INES", "ines", "Inês Duarte").with_title("Security"),
            Person::member("U04TOM", "tom", "Tom Okafor").with_title("Payments lead"),
            Person::member("U05LEE", "sec-lee", "Lee Park").with_title("Security, on call"),
            Person::member("U06NOOR", "noor", "Noor Haddad")
                .with_title("Contractor")
                .with_standing(Standing::Guest),
        ],
        channels: vec![
            Channel::public("C0GENERAL", "general", &EVERYBODY).with_topic("Everybody"),
            Channel::public("C0INCIDENT", "inc-2231", &EVERYBODY)
                .with_topic("Orders are failing since 02:09"),
            Channel::private("C0APPR", "access-approvals", &EVERYBODY)
                .with_topic("Yes or no, in one click"),
            Channel::private("C0SECU", "security", &["U03INES", "U05LEE", "U0BREAKGLASS"])
                .with_topic("Every grant, live"),
        ],
        usergroups: vec![
            Usergroup::new("S01DBA", "dba", &["U02BO"]),
            Usergroup::new("S01SECU", "security", &["U03INES", "U05LEE"]),
        ],
        guild: guild(),
        ..Options::default()
    }
}

fn guild() -> discord::Options {
    use discord::{Channel, Member, Role};
    let (dba, security) = ("300000000000000001", "300000000000000002");
    let app = discord::App::default();
    discord::Options {
        members: vec![
            Member::new("200000000000000001", "maya", "Maya Lind", &[])
                .with_title("Site reliability, on call"),
            Member::new("200000000000000002", "bo", "Bo Chen", &[dba]).with_title("Database team"),
            Member::new("200000000000000003", "ines", "Inês Duarte", &[security])
                .with_title("Security"),
            Member::bot("200000000000000009", "elsewhere"),
        ],
        roles: vec![Role::new(dba, "dba"), Role::new(security, "security")],
        channels: vec![
            Channel::public("400000000000000001", "inc-2231")
                .with_topic("Orders are failing since 02:09"),
            Channel::private(
                "400000000000000002",
                "access-approvals",
                &[dba, security, &app.id],
            )
            .with_topic("Yes or no, in one click"),
            Channel::private("400000000000000003", "security", &[security, &app.id])
                .with_topic("Every grant, live"),
        ],
        ..discord::Options::default()
    }
}
