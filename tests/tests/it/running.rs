//! Running on PostgreSQL with a role that owns no table, as docs/running.md sets it up.

use std::path::Path;
use std::sync::Arc;

use breakglass::clock::{Clock, SystemClock};
use breakglass::config::Config;
use breakglass::database::migrate;
use breakglass::doctor::store::examine;
use breakglass::environment::Environment;
use breakglass_core::port::provisioner::FindingLevel;
use breakglass_tests::postgres::{Server, StoreDatabase};

async fn set_up(server: Server) -> (StoreDatabase, Config) {
    let store = StoreDatabase::create(server).await;
    let config = config(&store.url(), &store.owner_url());
    (store, config)
}

fn config(url: &str, owner_url: &str) -> Config {
    let text = format!(
        r#"
[store]
url = "{url}"
owner_url = "{owner_url}"
[log]
origin = "breakglass.example.com/log"
[slack]
bot_token = "xoxb-1"
app_token = "xapp-1"
team = "T1"
approvers_channel = "C1"
security_channel = "C2"
"#
    );
    Config::parse(
        Path::new("/nowhere/breakglass.toml"),
        &text,
        &Environment::default(),
    )
    .expect("it checks")
}

async fn lines(config: &Config) -> Vec<String> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let level = |level| match level {
        FindingLevel::Ok => "ok",
        FindingLevel::Warning => "warning",
        FindingLevel::Failure => "failure",
    };
    let findings = examine(config, &clock).await;
    findings
        .iter()
        .map(|finding| format!("{}: {}", level(finding.level), finding.what))
        .collect()
}

#[tokio::test]
async fn the_servers_role_owns_nothing_and_the_log_is_guarded() {
    for server in Server::ALL {
        let (mut store, config) = set_up(server).await;
        let before = lines(&config).await;
        assert!(
            before[1].starts_with("failure: missing: m0001_log"),
            "{before:?}"
        );
        for _ in 0..2 {
            let steps = migrate(&config.store).await.expect("migrated");
            assert!(steps.iter().all(|step| step.applied));
        }
        let after = lines(&config).await;
        assert_eq!(
            after[1..],
            [
                "ok: all tables are there",
                "ok: triggers keep records and policies from being changed",
                "ok: our clock and the database's agree",
                "ok: the log is empty: its key is made at the first start",
            ]
        );

        let database = &mut store.database;
        database
            .run("ALTER TABLE event DISABLE TRIGGER event_append_only")
            .await;
        let unguarded = lines(&config).await;
        assert_eq!(
            unguarded[2],
            "failure: triggers are gone or disabled: event_append_only"
        );
        database
            .run("ALTER TABLE event ENABLE TRIGGER event_append_only")
            .await;

        let url = store.owner_url();
        let by_the_owner = lines(&self::config(&url, &url)).await;
        let owner = &store.owner;
        let told = format!("warning: {owner} can drop the triggers: it owns event, head, policy");
        assert_eq!(by_the_owner[3], told);
    }
}

#[tokio::test]
async fn a_wrong_password_and_a_missing_database_are_told_apart_from_nobody_there() {
    let (store, _) = set_up(Server::Fifteen).await;
    let url = store.database.url(&store.role, "wrong");
    let wrong = lines(&config(&url, &url)).await;
    assert!(
        wrong[0].starts_with("failure: can't use the store at postgres://"),
        "{wrong:?}"
    );
    let why = "says: password authentication failed for user";
    assert!(wrong[0].contains(why), "{wrong:?}");
    assert!(!wrong[0].contains(":wrong@"), "{wrong:?}");

    let url = store.url();
    let (server, _) = url.rsplit_once('/').unwrap();
    let nothere = format!("{server}/nothere");
    let missing = lines(&config(&nothere, &nothere)).await;
    let why = "says: database \"nothere\" does not exist";
    assert!(missing[0].contains(why), "{missing:?}");
}
