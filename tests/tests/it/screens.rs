//! What an operator sees when something is wrong: `check`, `doctor` and `serve` each say on one screen what it is
//! and what to do.

use std::path::Path;
use std::time::Duration;

use breakglass::demo::{Shown, policy, workspace};
use breakglass_sandbox::{Channel, Options, Sandbox, Sharing};
use breakglass_tests::postgres::{Server, Target};
use serde_json::{Value, json};
use tokio::process::Command;

/// No command takes longer, on however slow a machine.
const PATIENCE: Duration = Duration::from_secs(45);

/// How often it is looked whether a server that goes on has said enough.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The lines of a terminal.
const LINES_MAX: usize = 24;

/// Something that is wrong.
struct Wrong {
    workspace: fn(&mut Options),
    config: fn(&mut Value),
    policy: fn(&str) -> String,
    /// What a superuser does to the target; `US` and `ADMIN` stand for our login and the role.
    target: &'static str,
}

/// What one command answers.
struct Told {
    line: &'static str,
    exit: i32,
    what: &'static str,
    mend: &'static str,
}

const NOTHING: Wrong = Wrong {
    workspace: |_| {},
    config: |_| {},
    policy: str::to_owned,
    target: "SELECT 1",
};

const fn told(line: &'static str, exit: i32, what: &'static str, mend: &'static str) -> Told {
    Told {
        line,
        exit,
        what,
        mend,
    }
}

/// Everything is as it should be but for one thing, which each command tells as it is expected to.
async fn check(wrong: Wrong, expected: &[Told]) {
    let mut target = Target::create(Server::Newest).await;
    let sql = wrong.target.replace("US", &target.us);
    target
        .database
        .run(sql.replace("ADMIN", &target.admin))
        .await;
    let mut options = workspace::options(([127, 0, 0, 1], 0).into());
    (wrong.workspace)(&mut options);
    let sandbox = Sandbox::start(options).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let policy = policy(Shown::Slack)
        .replace("orders_admin", &target.admin)
        .replace("orders_read", &target.read);
    std::fs::write(folder.path().join("policy.toml"), (wrong.policy)(&policy)).unwrap();
    let mut config = configuration(&sandbox, &target);
    write(folder.path(), &config);
    run(folder.path(), "migrate up", [""; 2]).await;
    (wrong.config)(&mut config);
    write(folder.path(), &config);
    for told in expected {
        let (code, screen) = run(folder.path(), told.line, [told.what, told.mend]).await;
        let shown = format!("$ breakglass {}\n{screen}[exit {code:?}]", told.line);
        assert!(
            screen.contains(told.what),
            "{:?} isn't in {shown}",
            told.what
        );
        assert!(
            screen.contains(told.mend),
            "{:?} isn't in {shown}",
            told.mend
        );
        assert_eq!(code, Some(told.exit), "{shown}");
        assert!(screen.lines().count() <= LINES_MAX, "{shown}");
        let secrets = ["xoxb-sandbox", "xapp-sandbox", "open_sesame", "canary"];
        let leaked = secrets.iter().find(|secret| screen.contains(**secret));
        assert_eq!(leaked, None, "{shown}");
        // What isn't known isn't told to be taken away.
        assert!(!screen.contains("REVOKE"), "{shown}");
    }
    sandbox.stop().await;
}

/// Runs it until it ends, or, where it goes on, until it has told what is wrong and what to do.
async fn run(folder: &Path, line: &str, until: [&str; 2]) -> (Option<i32>, String) {
    let file = folder.join("screen");
    let screen = std::fs::File::create(&file).unwrap();
    let mut process = Command::new(env!("CARGO_BIN_EXE_breakglass-that-dies"))
        .args(line.split(' '))
        .current_dir(folder)
        .env_clear()
        .stdout(screen.try_clone().unwrap())
        .stderr(screen)
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let pid = process.id().unwrap().to_string();
    let read = || std::fs::read_to_string(&file).unwrap();
    let ended = async {
        loop {
            match tokio::time::timeout(LOOK_EVERY, process.wait()).await {
                Ok(ended) => return ended.unwrap(),
                Err(_) if line == "serve" && until.iter().all(|told| read().contains(told)) => {
                    let stop = Command::new("kill").arg(&pid).status().await;
                    assert!(stop.unwrap().success());
                }
                Err(_) => {}
            }
        }
    };
    let ended = tokio::time::timeout(PATIENCE, ended).await;
    let ended = ended.unwrap_or_else(|_| panic!("{line} goes on, and says only {}", read()));
    (ended.code(), read())
}

fn write(folder: &Path, config: &Value) {
    let text = toml::to_string(config).unwrap();
    std::fs::write(folder.join("breakglass.toml"), text).unwrap();
}

fn configuration(sandbox: &Sandbox, target: &Target) -> Value {
    let app = workspace::app();
    let nothing = |id: &str| json!({ "id": id, "kind": "command", "login": "{id}", "reads_back": false, "program": ["/bin/true"] });
    json!({
        "server": {
            "listen": "127.0.0.1:0", "admin_listen": "127.0.0.1:0", "test_mode": true,
            "admin_socket": "breakglass.sock", "log_filter": "warn",
        },
        "store": { "url": "sqlite://breakglass.db" },
        "policy": { "file": "policy.toml" },
        "log": { "origin": "tests.breakglass.example/log" },
        "slack": {
            "mode": "socket", "bot_token": app.bot_token, "app_token": app.app_token,
            "team": workspace::TEAM, "approvers_channel": workspace::APPROVERS,
            "security_channel": workspace::SECURITY, "api_url": sandbox.api_url(),
        },
        "provisioner": [
            {
                "id": "orders-postgres", "kind": "postgres", "url": target.url(),
                "login": format!("{}_{{id}}", target.database.name),
            },
            nothing("billing-admin"),
            nothing("edge-kubernetes"),
        ],
    })
}

