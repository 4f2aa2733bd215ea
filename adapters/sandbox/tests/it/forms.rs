//! Modals as people use them: filling in, sending, closing, stacks of them.

use breakglass_sandbox::{ActError, Sandbox, Submitted, View};
use serde_json::{Value, json};

use crate::app::{Socket, call};
use crate::options;

fn plain(text: &str) -> Value {
    json!({"type": "plain_text", "text": text})
}

fn option(value: &str) -> Value {
    json!({"text": plain(&value.to_uppercase()), "value": value})
}

/// A form with a select that tells the app, a text, and an optional external select.
fn form() -> Value {
    let input = |id: &str, label: &str, element: Value| json!({"type": "input", "block_id": id, "label": plain(label), "element": element});
    let mut role = input(
        "role",
        "Role",
        json!({"type": "static_select", "action_id": "role",
        "options": [option("read"), option("admin")]}),
    );
    role["dispatch_action"] = true.into();
    let why = input(
        "why",
        "Why?",
        json!({"type": "plain_text_input", "action_id": "why",
        "min_length": 5}),
    );
    let mut target = input(
        "target",
        "Target",
        json!({"type": "external_select",
        "action_id": "target", "min_query_length": 0}),
    );
    target["optional"] = true.into();
    json!({"type": "modal", "callback_id": "form", "title": plain("Form"), "submit": plain("Send"),
        "notify_on_close": true, "blocks": [role, why, target]})
}

/// Opens `view` for Maya by a shortcut.
async fn open(sandbox: &Sandbox, socket: &mut Socket, view: Value) -> View {
    let (acted, payload) = tokio::join!(
        sandbox.shortcut("U01MAYA", "quick"),
        socket.take(Value::Null)
    );
    acted.unwrap();
    let args = json!({"trigger_id": payload["trigger_id"], "view": view});
    assert_eq!(call(sandbox, "views.open", args).await["ok"], true);
    sandbox.view("U01MAYA").unwrap()
}

async fn start() -> (Sandbox, Socket, View) {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let (mut socket, _) = Socket::open(&sandbox).await;
    let view = open(&sandbox, &mut socket, form()).await;
    (sandbox, socket, view)
}

#[tokio::test]
async fn a_form_is_sent_only_when_it_is_complete() {
    let (sandbox, mut socket, view) = start().await;
    let submit = |values: Value| sandbox.submit_view("U01MAYA", &view.id, values);
    let Err(ActError::Incomplete(faults)) = submit(json!({"Why?": "no"})).await else {
        panic!()
    };
    assert_eq!(faults.keys().collect::<Vec<_>>(), ["role", "why"]);
    assert_eq!(faults["why"], "Please enter at least 5 characters.");
    let unknown = submit(json!({"Role": "root"})).await;
    assert!(
        matches!(unknown, Err(ActError::NoSuchOption { there, .. }) if there == ["READ", "ADMIN"])
    );
    let serve = async {
        let chosen = socket.take(Value::Null).await;
        let sent = socket.take(Value::Null).await;
        (chosen, sent)
    };
    let (sent, (chosen, payload)) =
        tokio::join!(submit(json!({"Role": "ADMIN", "why": "because"})), serve);
    assert!(matches!(sent, Ok(Submitted::Closed)));
    assert_eq!(
        chosen["type"], "block_actions",
        "the select tells the app at once"
    );
    assert_eq!(chosen["actions"][0]["selected_option"]["value"], "admin");
    assert_eq!(chosen["container"]["view_id"], view.id.as_str());
    assert_eq!(payload["type"], "view_submission");
    let values = &payload["view"]["state"]["values"];
    assert_eq!(
        values["why"]["why"],
        json!({"type": "plain_text_input", "value": "because"})
    );
    assert_eq!(values["role"]["role"]["selected_option"]["value"], "admin");
    assert_eq!(values["target"]["target"]["selected_option"], Value::Null);
    assert!(sandbox.view("U01MAYA").is_none());
    sandbox.stop().await;
}

#[tokio::test]
async fn an_external_select_takes_only_what_the_app_offers() {
    let (sandbox, mut socket, view) = start().await;
    let offer = json!({"options": [option("orders-db")]});
    let (offered, payload) = tokio::join!(
        sandbox.options("U01MAYA", &view.id, "Target", "ord"),
        socket.take(offer.clone())
    );
    assert_eq!(offered.unwrap().len(), 1);
    assert_eq!(payload["type"], "block_suggestion");
    assert_eq!(
        (&payload["value"], &payload["action_id"]),
        (&json!("ord"), &json!("target"))
    );
    sandbox
        .enter("U01MAYA", &view.id, "Target", json!("orders-db"))
        .await
        .unwrap();
    let (other, asked) = tokio::join!(
        sandbox.enter("U01MAYA", &view.id, "Target", json!("kafka")),
        socket.take(offer)
    );
    assert!(matches!(other, Err(ActError::NoSuchOption { .. })));
    assert_eq!(
        asked["value"], "kafka",
        "what is not offered yet is typed first"
    );
    let (bad, _) = tokio::join!(
        sandbox.options("U01MAYA", &view.id, "Target", "x"),
        socket.take(json!({"options": [{"text": "x", "value": "x"}]}))
    );
    assert!(matches!(bad, Err(ActError::BadAnswer(_))));
    sandbox.stop().await;
}

