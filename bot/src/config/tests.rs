use std::fs;

use super::*;
use crate::trouble::Trouble;

const MINIMAL: &str = r#"
[store]
url = "sqlite://breakglass.db"
[log]
origin = "breakglass.example.com/log"
[slack]
bot_token = "xoxb-canary-bot"
app_token = "xapp-canary-app"
team = "T0123"
approvers_channel = "C0APPR"
security_channel = "C0SECU"
"#;

fn environment(pairs: &[(&str, &str)]) -> Environment {
    Environment::of(
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    )
}

fn load(text: &str, pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::parse(
        Path::new("/etc/bg/breakglass.toml"),
        text,
        &environment(pairs),
    )
}

/// Asserts on all that is wrong, as people see it.
fn check(text: &str, pairs: &[(&str, &str)], faults: &[&str]) {
    let error = load(text, pairs).expect_err("it checks");
    assert_eq!(error.lines(), faults);
}

fn with(line: &str) -> String {
    format!("{MINIMAL}{line}\n")
}

#[test]
fn what_is_not_said_has_a_default() {
    let config = load(MINIMAL, &[]).unwrap();
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8420");
    assert_eq!(config.server.admin_listen.to_string(), "127.0.0.1:8422");
    assert!(!config.server.test_mode);
    let slack = config.slack.unwrap();
    assert_eq!(
        (slack.mode.as_str(), slack.host().as_str()),
        ("socket", "slack.com")
    );
}

#[test]
fn a_channel_for_help_is_optional_but_a_channel() {
    assert_eq!(
        load(MINIMAL, &[]).unwrap().slack.unwrap().help_channel,
        None
    );
    let given = load(&with("help_channel = \"C0HELP\""), &[]).unwrap();
    assert_eq!(given.slack.unwrap().help_channel.as_deref(), Some("C0HELP"));
    check(
        &with("help_channel = \"#access-help\""),
        &[],
        &[
            "/etc/bg/breakglass.toml:12:16: slack.help_channel: \"#access-help\": a channel's id begins with C: \
           it stands at the end of \"View channel details\"",
        ],
    );
}

#[test]
fn paths_start_at_the_file_they_stand_in() {
    let config = load(MINIMAL, &[("BREAKGLASS__LOG__KEY_FILE", "here/log.key")]).unwrap();
    assert_eq!(
        config.server.admin_socket,
        Path::new("/etc/bg/breakglass.sock")
    );
    assert_eq!(config.policy_file, Path::new("/etc/bg/policy.toml"));
    assert_eq!(config.store.shown(), "sqlite:///etc/bg/breakglass.db");
    assert_eq!(config.log.key_file, Path::new("here/log.key"));
}

#[test]
fn the_environment_overrides_the_file() {
    let pairs = [
        ("BREAKGLASS__SERVER__LISTEN", "[::1]:9"),
        ("BREAKGLASS__SERVER__TEST_MODE", "true"),
        ("BREAKGLASS__SLACK__BOT_TOKEN", "xoxb-1e5"),
        ("BREAKGLASS__SLACK__TEAM", "T9"),
        (
            "BREAKGLASS__STORE__URL",
            "postgres://bg:canary@db:5433/log?sslmode=require",
        ),
        ("BREAKGLASS_CONFIG", "is not a key"),
    ];
    let config = load(MINIMAL, &pairs).unwrap();
    assert_eq!(config.server.listen.to_string(), "[::1]:9");
    assert!(config.server.test_mode);
    assert_eq!(config.slack.unwrap().team, "T9");
    assert_eq!(config.store.shown(), "postgres://bg@db:5433/log");
}

#[test]
fn the_environment_alone_is_enough() {
    let pairs = [
        ("BREAKGLASS__STORE__URL", "sqlite:///var/lib/bg.db"),
        ("BREAKGLASS__LOG__ORIGIN", "bg.example.com/log"),
        ("BREAKGLASS__SLACK__MODE", "http"),
        ("BREAKGLASS__SLACK__BOT_TOKEN", "xoxb-1"),
        ("BREAKGLASS__SLACK__SIGNING_SECRET", "s"),
        ("BREAKGLASS__SLACK__TEAM", "T1"),
        ("BREAKGLASS__SLACK__APPROVERS_CHANNEL", "C1"),
        ("BREAKGLASS__SLACK__SECURITY_CHANNEL", "C2"),
    ];
    assert_eq!(
        load("", &pairs).unwrap().slack.unwrap().mode.as_str(),
        "http"
    );
}

