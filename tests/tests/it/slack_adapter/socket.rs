//! Socket Mode: what people do arrives once, is answered, and survives what goes wrong.

use std::time::Duration;

use breakglass_core::intent::{Act, Button, Typed};
use breakglass_core::port::chat::Chat as _;
use breakglass_core::time::Length;
use breakglass_sandbox::{ActError, Fault, MessageId, Options, Slashed, Undelivered};
use breakglass_slack::Pace;
use tokio::time::timeout;

use super::office::{APPROVERS, BO, LOUNGE, MAYA, Office, STRANGER, options};
use super::pictures;
use crate::desk::{Mood, PATIENCE};

#[tokio::test]
async fn a_command_is_written_down_and_acknowledged() {
    let office = Office::open().await;
    let slashed = office
        .slash(MAYA, "orders-db admin 30m sev1 INC-7 slot stuck for @bo")
        .await;
    assert!(
        matches!(slashed, Slashed { shown: None, .. }),
        "{slashed:?}"
    );
    let intent = office.desk.nth(1).await;
    assert_eq!(intent.sender.account, MAYA);
    assert_eq!(intent.sender.workspace, "T0SANDBOX");
    assert_eq!(intent.channel.as_deref(), Some(APPROVERS));
    assert!(intent.reply.url.is_some() && intent.reply.trigger.is_some());
    let Act::Ask(typed) = intent.act else {
        panic!("{:?}", intent.act);
    };
    assert_eq!(typed.target.as_deref(), Some("orders-db"));
    assert_eq!(typed.duration, Some(Length::from_mins(30)));
    assert_eq!(typed.beneficiary.as_deref(), Some(BO));
    assert_eq!(typed.why, "slot stuck");
}

#[tokio::test]
async fn a_button_on_our_card_counts() {
    let office = Office::open().await;
    let card = pictures::waiting_card();
    let posted = office.chat.post_card(APPROVERS, &card).await.unwrap();
    let id = MessageId {
        channel: posted.channel.clone(),
        ts: posted.message.clone(),
    };
    office.sandbox.press(BO, id, "Approve").await.unwrap();
    let intent = office.desk.nth(1).await;
    assert_eq!(
        intent.act,
        Act::Press {
            button: Button::Approve,
            request: card.request.id,
            digest: card.request.digest,
        }
    );
    assert_eq!(intent.reply.message, Some(posted));
}

#[tokio::test]
async fn a_card_where_we_never_post_counts_for_nothing() {
    let office = Office::open().await;
    let posted = office
        .chat
        .post_card(LOUNGE, &pictures::waiting_card())
        .await
        .unwrap();
    let id = MessageId {
        channel: posted.channel,
        ts: posted.message,
    };
    office.sandbox.press(BO, id, "Approve").await.unwrap();
    office.told(BO, "isn't on a card of mine").await;
    assert!(office.desk.taken().is_empty());
}

#[tokio::test]
async fn people_from_elsewhere_are_turned_away() {
    let office = Office::open().await;
    let posted = office
        .chat
        .post_card(APPROVERS, &pictures::waiting_card())
        .await
        .unwrap();
    let id = MessageId {
        channel: posted.channel,
        ts: posted.message,
    };
    office.sandbox.press(STRANGER, id, "Approve").await.unwrap();
    office
        .told(STRANGER, "Guests and people from other companies")
        .await;
    assert!(office.desk.taken().is_empty());
}

#[tokio::test]
async fn the_home_page_and_shortcuts_arrive() {
    let office = Office::open().await;
    office.sandbox.open_home(MAYA).await.unwrap();
    office
        .sandbox
        .shortcut(MAYA, "breakglass_request")
        .await
        .unwrap();
    let said = office
        .sandbox
        .say(BO, APPROVERS, "orders are stuck", None)
        .unwrap();
    office
        .sandbox
        .message_shortcut(MAYA, &said, "breakglass_request_about")
        .await
        .unwrap();
    let acts = office.desk.acts();
    assert_eq!(acts[0], Act::HomeOpened);
    assert_eq!(acts[1], Act::OpenForm(Typed::default()));
    let Act::OpenForm(Typed {
        source: Some(link), ..
    }) = &acts[2]
    else {
        panic!("{acts:?}");
    };
    assert!(
        link.starts_with("https://sandbox.slack.com/archives/C0APPR/p"),
        "{link}"
    );
}

#[tokio::test]
async fn what_could_not_be_written_down_is_said() {
    let office = Office::open().await;
    let posted = office
        .chat
        .post_card(APPROVERS, &pictures::waiting_card())
        .await
        .unwrap();
    let id = MessageId {
        channel: posted.channel,
        ts: posted.message,
    };
    for (mood, text) in [
        (
            Mood::CannotWrite,
            "I couldn't record that, so nothing changed. Try again. (ref e7f1)",
        ),
        (Mood::Busy, "I'm busy, nothing changed."),
        (Mood::Hangs, "(ref slow)"),
    ] {
        office.desk.is(mood);
        let slashed = office.slash(MAYA, "status").await;
        let answer = slashed.shown.expect("an answer in the acknowledgement");
        assert!(answer.text.contains(text), "{answer:?}");
        office
            .sandbox
            .press(BO, id.clone(), "Approve")
            .await
            .unwrap();
        office.told(BO, text).await;
    }
    assert!(office.desk.taken().is_empty());
}

