//! The gateway: who may come in, what is told, and what is told again.

use breakglass_sandbox::discord::{self, App};
use serde_json::json;

use super::client::{INTENTS, Line, register};
use super::{APPROVALS, BO, DBA, GUILD, MAYA, SECRET, options, start};

#[tokio::test]
async fn who_is_not_ours_is_turned_away() {
    let app = App {
        has_members_intent: false,
        ..App::default()
    };
    let sandbox = start(discord::Options { app, ..options() }).await;
    let guild = sandbox.guild();
    let token = App::default().token;
    for (token, intents, code) in [
        ("nonsense", 1, 4004),
        (token.as_str(), 1 << 1, 4014),
        (token.as_str(), 1 << 15, 4014),
        (token.as_str(), 1 << 40, 4013),
    ] {
        let (mut line, hello) = Line::open(&guild).await;
        assert_eq!(hello["d"]["heartbeat_interval"], 41_250);
        line.identify(token, intents).await;
        assert_eq!(line.next().await, Err(Some(code)), "{intents:b}");
    }
    let (mut line, _) = Line::open(&guild).await;
    line.say(json!({"op": 8, "d": {}})).await;
    assert_eq!(
        line.next().await,
        Err(Some(4003)),
        "not before it said who it is"
    );
    assert_eq!(guild.connections(), 0);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_client_is_told_who_is_there_when_it_asks() {
    let sandbox = start(options()).await;
    let guild = sandbox.guild();
    let (mut line, ready) = Line::identified(&guild).await;
    assert_eq!(ready["d"]["resume_gateway_url"], guild.gateway_url());
    line.say(json!({"op": 1, "d": 2})).await;
    assert_eq!(line.next().await.unwrap()["op"], 11);
    line.say(json!({"op": 8, "d": {"guild_id": GUILD, "query": "", "limit": 0, "nonce": "n"}}))
        .await;
    let chunk = line.event("GUILD_MEMBERS_CHUNK").await;
    assert_eq!(
        (chunk["members"].as_array().unwrap().len(), &chunk["nonce"]),
        (4, &json!("n"))
    );
    line.say(json!({"op": 8, "d": {"guild_id": GUILD, "user_ids": [BO]}}))
        .await;
    let chunk = line.event("GUILD_MEMBERS_CHUNK").await;
    assert_eq!(chunk["members"][0]["user"]["username"], "bo");
    sandbox.stop().await;
}

#[tokio::test]
async fn changes_of_people_and_places_are_told() {
    let sandbox = start(options()).await;
    let guild = sandbox.guild();
    let (mut line, _) = Line::identified(&guild).await;
    guild.take_role(BO, DBA);
    assert_eq!(line.event("GUILD_MEMBER_UPDATE").await["roles"], json!([]));
    guild.time_out(BO, Some(1_760_000_060_000));
    let until = line.event("GUILD_MEMBER_UPDATE").await["communication_disabled_until"].clone();
    assert_eq!(until, "2025-10-09T08:54:20.000000+00:00");
    guild.leave(BO);
    assert_eq!(line.event("GUILD_MEMBER_REMOVE").await["user"]["id"], BO);
    guild.join(BO);
    line.event("GUILD_MEMBER_ADD").await;
    guild.put_role(discord::Role::new(DBA, "database"));
    assert_eq!(
        line.event("GUILD_ROLE_UPDATE").await["role"]["name"],
        "database"
    );
    guild.delete_role(DBA);
    line.event("GUILD_ROLE_DELETE").await;
    let said = guild.say(MAYA, APPROVALS, "hello").unwrap();
    assert_eq!(
        line.event("MESSAGE_CREATE").await["content"],
        "",
        "no intent for words"
    );
    guild.delete_message(&said);
    line.event("MESSAGE_DELETE").await;
    guild.delete_channel(APPROVALS);
    assert_eq!(line.event("CHANNEL_DELETE").await["id"], APPROVALS);
    guild.kick_app();
    assert_eq!(line.event("GUILD_DELETE").await, json!({"id": GUILD}));
    guild.add_app();
    let created = line.event("GUILD_CREATE").await;
    let seen = created["channels"].as_array().unwrap();
    assert!(
        seen.iter().all(|channel| channel["id"] != SECRET),
        "not for the app"
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn a_resumed_session_is_told_what_it_missed() {
    let sandbox = start(options()).await;
    let guild = sandbox.guild();
    let token = App::default().token;
    let (mut line, ready) = Line::identified(&guild).await;
    let session = &ready["d"]["session_id"];
    guild.drop_connections();
    assert_eq!(line.next().await, Err(None));
    guild.take_role(BO, DBA);
    let resume =
        |seq: u64| json!({"op": 6, "d": {"token": token, "session_id": session, "seq": seq}});

    let (mut line, _) = Line::open(&guild).await;
    line.say(resume(99)).await;
    assert_eq!(
        line.next().await,
        Err(Some(4007)),
        "it can't have heard so much"
    );
    let (mut line, _) = Line::open(&guild).await;
    line.say(resume(2)).await;
    assert_eq!(line.next().await.unwrap()["t"], "GUILD_MEMBER_UPDATE");
    assert_eq!(line.next().await.unwrap()["t"], "RESUMED");
    guild.ask_to_reconnect();
    assert_eq!(line.next().await.unwrap()["op"], 7);
    guild.ask_to_resume();
    assert_eq!(line.next().await.unwrap(), json!({"op": 9, "d": true}));
    guild.invalidate_sessions();
    assert_eq!(line.next().await.unwrap(), json!({"op": 9, "d": false}));
    let (mut line, _) = Line::open(&guild).await;
    line.say(resume(2)).await;
    assert_eq!(
        line.next().await.unwrap(),
        json!({"op": 9, "d": false}),
        "it is forgotten"
    );
    line.identify(&token, INTENTS).await;
    assert_eq!(line.next().await.unwrap()["t"], "READY");
    sandbox.stop().await;
}

#[tokio::test]
async fn a_connection_that_is_silent_or_deaf_is_noticed() {
    let heartbeat_every = std::time::Duration::from_millis(50);
    let sandbox = start(discord::Options {
        heartbeat_every,
        ..options()
    })
    .await;
    let guild = sandbox.guild();
    let (mut line, _) = Line::identified(&guild).await;
    guild.ignore_heartbeats(1);
    line.say(json!({"op": 1, "d": 2})).await;
    line.say(json!({"op": 1, "d": 2})).await;
    assert_eq!(line.next().await.unwrap()["op"], 11, "one of two");
    assert_eq!(line.next().await, Err(Some(4009)), "then it was silent");
    sandbox.stop().await;
}

#[tokio::test]
async fn an_interaction_comes_twice_or_never_or_changed() {
    let sandbox = start(discord::Options {
        answer_within: std::time::Duration::from_millis(300),
        ..options()
    })
    .await;
    let guild = sandbox.guild();
    register(&guild).await;
    let act = || guild.slash(MAYA, APPROVALS, "/ask", json!({"what": "x"}));
    assert!(act().await.is_err(), "nobody is connected");
    let (mut line, _) = Line::identified(&guild).await;
    guild.deliver_twice(1);
    guild.doctor_next(json!({"member": {"user": {"bot": true}}}));
    let (_, first) = tokio::join!(act(), line.event("INTERACTION_CREATE"));
    assert_eq!(line.event("INTERACTION_CREATE").await, first);
    assert_eq!(
        (
            &first["member"]["user"]["bot"],
            &first["member"]["user"]["id"]
        ),
        (&json!(true), &json!(MAYA))
    );
    guild.lose_deliveries(1);
    assert!(act().await.is_err());
    guild.delay_answers(std::time::Duration::from_secs(9));
    let answer = json!({"type": 5});
    let (acted, _) = tokio::join!(act(), line.answer(&guild, answer));
    assert!(
        acted.is_err(),
        "it was answered, but too late for who acted"
    );
    guild.close_connections(4000);
    let code = loop {
        if let Err(code) = line.next().await {
            break code;
        }
    };
    assert_eq!(code, Some(4000));
    sandbox.stop().await;
}