#[test]
fn an_unknown_key_names_the_nearest() {
    check(
        &format!("{MINIMAL}aprovers_channel = 'C1'\n[sever]\nlisten = '1'\n"),
        &[
            ("BREAKGLASS__SERVER__LISTENS", "x"),
            ("BREAKGLASS__ZEBRA", "x"),
        ],
        &[
            "/etc/bg/breakglass.toml:12:1: slack.aprovers_channel: unknown key",
            "/etc/bg/breakglass.toml:13:2: sever: unknown key; did you mean server?",
            "environment: BREAKGLASS__SERVER__LISTENS: sets no key that exists (keys in lists can't be set here); \
             did you mean BREAKGLASS__SERVER__LISTEN?",
            "environment: BREAKGLASS__ZEBRA: sets no key that exists (keys in lists can't be set here)",
        ],
    );
}

#[test]
fn all_faults_come_at_once() {
    check(
        "[server]\nlisten = 'here'\ntest_mode = 'yes'\nlog = 'jsn'\n[store]\nurl = 'mysql://h/d'\n[slack]\nteam = 7\n",
        &[("BREAKGLASS__SERVER__LOG_FILTER", "info=loud")],
        &[
            "/etc/bg/breakglass.toml:1:1: log.origin: required key is missing \
             (it can also be set as BREAKGLASS__LOG__ORIGIN)",
            "/etc/bg/breakglass.toml:2:10: server.listen: \"here\": invalid socket address syntax",
            "/etc/bg/breakglass.toml:3:13: server.test_mode: must be true or false, not a text",
            "/etc/bg/breakglass.toml:4:7: server.log: \"jsn\": write \"human\" or \"json\"",
            "/etc/bg/breakglass.toml:6:7: store.url: write sqlite://FILE or postgres://USER@HOST/DATABASE",
            "/etc/bg/breakglass.toml:7:1: slack.app_token: required key is missing \
             (it can also be set as BREAKGLASS__SLACK__APP_TOKEN)",
            "/etc/bg/breakglass.toml:7:1: slack.approvers_channel: required key is missing \
             (it can also be set as BREAKGLASS__SLACK__APPROVERS_CHANNEL)",
            "/etc/bg/breakglass.toml:7:1: slack.bot_token: required key is missing \
             (it can also be set as BREAKGLASS__SLACK__BOT_TOKEN)",
            "/etc/bg/breakglass.toml:7:1: slack.security_channel: required key is missing \
             (it can also be set as BREAKGLASS__SLACK__SECURITY_CHANNEL)",
            "/etc/bg/breakglass.toml:8:8: slack.team: must be a text in quotes, not a whole number",
            "environment: BREAKGLASS__SERVER__LOG_FILTER: \"info=loud\": write a level (error, warn, info, debug, trace) \
             or a list like info,breakglass::engine=debug",
        ],
    );
}

#[test]
fn text_that_is_no_toml_is_told_with_its_line() {
    let error = load(&with("team = "), &[]).unwrap_err();
    assert!(
        error.lines()[0].starts_with("/etc/bg/breakglass.toml:12:"),
        "{:?}",
        error.lines()
    );
}

#[test]
fn a_server_without_chat_is_a_fault() {
    let (before, _) = MINIMAL.split_once("[slack]").unwrap();
    check(
        before,
        &[],
        &[
            "/etc/bg/breakglass.toml:1:1: slack: no chat is configured: nobody could ask or approve; add [slack] or [discord]",
        ],
    );
}

const DISCORD: &str = r#"
[discord]
token = "canary-discord"
application_id = "100000000000000001"
guild = "100000000000000002"
approvers_channel = "100000000000000003"
security_channel = "100000000000000004"
"#;

