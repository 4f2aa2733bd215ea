//! A small app on Slack's own Python SDK runs against the sandbox: it isn't tuned to our adapter.

use std::time::Duration;

use breakglass_sandbox::{Sandbox, Submitted};
use serde_json::json;
use tokio::process::Command;

use crate::app::call;
use crate::patient_options;
use crate::script::{Script, python};

const PATIENCE: Duration = Duration::from_secs(30);

fn bolt(sandbox: &Sandbox) -> Script {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bolt.py");
    Script::start(script, &[&sandbox.api_url(), "C0APPR"])
}

#[tokio::test]
async fn a_bolt_app_takes_a_command_opens_a_modal_and_updates_its_card() {
    let sandbox = Sandbox::start(patient_options()).await.unwrap();
    let mut app = bolt(&sandbox);
    let connected = |sandbox: &Sandbox| (sandbox.connections() > 0).then_some(());
    sandbox
        .wait_for(PATIENCE, connected)
        .await
        .expect("the app connects");

    let slashed = sandbox
        .slash("U01MAYA", "C0APPR", "/ask", "hello")
        .await
        .unwrap();
    assert_eq!(slashed.shown.unwrap().text, "you said hello");
    app.reaches("opened ask").await;

    let view = sandbox.view("U01MAYA").unwrap();
    let offered = sandbox
        .options("U01MAYA", &view.id, "What?", "db")
        .await
        .unwrap();
    assert_eq!(offered.len(), 2);
    let short = json!({"What?": "orders-db", "Why?": "because"});
    let refused = sandbox
        .submit_view("U01MAYA", &view.id, short)
        .await
        .unwrap();
    assert!(matches!(refused, Submitted::Errors(errors) if errors.contains_key("why")));
    let long = json!({"Why?": "because it is on fire"});
    let sent = sandbox
        .submit_view("U01MAYA", &view.id, long)
        .await
        .unwrap();
    assert!(matches!(sent, Submitted::Closed));
    app.reaches("posted C0APPR").await;

    let card = sandbox.messages("C0APPR").pop().unwrap();
    assert_eq!(card.buttons(), ["Yes"]);
    sandbox.press("U02BO", &card, "Yes").await.unwrap();
    app.reaches("updated orders-db").await;
    let card = sandbox.message(&card).unwrap();
    assert_eq!(card.shown(), "Yes, says <@U02BO>");
    assert_eq!(sandbox.thread(&card)[0].text, "noted");
    assert_eq!(sandbox.ephemerals("U02BO")[0].text, "only you see this");

    sandbox.open_home("U01MAYA").await.unwrap();
    app.reaches("home U01MAYA").await;
    assert_eq!(sandbox.home("U01MAYA").unwrap().shown(), "Welcome home");
    sandbox.shortcut("U01MAYA", "quick").await.unwrap();
    app.reaches("shortcut U01MAYA").await;
    assert_eq!(sandbox.complaints(), Vec::<String>::new());
    assert!(
        sandbox.calls().iter().all(|call| call.ok),
        "{:?}",
        sandbox.calls()
    );
    let said = validated(&sandbox).await;
    assert!(
        said.ends_with(" 0 faults\n") && !said.starts_with("0 "),
        "{said}"
    );
    sandbox.stop().await;
}

/// What the validators of Slack's SDK say about everything that the app sent.
async fn validated(sandbox: &Sandbox) -> String {
    let dump = tempfile::NamedTempFile::new().unwrap();
    sandbox.dump_calls(dump.path()).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/validate_blocks.py");
    let run = Command::new(python())
        .arg(script)
        .arg(dump.path())
        .output()
        .await
        .unwrap();
    String::from_utf8(run.stdout).unwrap()
}

#[tokio::test]
async fn the_sandbox_is_as_strict_as_the_validators_of_the_sdk() {
    let sandbox = Sandbox::start(patient_options()).await.unwrap();
    let plain = |length: usize| json!({"type": "plain_text", "text": "x".repeat(length)});
    let button = |text| json!({"type": "button", "action_id": "b", "text": text});
    let faulty = [
        json!({"type": "header", "text": plain(151)}),
        json!({"type": "section"}),
        json!({"type": "actions", "elements": [button(plain(76))]}),
        json!({"type": "context", "elements": vec![plain(1); 11]}),
        json!({"type": "marquee", "text": plain(1)}),
    ];
    for block in faulty {
        let args = json!({"channel": "C0APPR", "text": "x", "blocks": [block]});
        let answer = call(&sandbox, "chat.postMessage", args.clone()).await;
        assert_eq!(answer["error"], "invalid_blocks", "{block}");
        let dump = tempfile::NamedTempFile::new().unwrap();
        let calls = json!([{"method": "chat.postMessage", "body": args, "ok": true}]);
        std::fs::write(dump.path(), calls.to_string()).unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/validate_blocks.py");
        let run = Command::new(python())
            .arg(script)
            .arg(dump.path())
            .output()
            .await
            .unwrap();
        assert_eq!(run.status.code(), Some(1), "the SDK takes {block}");
    }
    sandbox.stop().await;
}
