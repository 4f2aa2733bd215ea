use std::path::Path;

use breakglass_core::document::Document;

use super::*;
use crate::Kind;

/// Reads one `[[provisioner]]` of this kind, and asserts on its faults.
fn check(keys: &str, faults: &str) -> Option<Config> {
    let text = format!("kind = 'postgres'\n{keys}");
    let document = Document::parse("a.toml", &text);
    let kind = Kind::read(&document.root(), Path::new("/etc/bg"));
    assert_eq!(document.finish().to_string(), faults);
    kind.map(|kind| match kind {
        Kind::Postgres(config) => config,
        Kind::Command(_) => unreachable!("the kind is postgres"),
    })
}

fn holding(entitlement: &str, account: &str) -> HoldingId {
    HoldingId {
        provisioner: "orders".parse().unwrap(),
        account: account.into(),
        entitlement: entitlement.into(),
    }
}

fn provisioner() -> PostgresProvisioner {
    let config = check("url = 'postgres://break\"glass:canary@db/orders'\n", "");
    PostgresProvisioner::new(&config.unwrap())
}

#[test]
fn what_the_url_leaves_out_is_fixed() {
    let config = check("url = 'postgres://bg@db.internal'\n", "").unwrap();
    assert_eq!(config.host(), "db.internal:5432/bg");
    let config = check(
        "url = 'postgres://bg@db:7777/orders?sslmode=verify-full'\n",
        "",
    )
    .unwrap();
    assert_eq!(config.host(), "db:7777/orders");
    let config = check(
        "url = 'postgres://bg@localhost/orders?host=/run/postgresql'\n",
        "",
    )
    .unwrap();
    assert_eq!(config.host(), "/run/postgresql/orders");
}

#[test]
fn wrong_keys_are_faults_that_show_no_secret() {
    const WRITE: &str = "a.toml:2:7: url: write postgres://LOGIN@HOST/DATABASE";
    check("", "a.toml:1:1: url: required key is missing\n");
    for url in [
        "canary",
        "mysql://bg:canary@db/x",
        "postgres://db/x",
        "postgres://bg:canary@/x",
    ] {
        check(&format!("url = '{url}'\n"), &format!("{WRITE}\n"));
    }
    check(
        "url = 'postgres://bg:canary@db/x?ssl_mode=require'\n",
        "a.toml:2:7: url: \"ssl_mode\" is none of host, sslcert, sslkey, sslmode, sslrootcert\n",
    );
    check(
        "url = 'postgres://bg:canary@db/x?sslmode=maybe'\n",
        &format!("{WRITE}; one of its options isn't valid\n"),
    );
    check(
        "url = 'postgres://bg@db/x'\npassword = 'canary'\npassword_file = 'p'\ntimeout = '1s'\n",
        "a.toml:4:17: password_file: write either password or password_file\n\
         a.toml:5:11: timeout: 1 s is not within 8 s and 30 s\n",
    );
}

#[test]
fn a_secret_can_stand_in_a_file_and_is_never_shown() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("password");
    std::fs::write(&file, "canary\n").unwrap();
    let keys = format!(
        "url = 'postgres://bg@db/x'\npassword_file = '{}'\n",
        file.display()
    );
    let config = check(&keys, "").unwrap();
    assert!(
        format!("{:?}", config.options()).contains("canary"),
        "it is used"
    );
    assert!(!format!("{config:?}").contains("canary"));
    let settings = Kind::Postgres(config).settings();
    assert_eq!(settings["url"], "postgres://bg@db:5432/x");
    assert!(!format!("{settings:?}").contains("canary"));
    assert!(!format!("{:?}", provisioner()).contains("canary"));
    assert!(!provisioner().host().contains("canary"));
}

#[test]
fn by_hand_quotes_names_as_the_server_would() {
    let text = provisioner().by_hand(&holding("or\"ders; DROP", "o'hara"));
    assert_eq!(
        text,
        "REVOKE \"or\"\"ders; DROP\" FROM \"o'hara\" GRANTED BY \"break\"\"glass\"; \
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'o''hara';"
    );
}

#[test]
fn only_names_that_can_exist_are_sent() {
    for (name, can) in [
        ("maya", true),
        ("it's \"odd\"", true),
        ("", false),
        ("a\0b", false),
        (&*"x".repeat(63), true),
        (&*"x".repeat(64), false),
        (&*"é".repeat(32), false),
    ] {
        assert_eq!(name::can_exist(name), can, "{name:?}");
    }
}