#[test]
fn discord_does_alone_or_beside_slack() {
    let (before, _) = MINIMAL.split_once("[slack]").unwrap();
    let alone = load(&format!("{before}{DISCORD}"), &[]).unwrap();
    assert!(alone.slack.is_none());
    let discord = alone.discord.as_ref().unwrap();
    assert_eq!(
        (discord.mode.as_str(), discord.host().as_str()),
        ("gateway", "discord.com")
    );
    let settings = alone.settings();
    assert_eq!(settings["discord.guild"], "100000000000000002");
    assert!(!format!("{settings:?}{alone:?}").contains("canary"));

    let both = load(&format!("{MINIMAL}{DISCORD}"), &[]).unwrap();
    assert!(both.slack.is_some() && both.discord.is_some());
    assert_ne!(both.digest(), alone.digest());
}

#[test]
fn what_is_wrong_with_discord_is_told_at_once() {
    let (before, _) = MINIMAL.split_once("[slack]").unwrap();
    let wrong = DISCORD
        .replace("100000000000000002", "our guild")
        .replace("token = \"canary-discord\"", "mode = \"http\"")
        .replace("security_channel", "securty_channel");
    check(
        &format!("{before}{wrong}api_url = 'https://discord.com.example.net'\n"),
        &[],
        &[
            "/etc/bg/breakglass.toml:7:1: discord.public_key: required key is missing \
             (it can also be set as BREAKGLASS__DISCORD__PUBLIC_KEY)",
            "/etc/bg/breakglass.toml:7:1: discord.security_channel: required key is missing \
             (it can also be set as BREAKGLASS__DISCORD__SECURITY_CHANNEL)",
            "/etc/bg/breakglass.toml:7:1: discord.token: required key is missing \
             (it can also be set as BREAKGLASS__DISCORD__TOKEN)",
            "/etc/bg/breakglass.toml:10:9: discord.guild: \"our guild\": \
             an id is 17 to 20 digits in quotes: turn on developer mode, then \"Copy ID\"",
            "/etc/bg/breakglass.toml:12:1: discord.securty_channel: unknown key; did you mean security_channel?",
            "/etc/bg/breakglass.toml:13:11: discord.api_url: is not at https://discord.com; somewhere else needs \
             [server] test_mode = true, and then every message says TEST",
        ],
    );
}

#[test]
fn another_api_needs_test_mode() {
    let elsewhere = with("api_url = 'https://slack.com.example.net/api'");
    check(
        &elsewhere,
        &[],
        &[
            "/etc/bg/breakglass.toml:12:11: slack.api_url: is not at https://slack.com; somewhere else needs \
           [server] test_mode = true, and then every message says TEST",
        ],
    );
    for elsewhere in [
        "http://slack.com/api",
        "https://slack.com:444/api",
        "https://user@slack.com.evil/api",
    ] {
        assert!(
            load(&with(&format!("api_url = '{elsewhere}'")), &[]).is_err(),
            "{elsewhere}"
        );
    }
    let test = ("BREAKGLASS__SERVER__TEST_MODE", "true");
    assert_eq!(
        load(&elsewhere, &[test]).unwrap().slack.unwrap().host(),
        "slack.com.example.net"
    );
    assert!(load(&with("api_url = 'https://slack.com/api/'"), &[]).is_ok());
}

#[test]
fn a_token_of_another_kind_is_refused_and_not_told() {
    check(
        &MINIMAL.replace("xoxb-canary-bot", "xoxp-canary"),
        &[("BREAKGLASS__SLACK__APP_TOKEN", "xoxb-canary")],
        &[
            "/etc/bg/breakglass.toml:7:13: slack.bot_token: must begin with xoxb-: this is some other kind of token",
            "environment: BREAKGLASS__SLACK__APP_TOKEN: must begin with xapp-: this is some other kind of token",
        ],
    );
}

#[test]
fn a_channel_is_named_by_its_id() {
    check(
        &MINIMAL.replace("C0APPR", "#approvals"),
        &[],
        &[
            "/etc/bg/breakglass.toml:10:21: slack.approvers_channel: \"#approvals\": \
           a channel's id begins with C: it stands at the end of \"View channel details\"",
        ],
    );
}

#[test]
fn a_store_in_memory_is_refused() {
    for url in [
        "sqlite::memory:",
        "sqlite://:memory:",
        "sqlite://x.db?mode=memory",
    ] {
        let text = MINIMAL.replace("sqlite://breakglass.db", url);
        check(
            &text,
            &[],
            &[
                "/etc/bg/breakglass.toml:3:7: store.url: a store in memory would forget live grants; write sqlite://FILE",
            ],
        );
    }
}

