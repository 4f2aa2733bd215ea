//! What people do, what the app is told of it, and what it may answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use breakglass_sandbox::discord::{Answered, App, Guild};
use breakglass_sandbox::{ActError, Clock, Options, Sandbox};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::client::{Line, callback, register, rest};
use super::{APPROVALS, BO, GENERAL, GUILD, MAYA, ROBOT, SECRET, options, start};

async fn begin() -> (Sandbox, Guild, Line) {
    let sandbox = start(options()).await;
    let guild = sandbox.guild();
    register(&guild).await;
    let (line, _) = Line::identified(&guild).await;
    (sandbox, guild, line)
}

fn buttons(labels: &[&str]) -> Value {
    let button = |label: &&str| json!({"type": 2, "style": 1, "label": label, "custom_id": format!("id:{label}")});
    json!([{"type": 1, "components": labels.iter().map(button).collect::<Vec<_>>()}])
}

#[tokio::test]
async fn a_command_reaches_the_app_as_it_was_registered() {
    let (sandbox, guild, mut line) = begin().await;
    let plan = json!({"day": 3, "who": BO});
    let answer = json!({"type": 4, "data": {"content": "planned"}});
    let (acted, told) = tokio::join!(
        guild.slash(MAYA, APPROVALS, "/plan make", plan),
        line.answer(&guild, answer)
    );
    acted.unwrap();
    let options = &told["data"]["options"];
    assert_eq!(
        options,
        &json!([{"type": 1, "name": "make", "options": [
        {"type": 4, "name": "day", "value": 3}, {"type": 6, "name": "who", "value": BO}]}])
    );
    assert_eq!(told["data"]["resolved"]["users"][BO]["username"], "bo");
    assert_eq!(
        (&told["type"], &told["guild_id"], &told["context"]),
        (&json!(2), &json!(GUILD), &json!(0))
    );
    assert_eq!(told["member"]["user"]["id"], MAYA);
    assert_eq!(guild.messages(APPROVALS)[0].content, "planned");
    sandbox.stop().await;
}

#[tokio::test]
async fn nobody_does_what_discord_would_not_let_them() {
    let (sandbox, guild, _line) = begin().await;
    let slash =
        |user: &'static str, channel: &'static str, command: &'static str, options: Value| {
            let guild = guild.clone();
            async move {
                guild
                    .slash(user, channel, command, options)
                    .await
                    .unwrap_err()
            }
        };
    let ask = json!({"what": "x"});
    assert!(matches!(
        slash(ROBOT, GENERAL, "/ask", ask.clone()).await,
        ActError::NoSuchPerson(_)
    ));
    assert!(matches!(
        slash(MAYA, SECRET, "/ask", ask.clone()).await,
        ActError::NotInChannel { .. }
    ));
    for command in ["/nothing", "/plan", "/plan undo", "/secret"] {
        assert!(
            matches!(
                slash(MAYA, GENERAL, command, json!({})).await,
                ActError::NotOffered(_)
            ),
            "{command}"
        );
    }
    let stray = json!({"what": "x", "why": "y"});
    assert!(
        matches!(slash(MAYA, GENERAL, "/ask", stray).await, ActError::NoSuchControl { wanted, .. } if wanted == "why")
    );
    for (command, options) in [
        ("/ask", json!({})),
        ("/plan make", json!({"day": 32})),
        ("/plan make", json!({"day": "x"})),
    ] {
        assert!(
            matches!(
                slash(MAYA, GENERAL, command, options).await,
                ActError::Incomplete(_)
            ),
            "{command}"
        );
    }
    guild.leave(MAYA);
    assert!(matches!(
        slash(MAYA, GENERAL, "/ask", ask.clone()).await,
        ActError::NoSuchPerson(_)
    ));
    guild.kick_app();
    assert!(matches!(
        slash(BO, GENERAL, "/ask", ask).await,
        ActError::NotOffered(_)
    ));
    sandbox.stop().await;
}