#[tokio::test]
async fn a_bug_fails_one_act_and_no_other() {
    let ack_within = Duration::from_millis(300);
    let office = Office::closed(Options {
        ack_within,
        ..options()
    })
    .await;
    office.connected(2).await;
    office.desk.is(Mood::Panics);
    for _ in 0..4 {
        let failed = office
            .sandbox
            .slash(MAYA, APPROVERS, "/breakglass", "status")
            .await;
        let error = failed.expect_err("no acknowledgement");
        assert!(
            matches!(error, ActError::Undelivered(Undelivered::TimedOut)),
            "{error}"
        );
    }
    office.desk.is(Mood::Good);
    office.slash(MAYA, "status").await;
    assert_eq!(office.desk.acts(), [Act::Status]);
    assert_eq!(office.sandbox.connections(), 2);
}

#[tokio::test]
async fn an_act_that_is_delivered_twice_counts_once() {
    let office = Office::open().await;
    office.sandbox.deliver_twice(2);
    office.slash(MAYA, "status").await;
    office.slash(MAYA, "list").await;
    office.slash(MAYA, "help").await;
    office.desk.nth(3).await;
    assert_eq!(office.desk.acts(), [Act::Status, Act::List, Act::Help]);
}

#[tokio::test]
async fn sockets_that_go_away_are_opened_anew() {
    let office = Office::open().await;
    let mut watch = office.chat.lines();
    for (number, reason) in [None, Some("refresh_requested"), Some("link_disabled")]
        .into_iter()
        .enumerate()
    {
        match reason {
            None => office.sandbox.drop_sockets(),
            Some(reason) => office.sandbox.disconnect_sockets(reason),
        }
        let lost = timeout(PATIENCE, watch.wait_for(|seen| seen.open < 2));
        lost.await.unwrap().unwrap();
        // What is typed while a socket closes fails visibly, and people type it again.
        let again = async {
            while office
                .sandbox
                .slash(MAYA, APPROVERS, "/breakglass", "status")
                .await
                .is_err()
            {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, again).await.unwrap();
        office.desk.nth(number + 1).await;
        office.connected(2).await;
    }
}

#[tokio::test]
async fn a_warning_closes_nothing() {
    let office = Office::open().await;
    office.sandbox.disconnect_sockets("warning");
    for _ in 0..10 {
        office.slash(MAYA, "status").await;
    }
    assert_eq!(office.chat.lines().borrow().open, 2);
}

#[tokio::test]
async fn a_socket_that_is_not_ours_is_an_alarm() {
    let quick = |pace: &mut Pace| pace.look = Duration::from_millis(200);
    let office = Office::paced(options(), quick).await;
    office.connected(2).await;
    let mut watch = office.chat.lines();
    assert_eq!(watch.borrow().foreign, 0);
    // Another server with the same app token.
    let mut other = Office::beside(&office, 1);
    other.connected(1).await;
    let seen = timeout(PATIENCE, watch.wait_for(|seen| seen.foreign > 0)).await;
    assert_eq!(seen.unwrap().unwrap().foreign, 1);
    other.stop().await;
    let seen = timeout(PATIENCE, watch.wait_for(|seen| seen.foreign == 0)).await;
    seen.unwrap().unwrap();
}

#[tokio::test]
async fn stopping_closes_the_sockets() {
    let mut office = Office::open().await;
    office.stop().await;
    let gone = |sandbox: &breakglass_sandbox::Sandbox| (sandbox.connections() == 0).then_some(());
    // The workspace's next ping, after 10 s, would end one that lingers.
    let soon = Duration::from_secs(3);
    assert!(office.sandbox.wait_for(soon, gone).await.is_some());
    assert_eq!(office.chat.lines().borrow().open, 0);
}

#[tokio::test]
async fn slack_may_be_away_when_we_start() {
    let office = Office::closed(options()).await;
    office
        .sandbox
        .fail("apps.connections.open", 2, Fault::ServerError);
    office.sandbox.fail("auth.test", 1000, Fault::ServerError);
    office.connected(2).await;
    let slashed = office.slash(MAYA, "status").await;
    let shown = slashed.shown.expect("an answer in the acknowledgement");
    assert!(shown.text.contains("I couldn't record that"), "{shown:?}");
    office.sandbox.heal();
    office.slash(MAYA, "status").await;
    assert_eq!(office.desk.acts(), [Act::Status]);
}
