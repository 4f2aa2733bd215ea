//! The guild's page in a real browser: a command with options, a form and a button, by keyboard.

use serde_json::json;

use super::client::{Line, register, rest};
use super::{APPROVALS, MAYA, options, start};
use crate::browser::chromium::Chromium;

#[tokio::test]
async fn a_command_is_filled_in_and_its_form_sent_by_keyboard() {
    let sandbox = start(options()).await;
    let guild = sandbox.guild();
    register(&guild).await;
    let (mut line, _) = Line::identified(&guild).await;
    let mut page = Chromium::open(1280, 800).await;
    page.goto(&format!(
        "{}discord#/{MAYA}/{APPROVALS}",
        sandbox.page_url()
    ))
    .await;
    page.until("document.querySelector('.dot.is-on')").await;

    page.eval("document.querySelector('.composer-input').focus()")
        .await;
    page.write("/as").await;
    page.until("document.querySelector('.hint-row')").await;
    page.press("Enter").await;
    let choice = json!([{"name": "Orders", "value": "orders-db"}]);
    line.answer(&guild, json!({"type": 8, "data": {"choices": choice}}))
        .await;
    page.until("document.querySelector('datalist option')?.value === 'orders-db'")
        .await;
    page.until("document.activeElement.matches('.option input')")
        .await;
    page.write("orders-db").await;
    line.answer(&guild, json!({"type": 8, "data": {"choices": []}}))
        .await;
    page.press("Enter").await;
    let input = json!({"type": 4, "custom_id": "why", "style": 2, "min_length": 5});
    let label = json!({"type": 18, "label": "Why?", "component": input});
    let form = json!({"custom_id": "f", "title": "Ask", "components": [label]});
    let command = line.answer(&guild, json!({"type": 9, "data": form})).await;
    assert_eq!(command["data"]["options"][0]["value"], "orders-db");

    page.until("document.querySelector('dialog[open]')?.contains(document.activeElement)")
        .await;
    page.write("no").await;
    page.eval("document.querySelector('dialog [type=submit]').focus()")
        .await;
    page.press("Enter").await;
    page.until("document.querySelector('.error').textContent.includes('At least 5')")
        .await;
    page.eval("document.querySelector('dialog textarea').focus()")
        .await;
    page.write("t on fire").await;
    page.eval("document.querySelector('dialog [type=submit]').focus()")
        .await;
    page.press("Enter").await;
    let sent = line
        .answer(&guild, json!({"type": 5, "data": {"flags": 64}}))
        .await;
    assert_eq!(
        sent["data"]["components"][0]["component"]["value"],
        "not on fire"
    );
    page.until("!document.querySelector('dialog')").await;
    page.until("document.querySelector('.is-private .thinking')")
        .await;

    page.eval("location.hash = location.hash.replace('1/', '2/')")
        .await;
    page.until("!document.querySelector('.is-private')").await;
    assert_eq!(page.faults().await, Vec::<String>::new());
    sandbox.stop().await;
}

#[tokio::test]
async fn a_card_comes_live_and_its_button_changes_it() {
    let sandbox = start(options()).await;
    let guild = sandbox.guild();
    let (mut line, _) = Line::identified(&guild).await;
    let mut page = Chromium::open(1280, 800).await;
    page.goto(&format!(
        "{}discord#/{MAYA}/{APPROVALS}",
        sandbox.page_url()
    ))
    .await;
    page.until("document.querySelector('.dot.is-on')").await;
    let button = json!({"type": 2, "style": 3, "label": "Approve", "custom_id": "yes"});
    let embed = json!({"title": "A card", "description": "> **bold**", "color": 0xFF_0000});
    let card = json!({"embeds": [embed], "components": [{"type": 1, "components": [button]}]});
    rest(
        &guild,
        "POST",
        &format!("/channels/{APPROVALS}/messages"),
        card,
    )
    .await;
    page.until("document.querySelector('.embed blockquote strong')?.textContent === 'bold'")
        .await;
    page.eval("document.querySelector('.row button').focus()")
        .await;
    page.press("Enter").await;
    let done = json!({"type": 7, "data": {"content": "done", "embeds": [], "components": []}});
    line.answer(&guild, done).await;
    page.until("[...document.querySelectorAll('.text')].some((node) => node.textContent.startsWith('done'))").await;
    assert_eq!(page.faults().await, Vec::<String>::new());
    sandbox.stop().await;
}

#[tokio::test]
async fn nothing_sticks_out_at_the_width_of_a_phone() {
    let sandbox = start(options()).await;
    let guild = sandbox.guild();
    let long = "a-very-long-word".repeat(20);
    guild
        .say(MAYA, APPROVALS, &format!("`{long}` {long}\n```{long}```"))
        .unwrap();
    let mut page = Chromium::open(360, 740).await;
    page.goto(&format!("{}#/{MAYA}/{APPROVALS}", sandbox.page_url()))
        .await;
    page.until("location.pathname === '/discord' && document.querySelector('article')")
        .await;
    let sticks_out = "[...document.querySelectorAll('.room *')].filter((node) => \
        node.getBoundingClientRect().right > innerWidth + 1).map((node) => node.className).join()";
    assert_eq!(page.eval(sticks_out).await, json!(""));
    assert_eq!(page.faults().await, Vec::<String>::new());
    sandbox.stop().await;
}
