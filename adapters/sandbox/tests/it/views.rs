//! Modals and Home tabs through the Web API: triggers that age, views that change under the app.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use breakglass_sandbox::{Clock, Options, Sandbox};
use serde_json::{Value, json};

use crate::app::{Socket, call};
use crate::options;
use crate::web_api::check;

#[tokio::test]
async fn a_trigger_opens_one_modal_within_three_seconds() {
    let now_ms = Arc::new(AtomicI64::new(1_700_000_000_000));
    let hand = Arc::clone(&now_ms);
    let clock = Clock::from_fn(move || hand.load(Ordering::SeqCst));
    let sandbox = Sandbox::start(Options { clock, ..options() })
        .await
        .unwrap();
    let (mut socket, _) = Socket::open(&sandbox).await;
    let view = json!({"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": [{"type": "divider"}]});
    let mut triggers = Vec::new();
    for _ in 0..2 {
        let (acted, payload) = tokio::join!(
            sandbox.shortcut("U01MAYA", "quick"),
            socket.take(Value::Null)
        );
        acted.unwrap();
        triggers.push(payload["trigger_id"].clone());
    }
    let open = |trigger: &Value| ("views.open", json!({"trigger_id": trigger, "view": view}));
    let with = |trigger: &Value, error| (open(trigger).0, open(trigger).1, error);
    let table = [
        with(&triggers[0], ""),
        with(&triggers[0], "exchanged_trigger_id"),
        with(&json!("1.2.abc"), "invalid_trigger_id"),
        (
            "views.push",
            json!({"trigger_id": triggers[1], "view": view}),
            "not_found",
        ),
    ];
    check(&sandbox, &table).await;
    let (acted, payload) = tokio::join!(
        sandbox.shortcut("U01MAYA", "quick"),
        socket.take(Value::Null)
    );
    acted.unwrap();
    now_ms.fetch_add(3_001, Ordering::SeqCst);
    check(
        &sandbox,
        &[with(&payload["trigger_id"], "expired_trigger_id")],
    )
    .await;
    sandbox.stop().await;
}

#[tokio::test]
async fn views_are_changed_only_by_who_saw_the_newest() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let home = |text: &str| {
        let text = json!({"type": "plain_text", "text": text});
        json!({"type": "home", "external_id": "home-maya",
            "blocks": [{"type": "section", "block_id": "s", "text": text}]})
    };
    let publish = json!({"user_id": "U01MAYA", "view": home("one")});
    let first = call(&sandbox, "views.publish", publish.clone()).await;
    let (id, hash) = (&first["view"]["id"], &first["view"]["hash"]);
    let update = |hash: &Value| json!({"view_id": id, "hash": hash, "view": home("two")});
    let taken = json!({"user_id": "U02BO", "view": home("x")});
    let large = json!({"type": "home", "blocks": [], "private_metadata": "x".repeat(250_000)});
    let table = [
        ("views.update", update(hash), ""),
        ("views.update", update(hash), "hash_conflict"),
        (
            "views.update",
            json!({"external_id": "home-maya", "view": home("three")}),
            "",
        ),
        (
            "views.update",
            json!({"view_id": "V0", "view": home("x")}),
            "not_found",
        ),
        ("views.publish", publish, ""),
        ("views.publish", taken, "duplicate_external_id"),
        (
            "views.publish",
            json!({"user_id": "U02BO", "view": large}),
            "view_too_large",
        ),
        (
            "views.publish",
            json!({"user_id": "U0NOBODY", "view": home("x")}),
            "invalid_arguments",
        ),
    ];
    check(&sandbox, &table).await;
    assert_eq!(sandbox.home("U01MAYA").unwrap().shown(), "one");
    sandbox.stop().await;
}
