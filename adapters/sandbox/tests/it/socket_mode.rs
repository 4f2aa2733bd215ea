//! Socket Mode as an app meets it.

use std::time::Duration;

use breakglass_sandbox::{ActError, Options, Sandbox, Undelivered};
use serde_json::{Value, json};

use crate::app::{Socket, call, call_with};
use crate::options;

#[tokio::test]
async fn hello_counts_the_connections() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let (_first, hello) = Socket::open(&sandbox).await;
    assert_eq!(hello["type"], "hello");
    assert_eq!(hello["num_connections"], 1);
    assert_eq!(hello["connection_info"]["app_id"], "A0BREAKGLASS");
    let (_second, hello) = Socket::open(&sandbox).await;
    assert_eq!(hello["num_connections"], 2);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_slash_command_is_told_and_its_answer_is_shown_to_one_person() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let (mut socket, _) = Socket::open(&sandbox).await;
    let typed = sandbox.slash("U01MAYA", "C0APPR", "/ask", "for @bo in #general, please");
    let (slashed, payload) = tokio::join!(typed, socket.take(json!({"text": "noted"})));
    assert_eq!(payload["command"], "/ask");
    assert_eq!(
        payload["text"],
        "for <@U02BO|bo> in <#C0GENERAL|general>, please"
    );
    assert_eq!(payload["user_id"], "U01MAYA");
    assert_eq!(payload["channel_name"], "approvals");
    let shown = slashed.unwrap().shown.unwrap();
    assert_eq!(
        (shown.text.as_str(), shown.only_for.as_deref()),
        ("noted", Some("U01MAYA"))
    );
    assert_eq!(sandbox.ephemerals("U01MAYA").len(), 1);
    assert_eq!(sandbox.ephemerals("U02BO").len(), 0);
    sandbox.stop().await;
}

#[tokio::test]
async fn without_a_socket_people_read_that_the_command_failed() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let failed = sandbox.slash("U01MAYA", "C0APPR", "/ask", "").await;
    assert!(matches!(
        failed,
        Err(ActError::Undelivered(Undelivered::NotConnected))
    ));
    let told = sandbox.ephemerals("U01MAYA");
    assert_eq!(
        told[0].text,
        "/ask failed with the error \"dispatch_failed\""
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn an_app_that_never_acknowledges_is_reported() {
    let options = Options {
        ack_within: Duration::from_millis(50),
        ..options()
    };
    let sandbox = Sandbox::start(options).await.unwrap();
    let (_socket, _) = Socket::open(&sandbox).await;
    let failed = sandbox.slash("U01MAYA", "C0APPR", "/ask", "").await;
    assert!(matches!(
        failed,
        Err(ActError::Undelivered(Undelivered::TimedOut))
    ));
    assert!(
        sandbox.ephemerals("U01MAYA")[0]
            .text
            .contains("operation_timeout")
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn a_click_on_a_card_carries_the_whole_message() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let (mut socket, _) = Socket::open(&sandbox).await;
    let button = json!({"type": "button", "action_id": "yes", "value": "r1.d1",
        "text": {"type": "plain_text", "text": "Approve"}});
    let blocks = json!([{"type": "actions", "elements": [button]}]);
    let posted = call(
        &sandbox,
        "chat.postMessage",
        json!({"channel": "C0APPR", "text": "x", "blocks": blocks}),
    )
    .await;
    assert_eq!(posted["ok"], true, "{posted}");
    let card = sandbox.messages("C0APPR").remove(0);
    let (acted, payload) = tokio::join!(
        sandbox.press("U02BO", &card, "Approve"),
        socket.take(Value::Null)
    );
    acted.unwrap();
    assert_eq!(payload["type"], "block_actions");
    assert_eq!(payload["actions"][0]["value"], "r1.d1");
    assert_eq!(payload["container"]["message_ts"], card.ts.as_str());
    assert_eq!(
        payload["message"]["blocks"][0]["elements"][0]["text"]["emoji"],
        true
    );
    assert_eq!(payload["message"]["bot_id"], "B0BREAKGLASS");
    assert_eq!(payload["user"]["team_id"], "T0SANDBOX");
    assert_eq!(payload["is_enterprise_install"], false);
    sandbox.stop().await;
}

#[tokio::test]
async fn envelopes_go_to_the_open_sockets_in_turn() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let (mut one, _) = Socket::open(&sandbox).await;
    let (mut two, _) = Socket::open(&sandbox).await;
    for _ in 0..2 {
        let serve = async {
            tokio::select! {
                envelope = one.next() => { one.ack(&envelope.unwrap(), Value::Null).await; 1 }
                envelope = two.next() => { two.ack(&envelope.unwrap(), Value::Null).await; 2 }
            }
        };
        let (acted, _) = tokio::join!(sandbox.shortcut("U01MAYA", "quick"), serve);
        acted.unwrap();
    }
    sandbox.stop().await;
}

#[tokio::test]
async fn a_ticket_opens_one_socket() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let opened = call_with(&sandbox, "xapp-sandbox", "apps.connections.open", json!({})).await;
    let url = opened["url"].as_str().unwrap();
    let _first = tokio_tungstenite::connect_async(url).await.unwrap();
    assert!(tokio_tungstenite::connect_async(url).await.is_err());
    sandbox.stop().await;
}

#[tokio::test]
async fn the_eleventh_socket_is_turned_away() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let mut sockets = Vec::new();
    for _ in 0..10 {
        sockets.push(Socket::open(&sandbox).await);
    }
    let (_, hello) = Socket::open(&sandbox).await;
    assert_eq!(hello["reason"], "too_many_websockets");
    sandbox.stop().await;
}
