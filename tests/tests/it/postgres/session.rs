//! Open sessions at the end of a grant: which end, which go on, and with what rights.

use breakglass_core::port::provisioner::{Presence, ProvisionError};
use breakglass_tests::postgres::{Server, say};

use super::{Stage, holding};

const USE_IT: &str = "INSERT INTO public.secret VALUES (1)";

#[tokio::test]
async fn until_15_a_session_that_became_the_role_ends() {
    let mut stage = Stage::create(Server::Fifteen).await;
    stage.give(stage.holding()).await.unwrap();
    let mut session = stage.target.session().await;
    say(&mut session, &format!("SET ROLE {}", stage.target.admin))
        .await
        .unwrap();
    say(&mut session, USE_IT).await.unwrap();
    let mut idle = stage.target.session().await;
    assert_eq!(stage.take(stage.holding()).await.unwrap().sessions_ended, 2);
    assert!(say(&mut session, USE_IT).await.is_err());
    assert!(say(&mut idle, "SELECT 1").await.is_err());
    assert!(!stage.has().await);
    let mut new = stage.target.session().await;
    let denied = say(&mut new, USE_IT).await.unwrap_err();
    assert!(denied.contains("permission denied"), "{denied}");
}

#[tokio::test]
async fn from_16_on_idle_sessions_go_on_without_the_rights() {
    let stage = Stage::create(Server::Newest).await;
    stage.give(stage.holding()).await.unwrap();
    let mut session = stage.target.session().await;
    say(&mut session, USE_IT).await.unwrap();
    let become_it = format!("SET ROLE {}", stage.target.admin);
    assert!(
        say(&mut session, &become_it)
            .await
            .unwrap_err()
            .contains("permission denied")
    );
    assert_eq!(stage.take(stage.holding()).await.unwrap().sessions_ended, 0);
    let denied = say(&mut session, USE_IT).await.unwrap_err();
    assert!(denied.contains("permission denied"), "{denied}");
    say(&mut session, "SELECT 1")
        .await
        .expect("the session goes on");
}

#[tokio::test]
async fn from_16_on_sessions_in_a_transaction_end() {
    let mut stage = Stage::create(Server::Newest).await;
    stage.give(stage.holding()).await.unwrap();
    let mut reading = stage.target.session().await;
    say(
        &mut reading,
        "BEGIN; DECLARE c CURSOR FOR SELECT * FROM public.secret",
    )
    .await
    .unwrap();
    let mut writing = stage.target.session().await;
    say(&mut writing, &format!("BEGIN; {USE_IT}"))
        .await
        .unwrap();
    let mut idle = stage.target.session().await;
    assert_eq!(stage.take(stage.holding()).await.unwrap().sessions_ended, 2);
    assert!(say(&mut reading, "FETCH ALL FROM c").await.is_err());
    assert!(say(&mut writing, "COMMIT").await.is_err());
    say(&mut idle, "SELECT 1")
        .await
        .expect("nothing was open in it");
    let rows = stage
        .target
        .database
        .ask("(SELECT count(*) FROM public.secret)")
        .await;
    assert_eq!(rows.as_deref(), Some("0"));
}

#[tokio::test]
async fn from_16_on_a_membership_that_was_made_on_15_is_treated_so() {
    let mut stage = Stage::create(Server::Newest).await;
    stage
        .run("GRANT {admin} TO {login} WITH INHERIT TRUE, SET TRUE GRANTED BY {us}")
        .await;
    let mut session = stage.target.session().await;
    say(&mut session, &format!("SET ROLE {}", stage.target.admin))
        .await
        .unwrap();
    assert_eq!(stage.take(stage.holding()).await.unwrap().sessions_ended, 1);
    assert!(say(&mut session, USE_IT).await.is_err());
}

#[tokio::test]
async fn nobody_is_cut_off_who_keeps_the_role_in_another_way() {
    for server in Server::ALL {
        let mut stage = Stage::create(server).await;
        stage
            .run("CREATE ROLE {us}_team; GRANT {admin} TO {us}_team")
            .await;
        stage.give(stage.holding()).await.unwrap();
        stage.run("GRANT {us}_team TO {login}").await;
        let mut session = stage.target.session().await;
        say(&mut session, &format!("BEGIN; {USE_IT}"))
            .await
            .unwrap();
        assert_eq!(stage.take(stage.holding()).await.unwrap().sessions_ended, 0);
        say(&mut session, "COMMIT").await.unwrap();
        let seen = stage.look(stage.holding()).await;
        let through = format!("through {}_team", stage.target.us);
        assert_eq!((seen.ours, seen.foreign), (Presence::Absent, vec![through]));
    }
}

#[tokio::test]
async fn an_end_that_a_crash_cut_in_two_is_finished() {
    let mut stage = Stage::create(Server::Newest).await;
    stage.give(stage.holding()).await.unwrap();
    let mut session = stage.target.session().await;
    say(&mut session, &format!("BEGIN; {USE_IT}"))
        .await
        .unwrap();
    stage
        .run("GRANT {admin} TO {login} WITH INHERIT FALSE GRANTED BY {us}")
        .await;
    assert!(!stage.has().await, "the rights went first");
    assert_eq!(stage.look(stage.holding()).await.ours, Presence::Present);
    assert_eq!(stage.take(stage.holding()).await.unwrap().sessions_ended, 1);
    assert!(say(&mut session, "COMMIT").await.is_err());
    assert_eq!(stage.look(stage.holding()).await.ours, Presence::Absent);
}

#[tokio::test]
async fn what_cannot_be_taken_back_whole_is_not_given() {
    for server in Server::ALL {
        let mut stage = Stage::create(server).await;
        stage
            .give(holding(&stage.target.read, &stage.target.login))
            .await
            .unwrap();
        stage.run("REVOKE pg_signal_backend FROM {us}").await;
        let Err(ProvisionError::Refused(why)) = stage.give(stage.holding()).await else {
            panic!("it was given")
        };
        assert!(
            why.ends_with(&format!("GRANT pg_signal_backend TO {};", stage.target.us)),
            "{why}"
        );
        assert!(!stage.has().await);
    }
}

#[tokio::test]
async fn an_end_that_leaves_a_session_is_not_said() {
    for server in Server::ALL {
        let mut stage = Stage::create(server).await;
        stage.give(stage.holding()).await.unwrap();
        stage.run("REVOKE pg_signal_backend FROM {us}").await;
        let mut session = stage.target.session().await;
        say(&mut session, &format!("BEGIN; {USE_IT}"))
            .await
            .unwrap();
        let taken = stage.take(stage.holding()).await;
        assert!(
            matches!(taken, Err(ProvisionError::Refused(_))),
            "{taken:?}"
        );
        assert_eq!(stage.look(stage.holding()).await.ours, Presence::Present);
        assert_eq!(
            stage.has().await,
            server == Server::Fifteen,
            "the rights go first where they can"
        );
        stage.run("GRANT pg_signal_backend TO {us}").await;
        assert_eq!(stage.take(stage.holding()).await.unwrap().sessions_ended, 1);
        assert!(say(&mut session, "COMMIT").await.is_err());
    }
}
