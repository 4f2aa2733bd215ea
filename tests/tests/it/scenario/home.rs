//! Slack's home page, which Discord hasn't: it shows what changes while it is open.

use breakglass_sandbox::{Fault, Sandbox};

use super::READ;
use crate::company::Setting;
use crate::company::hands::{Line, PATIENCE, Place, Who};
use crate::company::slack::account;
use crate::scene::Scene;

/// Somebody's home page says this; nobody opens it again.
async fn home_says(scene: &Scene, who: Who, words: &str) {
    let says = |sandbox: &Sandbox| {
        sandbox
            .home(account(who))?
            .shown()
            .contains(words)
            .then_some(())
    };
    let said = scene.workspace().wait_for(PATIENCE, says).await;
    said.unwrap_or_else(|| {
        let home = scene.workspace().home(account(who));
        panic!("{who:?} never reads {words:?}, but {home:#?}")
    });
}

#[tokio::test]
async fn an_open_home_page_shows_what_changes() {
    let scene = Scene::open(Setting::SLACK).await;
    let chat = scene.asked();
    for (who, words) in [
        (Who::Maya, "You hold nothing."),
        (Who::Bo, "Nothing waits for you."),
    ] {
        scene.workspace().open_home(account(who)).await.unwrap();
        home_says(&scene, who, words).await;
    }
    chat.types(Who::Maya, &READ).await;
    home_says(&scene, Who::Bo, "🟡 Waiting BG-1").await;
    chat.presses(Who::Bo, Place::Approvers, "Waiting", "Approve")
        .await;
    home_says(&scene, Who::Maya, "🟢 Active BG-1").await;
    home_says(&scene, Who::Bo, "Nothing waits for you.").await;
    chat.types(Who::Maya, &Line::End).await;
    home_says(&scene, Who::Maya, "You hold nothing.").await;
    scene.close().await;
}

#[tokio::test]
async fn a_home_page_that_chat_refused_for_a_while_is_drawn_afterwards() {
    let scene = Scene::open(Setting::SLACK).await;
    let away = Fault::RateLimited {
        retry_after_secs: 1,
    };
    scene.workspace().fail("views.publish", 2, away);
    let maya = account(Who::Maya);
    scene.workspace().open_home(maya).await.unwrap();
    home_says(&scene, Who::Maya, "You hold nothing.").await;
    scene.close().await;
}