#[test]
fn a_secret_may_stand_in_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("token"), "xoxb-from-file\n").unwrap();
    let file = folder.path().join("breakglass.toml");
    let text = MINIMAL.replace(
        "bot_token = \"xoxb-canary-bot\"",
        "bot_token_file = \"token\"",
    );
    let config = Config::parse(&file, &text, &environment(&[])).unwrap();
    let token = config.slack.unwrap().bot_token;
    assert_eq!(
        secrecy::ExposeSecret::expose_secret(&token),
        "xoxb-from-file"
    );
}

#[test]
fn a_secret_given_twice_missing_or_empty_is_a_fault() {
    check(
        MINIMAL,
        &[
            ("BREAKGLASS__SLACK__BOT_TOKEN_FILE", "/nowhere"),
            ("BREAKGLASS__SLACK__APP_TOKEN", " "),
        ],
        &[
            "environment: BREAKGLASS__SLACK__APP_TOKEN: is empty",
            "environment: BREAKGLASS__SLACK__BOT_TOKEN_FILE: bot_token is given too; keep one of them",
        ],
    );
    let text = MINIMAL.replace(
        "bot_token = \"xoxb-canary-bot\"",
        "bot_token_file = \"/nowhere\"",
    );
    check(
        &text,
        &[],
        &["/etc/bg/breakglass.toml:7:18: slack.bot_token_file: \
           can't read /nowhere: No such file or directory (os error 2)"],
    );
}

#[test]
fn no_secret_shows() {
    let secrets = [
        (
            "BREAKGLASS__STORE__URL",
            "postgres://bg:canary@h/d?password=canary",
        ),
        (
            "BREAKGLASS__STORE__OWNER_URL",
            "postgres://owner:canary@h/d",
        ),
        ("BREAKGLASS__SLACK__SIGNING_SECRET", "canary"),
    ];
    let config = load(MINIMAL, &secrets).unwrap();
    for shown in [
        format!("{config:?}"),
        format!("{config:#?}"),
        format!("{:?}", config.settings()),
    ] {
        assert!(!shown.contains("canary"), "{shown}");
    }
    let bad = [
        ("BREAKGLASS__STORE__URL", "mysql://bg:canary@h/d"),
        ("BREAKGLASS__SLACK__APP_TOKEN", "canary"),
    ];
    let error = load(MINIMAL, &bad).unwrap_err();
    for shown in [
        format!("{error:?}"),
        format!("{error}"),
        Trouble::from(error.clone()).to_string(),
    ] {
        assert!(!shown.contains("canary"), "{shown}");
    }
    assert!(!format!("{:?}", environment(&secrets)).contains("canary"));
}

#[test]
fn the_digest_tells_settings_apart_and_knows_no_secret() {
    let digest = |pairs: &[(&str, &str)]| load(MINIMAL, pairs).unwrap().digest();
    assert_eq!(
        digest(&[]),
        digest(&[("BREAKGLASS__SLACK__BOT_TOKEN", "xoxb-rotated")])
    );
    assert_ne!(digest(&[]), digest(&[("BREAKGLASS__SLACK__TEAM", "T9")]));
    assert!(digest(&[]).to_string().starts_with("sha256:"));
}

#[test]
fn the_file_is_the_named_one_else_the_one_of_the_environment() {
    let elsewhere = environment(&[("BREAKGLASS_CONFIG", "/etc/bg.toml")]);
    assert_eq!(find(Some("x.toml".into()), &elsewhere), Path::new("x.toml"));
    assert_eq!(find(None, &elsewhere), Path::new("/etc/bg.toml"));
    assert_eq!(find(None, &environment(&[])), Path::new("breakglass.toml"));
}

#[test]
fn a_missing_file_says_what_to_do() {
    let error = Config::load(Path::new("/nowhere/x.toml"), &environment(&[])).unwrap_err();
    let text = Trouble::from(error).to_string();
    assert!(
        text.starts_with("can't read /nowhere/x.toml\n  No such file"),
        "{text}"
    );
    assert!(text.contains("--config FILE"), "{text}");
}

const TARGETS: &str = r#"
[[provisioner]]
id = "orders-postgres"
kind = "postgres"
url = "postgres://breakglass:canary@db.internal/orders"
login = "{email_local}"
[[provisioner]]
id = "firewall"
kind = "command"
program = ["bin/firewall", "--fast"]
"#;

