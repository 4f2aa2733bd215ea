use std::path::Path;

use breakglass_core::document::SourceFile;

use super::*;
use crate::environment::Environment;

const CONFIG: &str = r#"
[store]
url = "sqlite://breakglass.db"
[log]
origin = "breakglass.example.com/log"
[slack]
bot_token = "xoxb-1"
app_token = "xapp-1"
team = "T0123"
approvers_channel = "C0APPR"
security_channel = "C0SECU"
[[provisioner]]
id = "orders-postgres"
kind = "postgres"
url = "postgres://breakglass@db.internal/orders"
"#;

const POLICY: &str = r#"
version = 1
[[person]]
id = "maya"
slack = "U01MAYA"
email = "m@example.com"
[[person]]
id = "bo"
slack = "U01BO"
[[group]]
id = "dba"
members = ["maya", "bo"]
[[target]]
id = "orders-db"
provisioner = "orders-postgres"
roles = [{ id = "read", grants = "orders_read" }]
[[rule]]
id = "one-dba"
who = ["everyone"]
roles = ["orders-db/*"]
approvals = [{ from = ["group:dba"], count = 1 }]
"#;

fn check(config: &str, policy: &str, lines: &[&str]) {
    let file = Path::new("breakglass.toml");
    let config = Config::parse(file, config, &Environment::default()).unwrap();
    let files = [SourceFile {
        name: "policy.toml".to_owned(),
        text: policy.to_owned(),
    }];
    let findings = misfits(&config, &Policy::parse(&files).unwrap());
    let told: Vec<_> = findings
        .iter()
        .map(|finding| format!("{:?}: {} -> {}", finding.level, finding.what, finding.mend))
        .collect();
    assert_eq!(told, lines);
}

#[test]
fn a_policy_that_fits_has_no_findings() {
    check(CONFIG, POLICY, &[]);
}

#[test]
fn a_target_without_its_provisioner_is_a_failure() {
    check(
        CONFIG,
        &POLICY.replace(
            "provisioner = \"orders-postgres\"",
            "provisioner = \"order-postgres\"",
        ),
        &[
            "Failure: target \"orders-db\" names provisioner \"order-postgres\", which isn't configured -> \
             Add a [[provisioner]] with this id to breakglass.toml. Did you mean \"orders-postgres\"?",
            "Warning: no target of the policy uses provisioner \"orders-postgres\" -> \
             Remove it once nothing is live there (`breakglass check --store`), or add a [[target]] that names it.",
        ],
    );
}

#[test]
fn two_people_never_share_a_login() {
    let policy = POLICY.replace(
        "slack = \"U01BO\"",
        "slack = \"U01BO\"\naccounts = { orders-postgres = \"maya\" }",
    );
    check(
        CONFIG,
        &policy,
        &[
            "Failure: bo, maya share the login \"maya\" on \"orders-postgres\" -> \
           Give them `accounts = { orders-postgres = \"…\" }` of their own.",
        ],
    );
}

#[test]
fn who_has_no_login_is_named() {
    check(
        &format!("{CONFIG}login = \"{{email}}\""),
        POLICY,
        &[
            "Warning: bo can hold nothing on \"orders-postgres\": no e-mail address -> \
           Give them an email, or `accounts = { orders-postgres = \"…\" }`.",
        ],
    );
}

#[test]
fn a_policy_without_accounts_reaches_nobody() {
    check(
        CONFIG,
        &POLICY
            .replace("slack = ", "discord = ")
            .replace("U01MAYA", "1")
            .replace("U01BO", "2"),
        &[
            "Warning: nobody in the policy has a Slack account, so nobody can ask -> \
           Give people `slack = \"…\"`; `breakglass people import slack` writes them for you.",
        ],
    );
}

#[test]
fn a_group_that_nobody_tells_of_is_named() {
    let members = "members = [\"maya\", \"bo\"]";
    check(
        CONFIG,
        &POLICY.replace(
            members,
            &format!(
                "{members}\ndiscord_role = \"300000000000000001\"\nslack_usergroup = \"S01DBA\""
            ),
        ),
        &[
            "Warning: group \"dba\" has a discord_role, but Discord isn't configured: what it would tell is unknown, \
             and a rule that needs it doesn't match -> Remove the key, or configure Discord.",
        ],
    );
}

#[test]
fn pagers_are_named_as_they_are_configured() {
    let pager = |id: &str, more: &str| {
        format!("[[pager]]\nid = \"{id}\"\nkind = \"command\"\nprogram = [\"/bin/true\"]\n{more}\n")
    };
    let named = |id: &str| {
        POLICY.replace(
            "id = \"dba\"\n",
            &format!("id = \"dba\"\npage = \"{id}\"\n"),
        )
    };
    let one = format!("{CONFIG}{}", pager("dba-phone", ""));
    check(&one, &named("dba-phone"), &[]);
    check(
        &one,
        &named("dba-fone"),
        &[
            "Failure: group \"dba\" names pager \"dba-fone\", which isn't configured -> \
             Add a [[pager]] with this id to breakglass.toml. Did you mean \"dba-phone\"?",
            "Warning: pager \"dba-phone\" takes no alarms, and the policy doesn't name it -> \
             Remove it, set `alarms = true`, or name it by `page = \"…\"` in a group or escalation.",
        ],
    );
    let alarmed = format!("{CONFIG}{}", pager("siren", "alarms = true"));
    check(&alarmed, POLICY, &[]);
}
