//! What fails, and what kind of failure it is told as.

use breakglass_core::port::provisioner::{Presence, ProvisionError};
use breakglass_tests::postgres::{Server, say};
use breakglass_tests::proxy::{Proxy, Weather};
use tokio::net::TcpListener;

use super::{Stage, holding, provisioner};

/// What an operator must mend; in the server's words or ours.
async fn refused(stage: &Stage, role: &str, login: &str) -> String {
    match stage.give(holding(role, login)).await {
        Err(ProvisionError::Refused(why)) => why,
        other => panic!("{role} for {login}: {other:?}"),
    }
}

#[tokio::test]
async fn who_and_what_is_missing_is_refused_and_can_be_taken() {
    for server in Server::ALL {
        let stage = Stage::create(server).await;
        let (admin, login) = (&stage.target.admin, &stage.target.login);
        assert_eq!(
            refused(&stage, admin, "No One").await,
            "there is no login \"No One\""
        );
        assert_eq!(
            refused(&stage, "nothing", login).await,
            "there is no role nothing"
        );
        let text = format!("{admin} is a role that nobody can log in as");
        assert_eq!(refused(&stage, &stage.target.read, admin).await, text);
        for (role, login) in [(&**admin, "No One"), ("nothing", &**login)] {
            stage.take(holding(role, login)).await.unwrap();
            assert_eq!(
                stage.look(holding(role, login)).await.ours,
                Presence::Absent
            );
        }
    }
}

#[tokio::test]
async fn a_login_that_goes_during_the_grant_is_no_failure() {
    for server in Server::ALL {
        let mut stage = Stage::create(server).await;
        stage.give(stage.holding()).await.unwrap();
        stage.run("DROP ROLE {login}").await;
        stage.take(stage.holding()).await.unwrap();
        assert_eq!(stage.look(stage.holding()).await.ours, Presence::Absent);
    }
}

#[tokio::test]
async fn our_own_login_is_nobodys() {
    for server in Server::ALL {
        let stage = Stage::create(server).await;
        let us = &stage.target.us;
        assert_eq!(
            refused(&stage, &stage.target.admin, us).await,
            format!("{us} is no person's login")
        );
    }
}

#[tokio::test]
async fn a_role_that_we_may_not_grant_is_refused() {
    for server in Server::ALL {
        let mut stage = Stage::create(server).await;
        stage.run("CREATE ROLE {us}_other").await;
        let other = format!("{}_other", stage.target.us);
        let why = refused(&stage, &other, &stage.target.login).await;
        assert!(why.contains(&other), "{why}");
        let seen = stage.look(holding(&other, &stage.target.login)).await;
        assert_eq!(seen.ours, Presence::Absent);
    }
}

#[tokio::test]
async fn names_may_have_any_characters() {
    let (role, login) = ("or\"ders; DROP ROLE x --", "O'Hara \"x\" $1 %I");
    for server in Server::ALL {
        let mut stage = Stage::create(server).await;
        let (role, login) = (
            format!("{} {role}", stage.target.us),
            format!("{} {login}", stage.target.us),
        );
        let quoted = role.replace('"', "\"\"");
        stage.target.add_login(&login).await;
        let us = stage.target.us.clone();
        let setup =
            format!("CREATE ROLE \"{quoted}\"; GRANT \"{quoted}\" TO {us} WITH ADMIN OPTION");
        stage.target.database.run(setup).await;
        let odd = holding(&role, &login);
        stage.give(odd.clone()).await.unwrap();
        assert_eq!(stage.look(odd.clone()).await.ours, Presence::Present);
        stage.take(odd.clone()).await.unwrap();
        assert_eq!(stage.look(odd.clone()).await.ours, Presence::Absent);
        stage.give(odd.clone()).await.unwrap();
        stage
            .target
            .database
            .run(stage.provisioner.by_hand(&odd))
            .await;
        assert_eq!(stage.look(odd).await.ours, Presence::Absent, "by hand");
    }
}

