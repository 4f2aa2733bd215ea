//! What an operator reads when the configuration isn't right.

use super::shell::Shell;

/// The least that a server needs.
pub(crate) const MINIMAL: &str = r#"
[store]
url = "sqlite://breakglass.db"
[log]
origin = "breakglass.example.com/log"
[slack]
bot_token = "xoxb-canary"
app_token = "xapp-canary"
team = "T0123"
approvers_channel = "C0APPR"
security_channel = "C0SECU"
"#;

#[test]
fn a_missing_file_says_where_one_was_looked_for() {
    Shell::new()
        .run("check")
        .exits(1)
        .says("breakglass: can't read breakglass.toml")
        .says("Name the file by --config FILE or by BREAKGLASS_CONFIG");
    Shell::new()
        .run("check --config other.toml")
        .exits(1)
        .says("can't read other.toml");
    let elsewhere = Shell::new().variable("BREAKGLASS_CONFIG", "/etc/elsewhere.toml");
    elsewhere
        .run("check")
        .exits(1)
        .says("can't read /etc/elsewhere.toml");
}

#[test]
fn an_unknown_key_names_its_place_and_the_nearest() {
    let text = MINIMAL.replace("app_token", "app_tokn");
    Shell::new()
        .file("breakglass.toml", &text)
        .run("check")
        .exits(1)
        .says("breakglass.toml:8:1: slack.app_tokn: unknown key; did you mean app_token?")
        .says("What to do: Mend these, then run `breakglass check`.");
}

#[test]
fn a_missing_secret_file_is_named() {
    let text = MINIMAL.replace(
        "bot_token = \"xoxb-canary\"",
        "bot_token_file = \"tokens/bot\"",
    );
    Shell::new()
        .file("breakglass.toml", &text)
        .run("check")
        .exits(1)
        .says("slack.bot_token_file: can't read tokens/bot: No such file");
}

#[test]
fn a_bad_variable_is_named_without_its_value() {
    let run = Shell::new()
        .file("breakglass.toml", MINIMAL)
        .variable("BREAKGLASS__SLACK__BOT_TOKEN", "xoxp-canary")
        .variable("BREAKGLASS__SLACK__TEEM", "T1")
        .run("check")
        .exits(1)
        .says("environment: BREAKGLASS__SLACK__BOT_TOKEN: must begin with xoxb-")
        .says("BREAKGLASS__SLACK__TEEM: sets no key that exists");
    assert!(!run.stderr.contains("canary"), "{run:#?}");
}

#[test]
fn without_a_server_a_command_says_how_to_start_one() {
    Shell::new()
        .file("breakglass.toml", MINIMAL)
        .run("requests list")
        .exits(1)
        .says("no server answers at breakglass.sock")
        .says("breakglass serve");
}

#[test]
fn the_example_checks() {
    let example = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../docs/example/breakglass.toml"
    );
    let run = Shell::new()
        .run_with(&["check", "--config", example])
        .exits(0);
    let run = run
        .tells("Slack T0123 by socket")
        .tells("orders-postgres (postgres)")
        .tells("All checks.");
    assert!(
        run.stdout.lines().count() <= 24,
        "more than a screen: {run:#?}"
    );
    assert_eq!(run.stderr, "");
}

const POLICY: &str = r#"
version = 1
[[person]]
id = "maya"
slack = "U01MAYA"
[[target]]
id = "orders-db"
provisioner = "orders-postgres"
roles = [{ id = "read", grants = "orders_read" }]
"#;

#[test]
fn a_bad_policy_is_told_line_by_line() {
    let policy = POLICY
        .replace("provisioner =", "provsioner =")
        .replace("slack", "slak");
    Shell::new()
        .file("breakglass.toml", MINIMAL)
        .file("policy.toml", &policy)
        .run("check")
        .exits(1)
        .tells("policy.toml:5:1: person[0].slak: unknown key; did you mean slack?")
        .tells("policy.toml:8:1: target[0].provsioner: unknown key; did you mean provisioner?");
}

#[test]
fn a_policy_that_doesnt_fit_the_configuration_is_told() {
    let shell = Shell::new()
        .file("breakglass.toml", MINIMAL)
        .file("policy.toml", POLICY);
    shell
        .run("check")
        .exits(1)
        .tells("[failure] target \"orders-db\" names provisioner \"orders-postgres\", which isn't configured.")
        .tells("Doesn't check: mend the failures.");
    let json = shell.run("check --json").exits(1);
    let facts: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(facts["ok"], false);
    assert_eq!(facts["findings"][0]["level"], "failure");
}

#[test]
fn a_policy_that_isnt_there_is_told() {
    let shell = Shell::new().file("breakglass.toml", MINIMAL);
    shell
        .run("check")
        .exits(1)
        .tells("can't read policy.toml: No such file or directory");
}