#[tokio::test]
async fn what_is_for_one_person_is_pressed_by_them_alone() {
    let (sandbox, guild, mut line) = begin().await;
    let answer = json!({"type": 4, "data": {"content": "sure?", "flags": 64, "components": buttons(&["Yes"])}});
    let (acted, _) = tokio::join!(
        guild.slash(MAYA, APPROVALS, "/ask", json!({"what": "x"})),
        line.answer(&guild, answer)
    );
    acted.unwrap();
    let message = guild.newest_ephemeral(MAYA).unwrap();
    assert!(matches!(
        guild.press(BO, &message, "Yes").await,
        Err(ActError::NoSuchMessage { .. })
    ));
    assert!(matches!(
        guild.press(MAYA, &message, "No").await,
        Err(ActError::NoSuchControl { .. })
    ));
    let path = format!("/channels/{APPROVALS}/messages/{}", message.id);
    assert_eq!(
        rest(&guild, "GET", &path, Value::Null).await.1["code"],
        10_008,
        "the bot doesn't find it so"
    );
    let changed = json!({"type": 7, "data": {"content": "done", "components": []}});
    let (acted, told) = tokio::join!(
        guild.press(MAYA, &message, "id:Yes"),
        line.answer(&guild, changed)
    );
    acted.unwrap();
    assert_eq!(told["data"]["custom_id"], "id:Yes");
    assert_eq!(
        (&told["message"]["id"], &told["message"]["flags"]),
        (&json!(message.id), &json!(64))
    );
    assert_eq!(guild.newest_ephemeral(MAYA).unwrap().content, "done");
    sandbox.stop().await;
}

#[tokio::test]
async fn a_form_is_filled_in_and_carries_what_opened_it() {
    let (sandbox, guild, mut line) = begin().await;
    let (_, card) = rest(
        &guild,
        "POST",
        &format!("/channels/{APPROVALS}/messages"),
        json!({"components": buttons(&["Deny…"])}),
    )
    .await;
    let card = guild
        .messages(APPROVALS)
        .into_iter()
        .find(|there| there.id == card["id"].as_str().unwrap())
        .unwrap();
    let select = json!({"type": 3, "custom_id": "how", "options": [{"label": "Fast", "value": "f"}, {"label": "Slow", "value": "s"}]});
    let form = json!({"type": 9, "data": {"custom_id": "deny:1", "title": "Deny", "components": [
        {"type": 18, "label": "Why?", "component": {"type": 4, "custom_id": "why", "style": 2, "min_length": 5}},
        {"type": 18, "label": "How?", "component": select},
        {"type": 10, "content": "Shown to all."},
    ]}});
    let (acted, _) = tokio::join!(guild.press(BO, &card, "Deny…"), line.answer(&guild, form));
    acted.unwrap();
    let modal = guild.view(BO).unwrap();
    assert_eq!(
        (modal.title.as_str(), modal.labels()),
        ("Deny", vec!["Why?".to_owned(), "How?".to_owned()])
    );
    let short = guild
        .submit_view(BO, json!({"Why?": "no", "How?": "Fast"}))
        .await;
    assert!(matches!(short, Err(ActError::Incomplete(faults)) if faults.contains_key("why")));
    let answer = json!({"type": 6});
    let values = json!({"Why?": "because", "How?": "Fast"});
    let (acted, told) = tokio::join!(guild.submit_view(BO, values), line.answer(&guild, answer));
    acted.unwrap();
    assert_eq!(
        told["data"],
        json!({"custom_id": "deny:1", "components": [
            {"type": 18, "id": 1, "component": {"type": 4, "id": 2, "custom_id": "why", "value": "because"}},
            {"type": 18, "id": 3, "component": {"type": 3, "id": 4, "custom_id": "how", "values": ["f"]}},
            {"type": 10, "id": 5},
        ]})
    );
    assert_eq!(told["message"]["id"], card.id);
    assert!(guild.view(BO).is_none());
    sandbox.stop().await;
}

/// A guild whose clock is moved by hand.
async fn begin_by_hand() -> (Sandbox, Line, Arc<AtomicI64>) {
    let now = Arc::new(AtomicI64::new(1_760_000_000_000));
    let hand = Arc::clone(&now);
    let sandbox = Sandbox::start(Options {
        guild: options(),
        clock: Clock::from_fn(move || hand.load(Ordering::SeqCst)),
        ..Options::default()
    });
    let sandbox = sandbox.await.unwrap();
    register(&sandbox.guild()).await;
    let (line, _) = Line::identified(&sandbox.guild()).await;
    (sandbox, line, now)
}

