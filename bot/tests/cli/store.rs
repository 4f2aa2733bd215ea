//! The store from the command line: making its tables, and checking its log.

use std::path::Path;
use std::sync::Arc;

use breakglass::config::Config;
use breakglass::engine::Decider;
use breakglass::environment::Environment;
use breakglass::log_key::{LogIs, read_or_make};
use breakglass_core::command::{Actor, Command};
use breakglass_core::fact::Facts;
use breakglass_core::log::SigningKey;
use breakglass_core::time::Timestamp;
use breakglass_store::{Database, Options, Store, Submission, keep_checkpoint};
use secrecy::ExposeSecret;

use super::config::MINIMAL;
use super::shell::Shell;

fn shell() -> Shell {
    let shell = Shell::new()
        .file("breakglass.toml", MINIMAL)
        .file("policy.toml", "version = 1\n");
    shell.run("migrate up").exits(0).tells("done    m0001_log");
    shell
}

/// A log as a server that was started and stopped `starts` times leaves it, with its checkpoint.
fn write_log(shell: &Shell, starts: u32) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let file = shell.folder().join("breakglass.toml");
        let config = Config::load(&file, &Environment::default()).unwrap();
        let database = Database::connect(config.store.url.expose_secret())
            .await
            .unwrap();
        let log_is = if database.is_log_empty().await.unwrap() {
            LogIs::Empty
        } else {
            LogIs::Written
        };
        let options = Options {
            key: read_or_make(&config.log, log_is).unwrap(),
            decide: Arc::new(Decider::default()),
            platforms: Vec::new(),
            alarm_pagers: Vec::new(),
            checkpoint: None,
        };
        let store = Store::open(database.clone(), options).await.unwrap();
        for start in 0..starts {
            let command = Command::Start {
                version: format!("canary-{start}"),
                config: "sha256:0".to_owned(),
                changes: Vec::new(),
            };
            let now = Timestamp::from_millis(1_700_000_000_000 + i64::from(start));
            let submission = Submission {
                actor: Actor::Server,
                command,
                facts: Facts::default(),
                now,
            };
            store.submit(submission).await.unwrap().unwrap();
        }
        let checkpoint = store.status().borrow().checkpoint.clone();
        keep_checkpoint(&config.log.checkpoint_file, &checkpoint).unwrap();
        drop(store);
        database.close().await.unwrap();
    });
}

/// Changes the bytes of the database behind everybody's back.
fn change(file: &Path, from: &str, to: &str) {
    let mut bytes = std::fs::read(file).unwrap();
    let places: Vec<_> = bytes
        .windows(from.len())
        .enumerate()
        .filter(|(_, it)| *it == from.as_bytes())
        .map(|(at, _)| at)
        .collect();
    assert!(!places.is_empty(), "{from} isn't there");
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    std::fs::write(file, bytes).unwrap();
}

#[test]
fn tables_are_made_once_and_their_absence_is_told() {
    let shell = Shell::new().file("breakglass.toml", MINIMAL);
    shell
        .run("migrate status")
        .exits(1)
        .says("there is no store at breakglass.db yet")
        .says("`breakglass migrate up` makes it.");
    for _ in 0..2 {
        shell
            .run("migrate up")
            .exits(0)
            .tells("done    m0004_append_only");
    }
    shell
        .run("migrate status --json")
        .exits(0)
        .tells("{\"step\":\"m0001_log\",\"applied\":true}");
}

#[test]
fn an_unreachable_database_says_what_to_look_at() {
    let run = Shell::new()
        .file("breakglass.toml", MINIMAL)
        .variable(
            "BREAKGLASS__STORE__URL",
            "postgres://bg:canary@127.0.0.1:1/bg",
        )
        .run("migrate status")
        .exits(1)
        .says("can't use the store at postgres://bg@127.0.0.1:1/bg")
        .says("127.0.0.1:1: Connection refused")
        .says("pg_hba.conf")
        .says("Whoever runs that database.");
    assert!(!run.stderr.contains("canary"), "{run:#?}");
}

#[test]
fn a_whole_log_verifies_and_says_by_which_key() {
    let shell = shell();
    write_log(&shell, 3);
    shell
        .run("audit verify")
        .exits(0)
        .tells("The log is whole.")
        .tells("records  3")
        .tells("(configured)")
        .says("Checked with the configured key.");
    let facts = shell.run("audit verify --json").exits(0);
    let facts: serde_json::Value = serde_json::from_str(&facts.stdout).unwrap();
    let key = facts["key"].as_str().unwrap();
    let run = shell.run_with(&["audit", "verify", "--key", key]).exits(0);
    assert_eq!(run.stderr, "");
}

#[test]
fn one_changed_byte_is_tampering() {
    let shell = shell();
    write_log(&shell, 3);
    change(
        &shell.folder().join("breakglass.db"),
        "canary-1",
        "canary-7",
    );
    shell
        .run("audit verify")
        .exits(3)
        .tells("TAMPERING")
        .tells("record 2 was changed");
}

#[test]
fn an_old_copy_that_is_put_back_is_tampering() {
    let shell = shell();
    write_log(&shell, 2);
    let database = shell.folder().join("breakglass.db");
    let old = std::fs::read(&database).unwrap();
    write_log(&shell, 2);
    let run = shell
        .run("audit checkpoint")
        .exits(0)
        .tells("breakglass.example.com/log\n4\n");
    std::fs::write(shell.folder().join("elsewhere"), run.stdout).unwrap();
    std::fs::write(&database, old).unwrap();
    std::fs::remove_file(shell.folder().join("checkpoint")).unwrap();
    shell.run("audit verify").exits(0).tells("records  2");
    shell
        .run("audit verify --checkpoint elsewhere")
        .exits(3)
        .tells("the log was cut: it has 2 records, a checkpoint was signed at 4");
}

#[test]
fn the_log_of_another_key_is_tampering() {
    let shell = shell();
    write_log(&shell, 1);
    let other = SigningKey::from_seed("breakglass.example.com/log", [7; 32]).unwrap();
    let other = other.verifying_key().to_string();
    shell
        .run_with(&["audit", "verify", "--key", &other])
        .exits(3)
        .tells("the head of the log")
        .tells("checkpoint: the checkpoint is not signed with the log's key");
}

#[test]
fn what_cant_be_checked_is_no_tampering() {
    let shell = shell();
    shell
        .run("audit verify")
        .exits(1)
        .says("the log's key isn't at log.key")
        .says("--key");
    write_log(&shell, 1);
    shell
        .run("audit verify --checkpoint nowhere")
        .exits(1)
        .says("can't use the checkpoint nowhere: there is no such file");
    shell
        .run("audit verify --key nonsense")
        .exits(2)
        .says("this is not a log's public key");
    shell
        .run("audit show 7")
        .exits(1)
        .says("the log has nothing on BG-7");
}

#[test]
fn doctor_examines_every_part_and_says_what_to_do() {
    let shell = shell();
    let offline = shell.variable("BREAKGLASS__SLACK__API_URL", "http://127.0.0.1:1/api");
    let shell = offline.variable("BREAKGLASS__SERVER__TEST_MODE", "true");
    write_log(&shell, 2);
    shell
        .run("doctor")
        .exits(1)
        .tells("[ok] config: breakglass.toml checks")
        .tells("[ok] policy: policy.toml checks")
        .tells("[ok] store: all tables are there")
        .tells("[ok] store: triggers keep records and policies from being changed")
        .tells("[ok] store: our clock and the database's agree")
        .tells("[ok] store: the log's head is signed with our key (2 records")
        .tells("[failure] slack: ");
}
