//! The page in a real browser: by keyboard, live, at a phone's width, without a fault in the console.

pub(crate) mod chromium;

use breakglass_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::app::{Socket, call};
use crate::patient_options;
use chromium::Chromium;

fn plain(text: &str) -> Value {
    json!({"type": "plain_text", "text": text})
}

fn form(note: &str) -> Value {
    let input = |id: &str, label: &str| {
        json!({"type": "input", "block_id": id, "label": plain(label),
            "element": {"type": "plain_text_input", "action_id": id}})
    };
    let note = json!({"type": "section", "block_id": "n", "text": plain(note)});
    json!({"type": "modal", "title": plain("Form"), "submit": plain("Send"),
        "blocks": [input("why", "Why?"), note]})
}

/// A card whose button asks before it acts.
async fn post_card(sandbox: &Sandbox) {
    let confirm = json!({"title": plain("Sure?"), "text": plain("Really."),
        "confirm": plain("Do it"), "deny": plain("Not now")});
    let button = json!({"type": "button", "action_id": "go", "value": "v", "text": plain("Approve"),
        "confirm": confirm});
    let card = json!({"channel": "C0APPR", "text": "card", "blocks": [
        {"type": "header", "text": plain("A card")}, {"type": "actions", "elements": [button]}]});
    assert_eq!(call(sandbox, "chat.postMessage", card).await["ok"], true);
}

#[tokio::test]
async fn a_form_is_opened_filled_in_and_sent_by_keyboard() {
    let sandbox = Sandbox::start(patient_options()).await.unwrap();
    let (mut socket, _) = Socket::open(&sandbox).await;
    let mut page = Chromium::open(1280, 800).await;
    page.goto(&format!("{}#/U01MAYA/C0APPR", sandbox.page_url()))
        .await;
    page.until("document.querySelector('.status.is-on')").await;

    page.eval("document.querySelector('.composer-input').focus()")
        .await;
    page.write("/a").await;
    page.until("document.querySelector('.hint-row')").await;
    page.press("Tab").await;
    page.press("Enter").await;
    let command = socket.take(Value::Null).await;
    assert_eq!(command["command"], "/ask");
    let args = json!({"trigger_id": command["trigger_id"], "view": form("one")});
    let opened = call(&sandbox, "views.open", args).await;
    page.until("document.querySelector('dialog[open]')?.contains(document.activeElement)")
        .await;
    page.until("document.activeElement.matches('input')").await;

    page.write("typed words").await;
    let args = json!({"view_id": opened["view"]["id"], "view": form("two")});
    call(&sandbox, "views.update", args).await;
    page.until("document.querySelector('dialog').textContent.includes('two')")
        .await;
    page.until("document.activeElement.value === 'typed words'")
        .await;
    for _ in 0..8 {
        page.press("Tab").await;
        page.until(
            "document.activeElement === document.body || document.activeElement.closest('dialog')",
        )
        .await;
    }

    page.eval("document.querySelector('dialog input').focus()")
        .await;
    page.press("Enter").await;
    let errors = json!({"response_action": "errors", "errors": {"why": "Say more."}});
    let sent = socket.take(errors).await;
    assert_eq!(
        sent["view"]["state"]["values"]["why"]["why"]["value"],
        "typed words"
    );
    page.until("document.querySelector('.has-error .error')?.textContent === 'Say more.'")
        .await;
    page.until("document.activeElement.getAttribute('aria-invalid') === 'true'")
        .await;
    page.press("Escape").await;
    page.until("!document.querySelector('dialog')").await;
    assert!(sandbox.view("U01MAYA").is_none());
    assert_eq!(page.faults().await, Vec::<String>::new());
    sandbox.stop().await;
}

#[tokio::test]
async fn a_card_comes_live_and_its_button_asks_first() {
    let sandbox = Sandbox::start(patient_options()).await.unwrap();
    let (mut socket, _) = Socket::open(&sandbox).await;
    let mut page = Chromium::open(1280, 800).await;
    page.goto(&format!("{}#/U01MAYA/C0APPR", sandbox.page_url()))
        .await;
    page.until("document.querySelector('.composer')").await;
    post_card(&sandbox).await;
    page.until("document.querySelector('.messages h3')?.textContent === 'A card'")
        .await;
    page.until("document.getElementById('live').textContent.includes('card')")
        .await;

    let button = "document.querySelector('.actions button')";
    page.eval(&format!("{button}.focus()")).await;
    page.press("Enter").await;
    page.until("document.querySelector('dialog.confirm[open]')")
        .await;
    page.press("Escape").await;
    page.until("!document.querySelector('dialog')").await;
    page.eval(&format!("{button}.focus()")).await;
    page.press("Enter").await;
    page.until("document.activeElement.textContent === 'Do it'")
        .await;
    page.press("Enter").await;
    let pressed = socket.take(Value::Null).await;
    assert_eq!(pressed["actions"][0]["value"], "v");
    let args = json!({"channel": "C0APPR", "user": "U01MAYA", "text": "*noted* <@U02BO>"});
    call(&sandbox, "chat.postEphemeral", args).await;
    page.until("document.querySelector('.is-private strong')?.textContent === 'noted'")
        .await;

    page.eval("location.hash = '#/U02BO/C0APPR'").await;
    page.until("document.querySelector('.whoami').textContent.startsWith('Bo')")
        .await;
    page.until("document.querySelector('.messages h3') && !document.querySelector('.is-private')")
        .await;
    assert_eq!(page.faults().await, Vec::<String>::new());
    sandbox.stop().await;
}

#[tokio::test]
async fn nothing_sticks_out_at_the_width_of_a_phone() {
    let sandbox = Sandbox::start(patient_options()).await.unwrap();
    post_card(&sandbox).await;
    let long = "a-very-long-word".repeat(20);
    sandbox
        .say(
            "U02BO",
            "C0APPR",
            &format!("`{long}` {long}\n```{long}```"),
            None,
        )
        .unwrap();
    let mut page = Chromium::open(360, 740).await;
    page.goto(&format!("{}#/U01MAYA/C0APPR", sandbox.page_url()))
        .await;
    page.until("document.querySelectorAll('article').length === 2")
        .await;
    let sticks_out = "[...document.querySelectorAll('.app *')].filter((node) => \
        node.getBoundingClientRect().right > innerWidth + 1).map((node) => node.className).join()";
    assert_eq!(page.eval(sticks_out).await, json!(""));
    page.eval("document.querySelector('.back').click()").await;
    page.until("document.querySelector('.side').offsetParent")
        .await;
    page.until("!document.querySelector('.room').offsetParent")
        .await;
    assert_eq!(page.eval(sticks_out).await, json!(""));
    page.eval("document.querySelector('.entry:nth-of-type(2)').click()")
        .await;
    page.until("document.querySelector('.room').offsetParent")
        .await;
    assert_eq!(page.faults().await, Vec::<String>::new());
    sandbox.stop().await;
}