fn approvers(options: &mut Options) -> &mut Channel {
    let mut channels = options.channels.iter_mut();
    let is_it = |channel: &&mut Channel| channel.id == workspace::APPROVERS;
    channels.find(is_it).expect("the approvers' channel")
}

#[tokio::test]
async fn all_is_well() {
    let expected = [
        told("check", 0, "All checks.", ""),
        told("doctor", 0, "[ok] slack", ""),
    ];
    check(NOTHING, &expected).await;
}

#[tokio::test]
async fn a_wrong_bot_token() {
    let wrong = Wrong {
        config: |config| config["slack"]["bot_token"] = "xoxb-canary".into(),
        ..NOTHING
    };
    let what = "the bot token is refused";
    let expected = [
        told("doctor", 1, what, "set slack.bot_token"),
        told("serve", 0, what, "set slack.bot_token"),
    ];
    check(wrong, &expected).await;
}

#[tokio::test]
async fn a_wrong_app_token() {
    let wrong = Wrong {
        config: |config| config["slack"]["app_token"] = "xapp-canary".into(),
        ..NOTHING
    };
    let what = "the app token is refused";
    let expected = [
        told("doctor", 1, what, "set slack.app_token"),
        told("serve", 0, what, "set slack.app_token"),
    ];
    check(wrong, &expected).await;
}

#[tokio::test]
async fn tokens_that_are_swapped() {
    let wrong = Wrong {
        config: |config| config["slack"]["app_token"] = "xoxb-canary".into(),
        ..NOTHING
    };
    let expected = ["check", "doctor", "serve"].map(|line| told(line, 1, "app_token", "xapp-"));
    check(wrong, &expected).await;
}

#[tokio::test]
async fn a_missing_scope() {
    let wrong = Wrong {
        workspace: |options| {
            options
                .app
                .scopes
                .retain(|scope| scope != "usergroups:read");
        },
        ..NOTHING
    };
    let what = "lacks usergroups:read";
    let expected = [
        told("doctor", 1, what, "manifest"),
        told("serve", 0, what, "manifest"),
    ];
    check(wrong, &expected).await;
}

#[tokio::test]
async fn a_missing_channel() {
    let wrong = Wrong {
        config: |config| config["slack"]["approvers_channel"] = "C0NOWHERE".into(),
        ..NOTHING
    };
    let what = "C0NOWHERE: no such channel";
    let expected = [
        told("doctor", 1, what, "channel"),
        told("serve", 0, what, "channel"),
    ];
    check(wrong, &expected).await;
}

#[tokio::test]
async fn a_channel_without_the_bot() {
    let wrong = Wrong {
        workspace: |options| {
            approvers(options)
                .members
                .retain(|member| member != "U0BREAKGLASS");
        },
        ..NOTHING
    };
    let expected = [
        told("doctor", 1, "C0APPR", "/invite"),
        told("serve", 0, "C0APPR", "/invite"),
    ];
    check(wrong, &expected).await;
}

#[tokio::test]
async fn a_channel_shared_with_another_company() {
    let wrong = Wrong {
        workspace: |options| approvers(options).sharing = Sharing::External,
        ..NOTHING
    };
    let what = "is shared with another company";
    let expected = [
        told("doctor", 1, what, "channel"),
        told("serve", 0, what, "channel"),
    ];
    check(wrong, &expected).await;
}

#[tokio::test]
async fn a_database_that_is_away() {
    let wrong = Wrong {
        config: |config| {
            config["store"]["url"] = "postgres://breakglass:canary@127.0.0.1:1/breakglass".into();
        },
        ..NOTHING
    };
    let expected = ["doctor", "serve", "migrate status"].map(|line| {
        let what = "can't use the store at postgres://";
        told(line, 1, what, "See that PostgreSQL runs there")
    });
    check(wrong, &expected).await;
}

#[tokio::test]
async fn a_provisioner_without_the_right_to_grant() {
    let wrong = Wrong {
        target: "REVOKE ADMIN FROM US",
        ..NOTHING
    };
    let expected = [
        told("doctor", 1, "target orders-postgres", "ADMIN OPTION"),
        told("serve", 0, "target orders-postgres", "ADMIN OPTION"),
    ];
    check(wrong, &expected).await;
}

#[tokio::test]
async fn a_policy_that_does_not_check() {
    let wrong = Wrong {
        policy: |policy| {
            policy
                .replace("group:dba", "group:dbaa")
                .replace("max_duration", "max_durration")
        },
        ..NOTHING
    };
    let expected = [
        told("check", 1, "policy.toml:", "did you mean"),
        told(
            "doctor",
            1,
            "the policy doesn't check",
            "`breakglass check`",
        ),
        told("serve", 1, "policy.toml:", "did you mean"),
    ];
    check(wrong, &expected).await;
}
