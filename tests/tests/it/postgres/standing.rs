//! Access that others gave: never touched, always named.

use breakglass_core::id::HoldingId;
use breakglass_core::port::provisioner::{Presence, ProvisionError, Provisioned};
use breakglass_tests::postgres::Server;

use super::Stage;

#[tokio::test]
async fn until_15_somebody_elses_row_means_already_held() {
    let mut stage = Stage::create(Server::Fifteen).await;
    stage.run("GRANT {admin} TO {login}").await;
    let given = stage.give(stage.holding()).await.unwrap();
    assert_eq!(
        given,
        Provisioned::AlreadyHeld {
            how: "granted by postgres".into()
        }
    );
    assert_eq!(stage.take(stage.holding()).await.unwrap().sessions_ended, 0);
    assert!(stage.has().await);
}

#[tokio::test]
async fn from_16_on_ours_stands_beside_somebody_elses() {
    let mut stage = Stage::create(Server::Newest).await;
    stage.run("GRANT {admin} TO {login}").await;
    assert_eq!(stage.give(stage.holding()).await, Ok(Provisioned::Done));
    let seen = stage.look(stage.holding()).await;
    assert_eq!(
        (seen.ours, seen.foreign),
        (Presence::Present, vec!["granted by postgres".into()])
    );
    stage.run("REVOKE {admin} FROM {login}").await;
    assert!(stage.has().await, "theirs goes, ours stays");
    stage.take(stage.holding()).await.unwrap();
    assert!(!stage.has().await);
}

#[tokio::test]
async fn until_15_a_row_that_an_administrator_made_theirs_is_theirs() {
    let mut stage = Stage::create(Server::Fifteen).await;
    stage.give(stage.holding()).await.unwrap();
    stage
        .run("GRANT {admin} TO {login} WITH ADMIN OPTION")
        .await;
    stage.take(stage.holding()).await.unwrap();
    assert!(stage.has().await);
    let seen = stage.look(stage.holding()).await;
    assert_eq!(
        (seen.ours, seen.foreign),
        (Presence::Absent, vec!["granted by postgres".into()])
    );
}

#[tokio::test]
async fn every_other_way_is_named() {
    for server in Server::ALL {
        let mut stage = Stage::create(server).await;
        stage
            .run(
                "CREATE ROLE {us}_a; CREATE ROLE {us}_b; GRANT {admin} TO {us}_a; GRANT {us}_a TO {us}_b; \
                 GRANT {us}_b TO {login}; GRANT {admin} TO {login}; CREATE ROLE {us}_c; GRANT {admin} TO {us}_c",
            )
            .await;
        let through = format!("through {}_a", stage.target.us);
        let seen = stage.look(stage.holding()).await;
        assert_eq!(seen.foreign, ["granted by postgres".to_owned(), through]);
        stage.run("ALTER ROLE {login} CREATEROLE").await;
        let creates = stage.look(stage.holding()).await.foreign.len();
        assert_eq!(creates, if server == Server::Fifteen { 3 } else { 2 });
        stage.run("ALTER ROLE {login} SUPERUSER").await;
        let seen = stage.look(stage.holding()).await;
        assert_eq!(seen.foreign, ["is a superuser", "granted by postgres"]);
    }
}

#[tokio::test]
async fn options_of_other_grants_are_named() {
    let mut stage = Stage::create(Server::Newest).await;
    for (options, named) in [
        (
            "INHERIT FALSE, SET TRUE",
            vec!["granted by postgres, by SET ROLE"],
        ),
        ("INHERIT FALSE, SET FALSE", vec![]),
        (
            "INHERIT FALSE, SET FALSE, ADMIN TRUE",
            vec!["granted by postgres, only to grant it on"],
        ),
    ] {
        stage
            .run(&format!("GRANT {{admin}} TO {{login}} WITH {options}"))
            .await;
        assert_eq!(
            stage.look(stage.holding()).await.foreign,
            named,
            "{options}"
        );
    }
}

#[tokio::test]
async fn superusers_have_it_already() {
    for server in Server::ALL {
        let mut stage = Stage::create(server).await;
        stage.run("ALTER ROLE {login} SUPERUSER").await;
        let given = stage.give(stage.holding()).await.unwrap();
        assert_eq!(
            given,
            Provisioned::AlreadyHeld {
                how: "is a superuser".into()
            }
        );
        assert_eq!(stage.look(stage.holding()).await.ours, Presence::Absent);
    }
}

#[tokio::test]
async fn what_could_not_be_given_is_known_beforehand() {
    for server in Server::ALL {
        let mut stage = Stage::create(server).await;
        let holding = stage.holding();
        let there = |other: &str| format!("there is no login {other}");
        let nobody = HoldingId {
            account: "nobody_here".to_owned(),
            ..holding.clone()
        };
        let refused = |why: String| Err(ProvisionError::Refused(why));
        let seen = stage.provisioner.preflight(&nobody).await;
        assert_eq!(seen, refused(there("nobody_here")));
        let nothing = HoldingId {
            entitlement: "nothing_here".to_owned(),
            ..holding.clone()
        };
        let seen = stage.provisioner.preflight(&nothing).await;
        assert_eq!(seen, refused("there is no role nothing_here".to_owned()));
        stage.run("REVOKE {admin} FROM {us}").await;
        let seen = stage.provisioner.preflight(&holding).await;
        let Err(ProvisionError::Refused(why)) = seen else {
            panic!("{seen:?}");
        };
        assert!(why.contains("may not grant"), "{why}");
    }
}
