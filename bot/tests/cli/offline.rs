//! Taking access away while no server runs: one was killed with a grant live.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use breakglass_sandbox::{App, Channel, Command, Options, Person, Sandbox};

use nix::sys::signal::Signal;

use super::serve::{PATIENCE, Server, free_port};
use super::shell::Shell;

const POLICY: &str = r#"
version = 1
[[person]]
id = "maya"
slack = "U01MAYA"
[[target]]
id = "staging"
sensitivity = "low"
provisioner = "files"
roles = [{ id = "read", grants = "staging_read" }]
[[rule]]
id = "planned"
who = ["person:maya"]
roles = ["staging/read"]
approvals = "none"
kind = "planned"
"#;

fn options() -> Options {
    let everybody = ["U01MAYA", "U0BREAKGLASS"];
    Options {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        app: App {
            commands: vec![Command {
                name: "/breakglass".to_owned(),
                description: "Emergency access".to_owned(),
                usage: String::new(),
                escapes: true,
            }],
            ..App::default()
        },
        people: vec![Person::member("U01MAYA", "maya", "Maya Lind")],
        channels: vec![
            Channel::private("C0APPR", "approvals", &everybody),
            Channel::private("C0SECU", "security", &everybody),
        ],
        ..Options::default()
    }
}

fn shell(sandbox: &Sandbox, port: u16) -> Shell {
    let shell = Shell::new();
    let targets = shell.folder().join("targets");
    std::fs::create_dir(&targets).unwrap();
    let app = App::default();
    let config = format!(
        r#"
[server]
admin_listen = "127.0.0.1:{port}"
test_mode = true
[store]
url = "sqlite://breakglass.db"
[log]
origin = "breakglass.example.com/log"
[slack]
bot_token = "{}"
app_token = "{}"
team = "{}"
approvers_channel = "C0APPR"
security_channel = "C0SECU"
api_url = "{}"
[[provisioner]]
id = "files"
kind = "command"
program = ["{}", "demo-target", "{}"]
"#,
        app.bot_token,
        app.app_token,
        Options::default().team.id,
        sandbox.api_url(),
        env!("CARGO_BIN_EXE_breakglass"),
        targets.display(),
    );
    let shell = shell
        .file("breakglass.toml", &config)
        .file("policy.toml", POLICY);
    shell.run("migrate up").exits(0);
    shell
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(
        tokio::time::timeout(PATIENCE, waiting).await.is_ok(),
        "never: {what}"
    );
}

/// Maya gets access, and then the server dies.
async fn die_with_a_grant(sandbox: &Sandbox, shell: &Shell, port: u16, held: &Path) {
    let server = Server::start(shell, port);
    until("connected", || sandbox.connections() > 0).await;
    let asked = "staging read 30m planned work on the staging database";
    sandbox
        .slash("U01MAYA", "C0APPR", "/breakglass", asked)
        .await
        .unwrap();
    until("asked to confirm", || {
        !sandbox.ephemerals("U01MAYA").is_empty()
    })
    .await;
    let confirm = sandbox.ephemerals("U01MAYA").remove(0);
    sandbox
        .press("U01MAYA", &confirm, "Get access")
        .await
        .unwrap();
    until("held", || held.exists()).await;
    server.until("/metrics", "breakglass_grants_live{target=\"staging\"} 1");
    drop(server);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grant_is_taken_away_without_a_server() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let port = free_port();
    let shell = shell(&sandbox, port);
    let held = shell.folder().join("targets/files.maya.staging_read");
    die_with_a_grant(&sandbox, &shell, port, &held).await;

    shell
        .run("grants list")
        .exits(1)
        .says("no server answers at breakglass.sock");
    assert!(held.exists());
    shell
        .run_with(&["grants", "revoke", "BG-1", "--reason", "left the company"])
        .exits(0)
        .tells("Being taken away: BG-1")
        .says("offline: no server runs")
        .says("BG-1: read back, the access is gone");
    assert!(!held.exists());
    shell.run("audit verify").exits(0);
    shell
        .run("audit show BG-1")
        .exits(0)
        .tells("\"cause\":\"revoked\"");

    let server = Server::start(&shell, port);
    shell
        .run("grants show BG-1")
        .exits(0)
        .tells("request      BG-1 ended")
        .tells("outcome      revoked")
        .tells("by           operator:")
        .tells("reason       left the company (offline)");
    drop(server);
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lockdown_takes_everything_back_without_a_server() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let port = free_port();
    let shell = shell(&sandbox, port);
    let held = shell.folder().join("targets/files.maya.staging_read");
    die_with_a_grant(&sandbox, &shell, port, &held).await;

    let line = ["lockdown", "on", "--revoke-all", "--reason", "token leaked"];
    shell
        .run_with(&line)
        .exits(0)
        .tells("Lockdown by operator:")
        .says("BG-1: read back, the access is gone");
    assert!(!held.exists());
    shell
        .run_with(&["lockdown", "off", "--reason", "rotated"])
        .exits(1)
        .says("no server answers");
    let server = Server::start(&shell, port);
    shell
        .run("lockdown status")
        .exits(0)
        .tells("token leaked (offline)")
        .tells("Live grants were revoked too.");
    drop(server);
    sandbox.stop().await;
}

/// As somebody would who lost the disk.
fn put_back(shell: &Shell, backup: &Path) {
    let folder = shell.folder();
    for side in ["breakglass.db-wal", "breakglass.db-shm"] {
        std::fs::remove_file(folder.join(side)).ok();
    }
    std::fs::copy(backup, folder.join("breakglass.db")).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_was_put_back_grants_nothing_until_it_is_accepted() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let port = free_port();
    let shell = shell(&sandbox, port);
    let held = shell.folder().join("targets/files.maya.staging_read");
    let accept = ["audit", "accept", "--reason", "the disk died"];
    shell
        .run_with(&accept)
        .exits(1)
        .says("the log's key isn't at log.key");

    let server = Server::start(&shell, port);
    shell.run_with(&accept).exits(1).says("running already");
    server.stop(Signal::SIGTERM).exits(0);
    let backup = shell.folder().join("backup.db");
    std::fs::copy(shell.folder().join("breakglass.db"), &backup).unwrap();
    shell.run_with(&accept).exits(1).says("nothing to accept");
    die_with_a_grant(&sandbox, &shell, port, &held).await;
    let checkpoint = shell.run("audit checkpoint").exits(0).stdout;
    std::fs::write(shell.folder().join("checkpoint"), checkpoint).unwrap();
    put_back(&shell, &backup);

    shell.run("audit verify").exits(3);
    shell
        .run_with(&accept)
        .exits(0)
        .says("accepted a log of")
        .tells("Lockdown by operator:");
    assert!(!held.exists(), "what only this machine knew of is gone");
    shell.run("audit verify").exits(0);

    let server = Server::start(&shell, port);
    shell
        .run("lockdown status")
        .exits(0)
        .tells("the disk died (offline)");
    shell
        .run_with(&["lockdown", "off", "--reason", "looked through"])
        .exits(0)
        .tells("Open:");
    server.stop(Signal::SIGTERM).exits(0);
    let mut kept = std::fs::read_dir(shell.folder()).unwrap();
    let is_kept = |name: &str| name.starts_with("checkpoint.before-restore-");
    assert!(kept.any(|file| is_kept(&file.unwrap().file_name().to_string_lossy())));
    sandbox.stop().await;
}