#[tokio::test]
async fn a_wrong_login_is_refused_and_shows_no_password() {
    for server in Server::ALL {
        let stage = Stage::create(server).await;
        let url = stage.target.url();
        for wrong in [url.replace("open_sesame", "canary"), format!("{url}_gone")] {
            let failed = provisioner(&wrong, "").inspect(&stage.holding()).await;
            let Err(ProvisionError::Refused(why)) = failed else {
                panic!("{failed:?}")
            };
            assert!(
                why.starts_with("can't log in: ") && !why.contains("canary"),
                "{why}"
            );
            assert!(!why.contains("open_sesame"), "{why}");
        }
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_is_unavailable() {
    let stage = Stage::create(Server::Newest).await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgres://bg@{}/x", silent.local_addr().unwrap());
    let failed = provisioner(&url, "").deprovision(&stage.holding()).await;
    assert_eq!(
        failed,
        Err(ProvisionError::Unavailable("no answer within 3 s".into()))
    );
}

#[tokio::test]
async fn a_role_that_somebody_holds_on_to_is_tried_again() {
    let mut stage = Stage::create(Server::Newest).await;
    stage.give(stage.holding()).await.unwrap();
    stage
        .run("CREATE ROLE {us}_dba LOGIN SUPERUSER PASSWORD 'open_sesame'; CREATE ROLE {us}_x")
        .await;
    let us = stage.target.us.clone();
    let mut dba = sqlx::ConnectOptions::connect(
        &stage
            .target
            .database
            .options(&format!("{us}_dba"), "open_sesame"),
    )
    .await
    .unwrap();
    say(
        &mut dba,
        &format!("BEGIN; GRANT {} TO {us}_x", stage.target.admin),
    )
    .await
    .unwrap();
    let taken = stage.take(stage.holding()).await;
    let text = "canceling statement due to lock timeout";
    assert_eq!(taken, Err(ProvisionError::Unavailable(text.into())));
    say(&mut dba, "COMMIT").await.unwrap();
    stage.take(stage.holding()).await.unwrap();
    assert!(!stage.has().await);
}

#[tokio::test]
async fn a_connection_that_was_cut_is_made_again() {
    for server in Server::ALL {
        let mut stage = Stage::create(server).await;
        stage.give(stage.holding()).await.unwrap();
        stage.run("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = '{us}'").await;
        stage.take(stage.holding()).await.unwrap();
        assert!(!stage.has().await);
    }
}

#[tokio::test]
async fn a_read_only_server_is_tried_again() {
    for server in Server::ALL {
        let mut stage = Stage::create(server).await;
        stage
            .run("ALTER ROLE {us} SET default_transaction_read_only = on")
            .await;
        let given = stage.give(stage.holding()).await;
        assert!(
            matches!(&given, Err(ProvisionError::Unavailable(why)) if why.contains("read-only")),
            "{given:?}"
        );
    }
}

#[tokio::test]
async fn a_call_that_comes_after_we_gave_up_does_nothing() {
    for server in Server::ALL {
        let mut stage = Stage::create(server).await;
        let address = stage.target.address();
        let proxy = Proxy::start(address.clone(), "DO $provision$").await;
        let url = stage
            .target
            .url()
            .replace(&address, &proxy.address.to_string());
        stage.provisioner = provisioner(&format!("{url}?sslmode=disable"), "timeout = '8s'");
        proxy.change(Weather::Slow);
        let given = stage.give(stage.holding()).await;
        assert!(
            matches!(given, Err(ProvisionError::Unknown(_))),
            "{given:?}"
        );
        proxy.change(Weather::Fair);
        let us = stage.target.us.clone();
        let sessions = format!("SELECT count(*) FROM pg_stat_activity WHERE usename = '{us}'");
        stage.target.database.until(&sessions, "0").await;
        assert!(!stage.has().await);
    }
}
