//! HTTP mode: only what Discord signed just now comes in, and once.

use breakglass_core::intent::Act;
use breakglass_core::notice::Answer as Said;
use breakglass_core::port::chat::{Chat as _, Show};
use breakglass_discord::{DiscordChat, Mode};
use breakglass_sandbox::discord::{self, Answer, Delivery, Forgery};
use serde_json::json;
use tokio::net::TcpListener;

use super::office::{APPROVERS, MAYA, Office, config, options, sandbox};

/// An endpoint of ours, and a guild that delivers to it.
async fn office() -> Office {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "http://{}/discord/interactions",
        socket.local_addr().unwrap()
    );
    let sandbox = sandbox(discord::Options {
        delivery: Delivery::Http { url },
        ..options()
    })
    .await;
    let guild = sandbox.guild();
    let public_key = guild.public_key();
    let chat = DiscordChat::new(config(&guild, Mode::Http { public_key })).unwrap();
    let office = Office::around(sandbox, chat);
    let router = office.chat.router(office.desk.clone());
    tokio::spawn(async move { axum::serve(socket, router).await });
    office.chat.register().await.unwrap();
    office
}

#[tokio::test]
async fn the_endpoint_is_taken_by_discord() {
    office().await.guild.check_endpoint().await.unwrap();
}

#[tokio::test]
async fn a_command_is_written_down_and_answered_through_the_callback() {
    let office = office().await;
    let answered = office.slash(MAYA, "status", json!({})).await;
    assert!(
        matches!(answered.answer, Answer::Deferred(_)),
        "{answered:?}"
    );
    let intent = office.desk.nth(1).await;
    assert_eq!(intent.act, Act::Status);
    let words = Said::Said {
        title: "Status".to_owned(),
        text: "You hold nothing.".to_owned(),
        typed: String::new(),
        buttons: Vec::new(),
    };
    let (to, reply) = (&intent.sender, &intent.reply);
    office
        .chat
        .answer(to, reply, &words, Show::New)
        .await
        .unwrap();
    office.told(MAYA, "You hold nothing.").await;
    assert!(
        office.guild.complaints().is_empty(),
        "{:?}",
        office.guild.complaints()
    );
}

#[tokio::test]
async fn nothing_forged_comes_in() {
    let office = office().await;
    office.slash(MAYA, "status", json!({})).await;
    for (forgery, status) in [
        (Forgery::OtherKey, 401),
        (Forgery::OtherBody, 401),
        (Forgery::Unsigned, 401),
        (Forgery::Old { secs: 400 }, 401),
        (Forgery::Old { secs: -400 }, 401),
        (Forgery::Replay, 401),
    ] {
        let text = format!("{forgery:?}");
        assert_eq!(office.guild.forge(forgery).await.unwrap(), status, "{text}");
    }
    assert_eq!(office.desk.acts(), [Act::Status]);
}

#[tokio::test]
async fn it_has_no_lines_to_keep() {
    let office = office().await.listening();
    assert_eq!(office.chat.lines().borrow().wanted, 0);
    let offered = office.guild.autocomplete(
        MAYA,
        APPROVERS,
        "/breakglass request",
        ("target", json!({ "target": "o" })),
    );
    assert!(offered.await.unwrap().is_empty());
}
