//! A small bot on discord.py runs against the guild: it isn't tuned to our adapter.

use std::time::Duration;

use breakglass_sandbox::discord::{Answer, Guild};
use serde_json::json;

use super::{APPROVALS, BO, DBA, GUILD, MAYA, options, start};
use crate::script::Script;

const PATIENCE: Duration = Duration::from_secs(30);

fn bot(guild: &Guild) -> Script {
    let token = breakglass_sandbox::discord::App::default().token;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/discord_bot.py");
    Script::start(
        script,
        &[
            &guild.api_url(),
            &guild.gateway_url(),
            &token,
            GUILD,
            APPROVALS,
        ],
    )
}

#[tokio::test]
async fn a_discord_py_bot_registers_opens_a_form_and_updates_its_card() {
    let sandbox = start(options()).await;
    let guild = sandbox.guild();
    let mut bot = bot(&guild);
    bot.reaches("registered 1").await;
    bot.reaches("ready Sandbox guild 4 breakglass").await;

    let offered = guild
        .autocomplete(MAYA, APPROVALS, "/ask", ("what", json!({"what": "db"})))
        .await
        .unwrap();
    assert_eq!(
        offered
            .iter()
            .map(|choice| choice.name.as_str())
            .collect::<Vec<_>>(),
        ["Orders-Db", "Billing-Db"]
    );
    let asked = guild
        .slash(MAYA, APPROVALS, "/ask", json!({"what": "orders-db"}))
        .await
        .unwrap();
    assert!(matches!(asked.answer, Answer::Modal(_)));
    bot.reaches("asked orders-db").await;
    assert_eq!(guild.view(MAYA).unwrap().labels(), ["Why?"]);
    assert!(
        guild
            .submit_view(MAYA, json!({"Why?": "no"}))
            .await
            .is_err(),
        "too short to be sent"
    );
    guild
        .submit_view(MAYA, json!({"Why?": "it is on fire"}))
        .await
        .unwrap();
    bot.reaches("posted approvals").await;
    assert_eq!(guild.newest_ephemeral(MAYA).unwrap().content, "sent");
    assert!(guild.view(MAYA).is_none());
    assert_eq!(guild.messages(MAYA)[0].content, "I asked for you");

    let card = guild.messages(APPROVALS).pop().unwrap();
    assert_eq!(
        card.shown(),
        "A card\norders-db is wanted\nit is on fire\nYes"
    );
    let chosen = guild
        .choose(BO, &card, "How?", json!("Fast"))
        .await
        .unwrap();
    assert!(matches!(chosen.answer, Answer::Deferred(_)));
    bot.reaches("chosen Fast").await;
    assert_eq!(guild.newest_ephemeral(BO).unwrap().content, "Fast it is");
    guild.press(BO, &card, "Yes").await.unwrap();
    bot.reaches("updated bo").await;
    let card = guild.message(&card).unwrap();
    assert_eq!(card.content, format!("Yes, says <@{BO}>"));
    assert_eq!(card.buttons(), [""; 0]);
    assert_eq!(
        guild.newest_ephemeral(BO).unwrap().content,
        "only you see this"
    );
    assert_eq!(guild.thread(&card)[0].content, "noted");
    assert_eq!(
        guild.channel(&card.id).unwrap()["thread_metadata"]["locked"],
        true
    );
    assert_eq!(guild.complaints(), Vec::<String>::new());
    sandbox.stop().await;
}

#[tokio::test]
async fn a_discord_py_bot_comes_back_and_is_told_what_it_missed() {
    let sandbox = start(options()).await;
    let guild = sandbox.guild();
    let mut bot = bot(&guild);
    bot.reaches("ready Sandbox guild 4 breakglass").await;
    guild.drop_connections();
    guild.take_role(BO, DBA);
    bot.reaches("roles bo 1").await;
    guild.ask_to_reconnect();
    guild.give_role(BO, DBA);
    bot.reaches("roles bo 2").await;
    bot.reaches("resumed").await;
    guild.forget_sessions();
    bot.reaches("ready Sandbox guild 4 breakglass").await;
    assert!(
        guild
            .wait_for(PATIENCE, |guild| (guild.connections() == 1).then_some(()))
            .await
            .is_some()
    );
    sandbox.stop().await;
}
