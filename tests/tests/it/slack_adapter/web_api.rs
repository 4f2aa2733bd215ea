//! Calls to Slack: each failure is told for what it is, and none takes longer than it may.

use breakglass_core::port::chat::{Chat as _, ChatError, MessageRef};
use breakglass_sandbox::Fault;

use super::office::{APPROVERS, BO, MAYA, Office, STRANGER};
use super::pictures;

#[tokio::test]
async fn failures_are_told_for_what_they_are() {
    let office = Office::open().await;
    let card = pictures::waiting_card();
    let post = || office.chat.post_card(APPROVERS, &card);
    let faults = [
        Fault::RateLimited {
            retry_after_secs: 7,
        },
        Fault::ServerError,
        Fault::Hang,
        Fault::LostAnswer,
    ];
    for fault in faults {
        office.sandbox.fail("chat.postMessage", 1, fault);
        let error = post().await.expect_err("a failure");
        match fault {
            Fault::RateLimited { .. } => assert_eq!(error, ChatError::Limited(7)),
            Fault::ServerError | Fault::Hang | Fault::LostAnswer => {
                assert!(
                    matches!(error, ChatError::Unavailable(_)),
                    "{fault:?}: {error:?}"
                );
            }
        }
    }
    post().await.expect("all is well again");
    let gone = MessageRef {
        channel: APPROVERS.to_owned(),
        message: "1.000001".to_owned(),
    };
    let error = office
        .chat
        .update_card(&gone, &card)
        .await
        .expect_err("no such message");
    assert!(matches!(error, ChatError::Gone(_)), "{error:?}");
    let error = office
        .chat
        .post_card("C0NOWHERE", &card)
        .await
        .expect_err("no such channel");
    assert!(matches!(error, ChatError::Refused(_)), "{error:?}");
}

#[tokio::test]
async fn accounts_are_known_for_what_they_are() {
    let office = Office::open().await;
    for (account, active, guest, bot) in [
        (MAYA, true, false, false),
        ("U03GUS", true, true, false),
        ("U04LEFT", false, false, false),
        ("U05BOT", true, false, true),
        (STRANGER, false, true, false),
        ("U0NOBODY", false, false, false),
    ] {
        let status = office.chat.account(account).await.unwrap();
        assert_eq!(
            (status.active, status.guest, status.bot),
            (active, guest, bot),
            "{account}"
        );
    }
}

#[tokio::test]
async fn look_ups_are_remembered_and_shared() {
    let office = Office::open().await;
    let all = (0..20).map(|_| office.chat.group_members("S01SRE"));
    for members in futures_util::future::join_all(all).await {
        assert_eq!(
            members.unwrap().into_iter().collect::<Vec<_>>(),
            [MAYA, BO, "U04LEFT"]
        );
    }
    let calls = office.sandbox.calls();
    let asked = calls
        .iter()
        .filter(|call| call.method == "usergroups.users.list")
        .count();
    assert_eq!(asked, 1);
    let error = office
        .chat
        .group_members("S0NONE")
        .await
        .expect_err("no such group");
    assert!(matches!(error, ChatError::Refused(_)), "{error:?}");
}

#[tokio::test]
async fn people_are_imported_from_a_group() {
    let office = Office::open().await;
    office.sandbox.fail(
        "users.info",
        1,
        Fault::RateLimited {
            retry_after_secs: 1,
        },
    );
    let people = office.chat.people_of("S01SRE").await.unwrap();
    let rows: Vec<(&str, &str)> = people
        .iter()
        .map(|row| (row.id.as_str(), row.slack.as_str()))
        .collect();
    assert_eq!(rows, [("bo-ek", BO), ("maya-lind", MAYA)]);
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_a_direct_message() {
    let office = Office::open().await;
    office.slash(MAYA, "status").await;
    let asked = office.desk.nth(1).await;
    let answer = pictures::an_answer();
    for _ in 0..6 {
        let show = breakglass_core::port::chat::Show::New;
        office
            .chat
            .answer(&asked.sender, &asked.reply, &answer, show)
            .await
            .unwrap();
    }
    assert_eq!(office.sandbox.ephemerals(MAYA).len(), 5);
    assert_eq!(office.sandbox.messages(MAYA).len(), 1);
}