#[test]
fn provisioners_have_the_keys_of_their_kind() {
    let config = load(&with(TARGETS), &[]).unwrap();
    let shown = |config: &ProvisionerConfig| {
        (
            config.id.to_string(),
            config.login.clone(),
            config.kind.as_str(),
        )
    };
    let all: Vec<_> = config.provisioners.iter().map(shown).collect();
    assert_eq!(
        all,
        [
            (
                "orders-postgres".to_owned(),
                "{email_local}".to_owned(),
                "postgres"
            ),
            ("firewall".to_owned(), "{id}".to_owned(), "command"),
        ]
    );
    assert_eq!(config.provisioners[0].host(), "db.internal:5432/orders");
    let settings = config.settings();
    assert_eq!(
        settings["provisioner.orders-postgres.host"],
        "db.internal:5432/orders"
    );
    assert!(
        !format!("{config:?}{settings:?}").contains("canary"),
        "{config:?}"
    );
}

#[test]
fn faults_of_provisioners_name_their_place() {
    let text = with(
        &TARGETS
            .replace("{email_local}", "{mail}")
            .replace("program", "programme")
            .replace("firewall\"\nkind", "orders-postgres\"\nkind"),
    );
    check(
        &text,
        &[("BREAKGLASS__PROVISIONER__0__URL", "x")],
        &[
            "/etc/bg/breakglass.toml:17:9: provisioner[0].login: \
             write a person's login with {id}, {email} or {email_local} in it",
            "/etc/bg/breakglass.toml:18:1: provisioner[1].program: required key is missing",
            "/etc/bg/breakglass.toml:19:6: provisioner[1].id: another [[provisioner]] has this id",
            "/etc/bg/breakglass.toml:21:1: provisioner[1].programme: unknown key; did you mean program?",
            "environment: BREAKGLASS__PROVISIONER__0__URL: sets no key that exists (keys in lists can't be set here)",
        ],
    );
}

#[test]
fn pagers_have_the_keys_of_their_kind_and_tell_no_secret() {
    let config = with(
        "[[pager]]
id = \"dba-phone\"
kind = \"webhook\"
url = \"https://hooks.example.com/canary-path\"
secret = \"whsec_Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5\"
alarms = true
[[pager]]
id = \"siren\"
kind = \"command\"
program = [\"siren.sh\", \"--loud\"]",
    );
    let config = load(&config, &[]).unwrap();
    assert_eq!(config.alarm_pagers(), ["dba-phone".parse().unwrap()]);
    let settings = config.settings();
    assert_eq!(
        settings["pager.dba-phone.host"],
        "https://hooks.example.com"
    );
    assert_eq!(settings["pager.siren.program"], "/etc/bg/siren.sh");
    assert_eq!(settings["pager.siren.arguments"], "[\"--loud\"]");
    let shown = format!("{settings:?} {:?}", config.pagers[0].kind);
    assert!(
        !shown.contains("Y2FuYXJ5") && !shown.contains("canary-path"),
        "{shown}"
    );
}

#[test]
fn faults_of_pagers_name_their_place() {
    let faulty = with(
        "[[pager]]
id = \"a\"
kind = \"webhook\"
url = \"http://hooks.example.com/page\"
secret = \"whsec_Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5\"
[[pager]]
id = \"a\"
kind = \"webhook\"
url = \"https://hooks.example.com/page\"
secret = \"hunter2\"
[[pager]]
id = \"b\"
kind = \"command\"
program = []
key = 1",
    );
    check(
        &faulty,
        &[],
        &[
            "/etc/bg/breakglass.toml:15:7: pager[0].url: must be https:// (http:// only on this machine itself)",
            "/etc/bg/breakglass.toml:18:6: pager[1].id: another [[pager]] has this id",
            "/etc/bg/breakglass.toml:21:10: pager[1].secret: is whsec_ and 24 to 64 random bytes in base64; \
             `echo whsec_$(openssl rand -base64 32)` makes one",
            "/etc/bg/breakglass.toml:25:11: pager[2].program: names no program; write [\"/path/to/program\", \"argument\"]",
            "/etc/bg/breakglass.toml:26:1: pager[2].key: unknown key",
        ],
    );
}