fn asking(guild: &Guild) -> JoinHandle<Result<Answered, ActError>> {
    let guild = guild.clone();
    tokio::spawn(async move {
        let options = json!({"what": "x"});
        guild.slash(MAYA, APPROVALS, "/ask", options).await
    })
}

#[tokio::test]
async fn an_answer_is_given_once_in_time_and_in_kind() {
    let (sandbox, mut line, now) = begin_by_hand().await;
    let guild = sandbox.guild();
    let late = asking(&guild);
    let told = line.event("INTERACTION_CREATE").await;
    now.fetch_add(3_001, Ordering::SeqCst);
    let refused = callback(&guild, &told, json!({"type": 5})).await;
    assert_eq!(refused.1["code"], 10_062);
    late.abort();

    let acted = asking(&guild);
    let told = line.event("INTERACTION_CREATE").await;
    for (answer, status, code) in [
        (json!({"type": 6}), 400, json!(50_035)),
        (
            json!({"type": 8, "data": {"choices": []}}),
            400,
            json!(50_035),
        ),
        (json!({"type": 9, "data": {}}), 400, json!(50_035)),
        (json!({"type": 5, "data": {"flags": 64}}), 204, Value::Null),
        (json!({"type": 5}), 400, json!(40_060)),
    ] {
        let (found, body) = callback(&guild, &told, answer.clone()).await;
        assert_eq!((found, &body["code"]), (status, &code), "{answer}");
    }
    assert!(acted.await.unwrap().is_ok());
    assert!(guild.newest_ephemeral(MAYA).unwrap().is_loading());
    sandbox.stop().await;
}

#[tokio::test]
async fn a_promised_answer_is_filled_in_followed_and_deleted() {
    let (sandbox, mut line, now) = begin_by_hand().await;
    let guild = sandbox.guild();
    let acted = asking(&guild);
    let promise = json!({"type": 5, "data": {"flags": 64}});
    let told = line.answer(&guild, promise).await;
    acted.await.unwrap().unwrap();
    let token = told["token"].as_str().unwrap();
    let hook = format!("/webhooks/{}/{token}", App::default().id);
    let original = format!("{hook}/messages/@original");
    let (here, more) = (
        json!({"content": "here"}),
        json!({"content": "more", "flags": 64}),
    );
    assert_eq!(rest(&guild, "PATCH", &original, here).await.0, 200);
    assert_eq!(rest(&guild, "POST", &hook, more).await.0, 200);
    let seen = guild.ephemerals(MAYA).into_iter();
    let seen: Vec<String> = seen.map(|message| message.content).collect();
    assert_eq!(seen, ["here", "more"]);
    assert_eq!(rest(&guild, "DELETE", &original, Value::Null).await.0, 204);
    let gone = rest(&guild, "GET", &original, Value::Null).await;
    assert_eq!(gone.1["code"], 10_008);
    now.fetch_add(15 * 60 * 1000 + 1, Ordering::SeqCst);
    let late = rest(&guild, "POST", &hook, json!({"content": "late"})).await;
    assert_eq!(late.1["code"], 50_027);
    sandbox.stop().await;
}

#[tokio::test]
async fn in_a_direct_message_there_is_a_user_and_no_guild() {
    let (sandbox, guild, mut line) = begin().await;
    let open = json!({"recipient_id": MAYA});
    let (_, direct) = rest(&guild, "POST", "/users/@me/channels", open).await;
    let path = format!("/channels/{}/messages", direct["id"].as_str().unwrap());
    let body = json!({"content": "hello", "components": buttons(&["End"])});
    rest(&guild, "POST", &path, body).await;
    let message = guild.messages(MAYA).pop().unwrap();
    let (acted, told) = tokio::join!(
        guild.press(MAYA, &message, "End"),
        line.answer(&guild, json!({"type": 6}))
    );
    acted.unwrap();
    assert_eq!(
        (&told["user"]["id"], &told["context"]),
        (&json!(MAYA), &json!(1))
    );
    assert!(told.get("guild_id").is_none() && told.get("member").is_none());
    let typed = guild.slash(MAYA, MAYA, "/ask", json!({"what": "x"})).await;
    assert!(
        matches!(typed, Err(ActError::NotOffered(_))),
        "a guild's command"
    );
    sandbox.stop().await;
}