#[tokio::test]
async fn what_was_entered_survives_an_update_where_ids_stay() {
    let (sandbox, _socket, view) = start().await;
    sandbox
        .enter("U01MAYA", &view.id, "why", json!("typed words"))
        .await
        .unwrap();
    let mut changed = form();
    changed["blocks"][1]["element"]["initial_value"] = "from the app".into();
    let update = |view_: &Value| json!({"view_id": view.id, "view": view_});
    assert_eq!(
        call(&sandbox, "views.update", update(&changed)).await["ok"],
        true
    );
    let values = sandbox.view("U01MAYA").unwrap().values();
    assert_eq!(values["why"]["why"]["value"], "typed words");
    changed["blocks"][1]["block_id"] = "why-2".into();
    call(&sandbox, "views.update", update(&changed)).await;
    let values = sandbox.view("U01MAYA").unwrap().values();
    assert_eq!(values["why-2"]["why"]["value"], "from the app");
    sandbox.stop().await;
}

#[tokio::test]
async fn answers_to_a_form_change_what_is_open() {
    let (sandbox, mut socket, _) = start().await;
    let note = json!({"type": "modal", "title": plain("Note"), "submit": plain("Go"), "blocks": [{"type": "divider"}]});
    let mut view = open(&sandbox, &mut socket, note.clone()).await;
    let push = json!({"response_action": "push", "view": note});
    for depth in 2..=3 {
        let sent = sandbox.submit_view("U01MAYA", &view.id, json!({}));
        let (sent, _) = tokio::join!(sent, socket.take(push.clone()));
        let Ok(Submitted::Pushed(top)) = sent else {
            panic!("not pushed at {depth}")
        };
        assert_ne!(top.root_id, top.id);
        view = *top;
    }
    let errors = json!({"response_action": "errors", "errors": {"nowhere": "x"}});
    let (stray, _) = tokio::join!(
        sandbox.submit_view("U01MAYA", &view.id, json!({})),
        socket.take(errors)
    );
    assert!(matches!(stray, Err(ActError::BadAnswer(_))));
    let update = json!({"response_action": "update", "view": {"type": "modal", "title": plain("B"),
        "submit": plain("Go"), "blocks": [{"type": "divider"}]}});
    let (updated, _) = tokio::join!(
        sandbox.submit_view("U01MAYA", &view.id, json!({})),
        socket.take(update)
    );
    assert!(matches!(updated, Ok(Submitted::Updated(view)) if view.title() == "B"));
    let clear = json!({"response_action": "clear"});
    let (cleared, _) = tokio::join!(
        sandbox.submit_view("U01MAYA", &view.id, json!({})),
        socket.take(clear)
    );
    assert!(matches!(cleared, Ok(Submitted::Cleared)));
    assert!(sandbox.view("U01MAYA").is_none());
    sandbox.stop().await;
}

#[tokio::test]
async fn closing_is_told_only_if_the_app_asked_for_it() {
    let (sandbox, mut socket, view) = start().await;
    let (closed, payload) = tokio::join!(
        sandbox.close_view("U01MAYA", &view.id),
        socket.take(Value::Null)
    );
    closed.unwrap();
    assert_eq!(
        (&payload["type"], &payload["is_cleared"]),
        (&json!("view_closed"), &json!(false))
    );
    let mut quiet = form();
    quiet["notify_on_close"] = false.into();
    let view = open(&sandbox, &mut socket, quiet).await;
    sandbox.close_view("U01MAYA", &view.id).await.unwrap();
    assert!(matches!(
        sandbox.close_view("U01MAYA", &view.id).await,
        Err(ActError::NoSuchView { .. })
    ));
    sandbox.stop().await;
}

#[tokio::test]
async fn only_who_can_see_something_can_act_on_it() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let (_socket, _) = Socket::open(&sandbox).await;
    let card = call(
        &sandbox,
        "chat.postMessage",
        json!({"channel": "C0SECU", "text": "x"}),
    )
    .await;
    let card = sandbox
        .messages(card["channel"].as_str().unwrap())
        .remove(0);
    let outsider = sandbox.press("U01MAYA", &card, "Go").await;
    assert!(matches!(outsider, Err(ActError::NotInChannel { .. })));
    let missing = sandbox.press("U02BO", &card, "Go").await;
    assert!(matches!(missing, Err(ActError::NoSuchControl { .. })));
    let gone = sandbox.slash("U07GONE", "C0APPR", "/ask", "").await;
    assert!(matches!(gone, Err(ActError::NoSuchPerson(_))));
    let unknown = sandbox.slash("U01MAYA", "C0APPR", "/other", "").await;
    assert!(matches!(unknown, Err(ActError::NotOffered(_))));
    sandbox.stop().await;
}
