//! Misbehaviour on request: the ways in which the real service lets an app down.

use std::time::Duration;

use breakglass_sandbox::{ActError, Fault, Options, Sandbox, Undelivered};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::app::{Socket, call};
use crate::options;

const PATIENCE: Duration = Duration::from_secs(10);
const MOMENT: Duration = Duration::from_millis(100);

async fn post(sandbox: &Sandbox) -> reqwest::Response {
    let url = format!("{}/chat.postMessage", sandbox.api_url());
    let args = json!({"channel": "C0APPR", "text": "x"});
    let request = reqwest::Client::new()
        .post(url)
        .bearer_auth("xoxb-sandbox")
        .json(&args);
    request.send().await.unwrap()
}

#[tokio::test]
async fn calls_fail_as_often_as_asked_and_work_again() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    sandbox.fail(
        "chat.postMessage",
        1,
        Fault::RateLimited {
            retry_after_secs: 7,
        },
    );
    sandbox.fail("*", 1, Fault::ServerError);
    let limited = post(&sandbox).await;
    assert_eq!(limited.status(), 429);
    assert_eq!(limited.headers()["retry-after"], "7");
    assert_eq!(
        limited.json::<Value>().await.unwrap()["error"],
        "ratelimited"
    );
    assert_eq!(post(&sandbox).await.status(), 500);
    assert_eq!(sandbox.messages("C0APPR").len(), 0);
    assert_eq!(post(&sandbox).await.status(), 200);
    assert_eq!(sandbox.messages("C0APPR").len(), 1);
    sandbox.stop().await;
}

#[tokio::test]
async fn an_answer_can_be_lost_before_or_after_the_deed() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    sandbox.fail("chat.postMessage", 1, Fault::Hang);
    assert!(timeout(MOMENT, post(&sandbox)).await.is_err());
    assert_eq!(sandbox.messages("C0APPR").len(), 0);
    sandbox.fail("chat.postMessage", 1, Fault::LostAnswer);
    let posted = |sandbox: &Sandbox| (!sandbox.messages("C0APPR").is_empty()).then_some(());
    tokio::select! {
        _ = post(&sandbox) => panic!("an answer came"),
        found = sandbox.wait_for(PATIENCE, posted) => found.unwrap(),
    }
    sandbox.stop().await;
}

#[tokio::test]
async fn sockets_can_be_dropped_or_asked_to_reconnect() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let (mut first, _) = Socket::open(&sandbox).await;
    sandbox.drop_sockets();
    assert_eq!(first.next().await, None);
    let (mut second, _) = Socket::open(&sandbox).await;
    sandbox.disconnect_sockets("warning");
    assert_eq!(second.next().await.unwrap()["reason"], "warning");
    assert_eq!(sandbox.connections(), 1);
    sandbox.disconnect_sockets("refresh_requested");
    let told = second.next().await.unwrap();
    assert_eq!(
        (&told["type"], &told["reason"]),
        (&json!("disconnect"), &json!("refresh_requested"))
    );
    assert_eq!(second.next().await, None);
    let closed = |sandbox: &Sandbox| (sandbox.connections() == 0).then_some(());
    sandbox.wait_for(PATIENCE, closed).await.unwrap();
    sandbox.stop().await;
}

#[tokio::test]
async fn a_delivery_can_come_twice() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let (mut socket, _) = Socket::open(&sandbox).await;
    sandbox.deliver_twice(1);
    let serve = async {
        let first = socket.next().await.unwrap();
        let second = socket.next().await.unwrap();
        assert_eq!(first, second);
        socket.ack(&first, Value::Null).await;
        socket.ack(&second, Value::Null).await;
    };
    let (acted, ()) = tokio::join!(sandbox.shortcut("U01MAYA", "quick"), serve);
    acted.unwrap();
    let (acted, _) = tokio::join!(
        sandbox.shortcut("U01MAYA", "quick"),
        socket.take(Value::Null)
    );
    acted.unwrap();
    sandbox.stop().await;
}

#[tokio::test]
async fn deliveries_and_acknowledgements_can_come_late_or_never() {
    let options = Options {
        ack_within: MOMENT,
        ..options()
    };
    let sandbox = Sandbox::start(options).await.unwrap();
    let (mut socket, _) = Socket::open(&sandbox).await;
    sandbox.lose_deliveries(1);
    let lost = sandbox.shortcut("U01MAYA", "quick").await;
    assert!(matches!(
        lost,
        Err(ActError::Undelivered(Undelivered::TimedOut))
    ));
    sandbox.delay_acks(PATIENCE);
    let (late, _) = tokio::join!(
        sandbox.shortcut("U01MAYA", "quick"),
        socket.take(Value::Null)
    );
    assert!(matches!(
        late,
        Err(ActError::Undelivered(Undelivered::TimedOut))
    ));
    sandbox.heal();
    let (acted, _) = tokio::join!(
        sandbox.shortcut("U01MAYA", "quick"),
        socket.take(Value::Null)
    );
    acted.unwrap();
    sandbox.stop().await;
}

#[tokio::test]
async fn what_slack_swallows_is_noted() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let (mut socket, _) = Socket::open(&sandbox).await;
    let (acted, _) = tokio::join!(
        sandbox.shortcut("U01MAYA", "quick"),
        socket.take(json!({"text": "hello"}))
    );
    acted.unwrap();
    assert_eq!(sandbox.complaints().len(), 1, "{:?}", sandbox.complaints());
    sandbox.stop().await;
}

#[tokio::test]
async fn a_response_url_answers_five_times() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let (mut socket, _) = Socket::open(&sandbox).await;
    let posted = json!({"channel": "C0APPR", "user": "U01MAYA", "text": "x", "blocks":
        [{"type": "actions", "elements": [{"type": "button", "action_id": "a",
            "text": {"type": "plain_text", "text": "Go"}}]}]});
    call(&sandbox, "chat.postEphemeral", posted).await;
    let question = sandbox.ephemerals("U01MAYA").remove(0);
    let (acted, payload) = tokio::join!(
        sandbox.press("U01MAYA", &question, "Go"),
        socket.take(Value::Null)
    );
    acted.unwrap();
    assert!(
        payload.get("message").is_none(),
        "ephemeral messages are not part of the payload"
    );
    let url = payload["response_url"].as_str().unwrap();
    let respond = |body: Value| async move {
        let answer = reqwest::Client::new()
            .post(url)
            .json(&body)
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(
        respond(json!({"text": "done", "replace_original": true}))
            .await
            .0,
        200
    );
    assert_eq!(sandbox.message(&question).unwrap().text, "done");
    assert_eq!(respond(json!({"text": "more"})).await.0, 200);
    assert_eq!(sandbox.ephemerals("U01MAYA").len(), 2);
    assert_eq!(respond(json!({"delete_original": true})).await.0, 200);
    assert_eq!(sandbox.ephemerals("U01MAYA").len(), 1);
    assert_eq!(
        respond(json!({"blocks": [{"type": "nope"}]})).await,
        (400, "invalid_blocks".into())
    );
    assert_eq!(
        respond(json!({"text": "x", "response_type": "in_channel"}))
            .await
            .0,
        200
    );
    assert_eq!(
        respond(json!({"text": "x"})).await,
        (404, "used_url".into())
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn an_answer_to_a_card_with_a_thread_stands_in_the_channel() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let (mut socket, _) = Socket::open(&sandbox).await;
    let button = json!({"type": "button", "action_id": "a",
        "text": {"type": "plain_text", "text": "Go"}});
    let card = json!({"channel": "C0APPR", "text": "x",
        "blocks": [{"type": "actions", "elements": [button]}]});
    let mut reply = card.clone();
    reply["thread_ts"] = call(&sandbox, "chat.postMessage", card).await["ts"].clone();
    call(&sandbox, "chat.postMessage", reply).await;
    for (message, is_in_thread) in sandbox.messages("C0APPR").iter().zip([false, true]) {
        let (acted, payload) = tokio::join!(
            sandbox.press("U01MAYA", message, "Go"),
            socket.take(Value::Null)
        );
        acted.unwrap();
        let url = payload["response_url"].as_str().unwrap();
        reqwest::Client::new()
            .post(url)
            .json(&json!({"text": "noted"}))
            .send()
            .await
            .unwrap();
        let noted = sandbox.ephemerals("U01MAYA").pop().unwrap();
        assert_eq!(noted.is_reply(), is_in_thread);
    }
    sandbox.stop().await;
}
