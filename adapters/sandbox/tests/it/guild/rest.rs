//! The REST API: what it takes, what it refuses and how, and how it lets an app down.

use std::time::Duration;

use breakglass_sandbox::discord;
use breakglass_sandbox::discord::{App, Bucket, Fault, Guild};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::client::{rest, rest_as};
use super::{APPROVALS, BO, GENERAL, GUILD, MAYA, ROBOT, SECRET, options, start};

const POST: &str = "POST /channels/{channel_id}/messages";

async fn post(guild: &Guild, channel: &str, body: Value) -> (u16, Value) {
    rest(
        guild,
        "POST",
        &format!("/channels/{channel}/messages"),
        body,
    )
    .await
}

#[tokio::test]
async fn who_and_where_is_checked_first() {
    let sandbox = start(options()).await;
    let guild = sandbox.guild();
    let hello = json!({"content": "hello"});
    let (status, body) = rest_as(&guild, "nonsense", "GET", ("/users/@me", Value::Null)).await;
    assert_eq!(
        (status, body),
        (401, json!({"message": "401: Unauthorized", "code": 0}))
    );
    for (method, path, expected, code) in [
        ("GET", "/nowhere", 404, 0),
        ("PUT", "/users/@me", 405, 0),
        ("GET", "/channels/123", 404, 10_003),
        ("GET", "/channels/x", 400, 50_035),
        ("GET", &format!("/channels/{SECRET}"), 403, 50_001),
        ("GET", "/guilds/1", 404, 10_004),
        ("GET", &format!("/guilds/{GUILD}/members/1"), 404, 10_007),
        (
            "GET",
            &format!("/channels/{GENERAL}/messages/1"),
            404,
            10_008,
        ),
        (
            "GET",
            &format!("/guilds/{GUILD}/members?limit=1001"),
            400,
            50_035,
        ),
        ("POST", "/interactions/1/x/callback", 404, 10_062),
        (
            "PATCH",
            &format!("/webhooks/{}/x/messages/@original", App::default().id),
            401,
            50_027,
        ),
    ] {
        let body = if method == "GET" {
            Value::Null
        } else {
            json!({"type": 5})
        };
        let (status, body) = rest(&guild, method, path, body).await;
        assert_eq!(
            (status, &body["code"]),
            (expected, &json!(code)),
            "{method} {path}"
        );
    }
    guild.kick_app();
    assert_eq!(post(&guild, GENERAL, hello).await.1["code"], 50_001);
    assert_eq!(
        rest(&guild, "GET", &format!("/guilds/{GUILD}"), Value::Null)
            .await
            .1["code"],
        10_004
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn members_come_in_pages() {
    let sandbox = start(options()).await;
    let guild = sandbox.guild();
    let page = |after: &str| format!("/guilds/{GUILD}/members?limit=2&after={after}");
    let (_, first) = rest(&guild, "GET", &page("0"), Value::Null).await;
    let ids = |page: &Value| -> Vec<String> {
        let members = page.as_array().unwrap().iter();
        members
            .map(|member| member["user"]["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids(&first), [MAYA, BO]);
    let (_, second) = rest(&guild, "GET", &page(BO), Value::Null).await;
    assert_eq!(ids(&second), [ROBOT, &App::default().id]);
    guild.leave(BO);
    assert_eq!(
        ids(&rest(&guild, "GET", &page(MAYA), Value::Null).await.1)[0],
        ROBOT
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn only_the_named_are_alerted_and_a_nonce_posts_once() {
    let sandbox = start(options()).await;
    let guild = sandbox.guild();
    let content = format!("<@{MAYA}> <@{BO}> @everyone");
    let quiet = json!({"content": content, "allowed_mentions": {"parse": []}, "nonce": "n", "enforce_nonce": true});
    let (_, first) = post(&guild, GENERAL, quiet.clone()).await;
    let (_, again) = post(&guild, GENERAL, quiet).await;
    assert_eq!(first["id"], again["id"]);
    assert!(guild.messages(GENERAL)[0].mentions.is_empty());
    post(
        &guild,
        GENERAL,
        json!({"content": content, "allowed_mentions": {"parse": [], "users": [BO]}}),
    )
    .await;
    post(&guild, GENERAL, json!({"content": content})).await;
    let messages = guild.messages(GENERAL);
    assert_eq!(messages.len(), 3);
    assert_eq!(
        (&messages[1].mentions, messages[1].mention_everyone),
        (&vec![BO.to_owned()], false)
    );
    assert!(
        messages[2].mention_everyone,
        "without a word on mentions all are made"
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn closed_messages_foreign_words_and_empty_ones_are_refused() {
    let sandbox = start(options()).await;
    let guild = sandbox.guild();
    let open = |user: &'static str| {
        rest(
            &guild,
            "POST",
            "/users/@me/channels",
            json!({"recipient_id": user}),
        )
    };
    let (_, direct) = open(MAYA).await;
    let channel = direct["id"].as_str().unwrap();
    assert_eq!(
        post(&guild, channel, json!({"content": "hello"})).await.0,
        200
    );
    guild.close_direct_messages(MAYA);
    assert_eq!(
        post(&guild, channel, json!({"content": "hello"})).await.1["code"],
        50_007
    );
    assert_eq!(open("123").await.1["code"], 50_033);
    assert_eq!(
        post(&guild, GENERAL, json!({"content": " "})).await.1["code"],
        50_006
    );
    let said = guild.say(MAYA, GENERAL, "mine").unwrap();
    let path = format!("/channels/{GENERAL}/messages/{}", said.id);
    assert_eq!(
        rest(&guild, "PATCH", &path, json!({"content": "yours"}))
            .await
            .1["code"],
        50_005
    );
    assert_eq!(
        rest(&guild, "DELETE", &path, Value::Null).await.1["code"],
        50_013
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn a_thread_is_archived_locked_and_opened() {
    let sandbox = start(options()).await;
    let guild = sandbox.guild();
    let (_, head) = post(&guild, APPROVALS, json!({"content": "card"})).await;
    let id = head["id"].as_str().unwrap();
    let start_thread = format!("/channels/{APPROVALS}/messages/{id}/threads");
    assert_eq!(
        post(&guild, id, json!({"content": "too early"})).await.1["code"],
        10_003
    );
    let (status, thread) = rest(&guild, "POST", &start_thread, json!({"name": "Talk"})).await;
    assert_eq!((status, &thread["id"]), (201, &head["id"]));
    assert_eq!(
        rest(&guild, "POST", &start_thread, json!({"name": "Talk"}))
            .await
            .1["code"],
        160_004
    );
    let (_, reply) = post(&guild, id, json!({"content": "reply"})).await;

    guild.archive_thread(id);
    let path = format!("/channels/{id}/messages/{}", reply["id"].as_str().unwrap());
    assert_eq!(
        rest(&guild, "PATCH", &path, json!({"content": "x"}))
            .await
            .1["code"],
        50_083
    );
    assert_eq!(
        post(&guild, id, json!({"content": "wakes it"})).await.0,
        200
    );
    assert_eq!(
        guild.channel(id).unwrap()["thread_metadata"]["archived"],
        false
    );
    guild.lock_thread(id);
    assert_eq!(
        post(&guild, id, json!({"content": "no"})).await.1["code"],
        50_083
    );
    let opened = json!({"archived": false, "locked": false});
    assert_eq!(
        rest(&guild, "PATCH", &format!("/channels/{id}"), opened)
            .await
            .0,
        200
    );
    assert_eq!(post(&guild, id, json!({"content": "yes"})).await.0, 200);
    assert_eq!(guild.thread(&guild.messages(APPROVALS)[0]).len(), 3);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_wrong_body_is_refused_with_the_place() {
    let sandbox = start(options()).await;
    let guild = sandbox.guild();
    let long =
        json!({"content": "x".repeat(2001), "embeds": [{"fields": [{"name": "a"}]}], "colour": 1});
    let (status, body) = post(&guild, GENERAL, long).await;
    assert_eq!(
        (status, &body["code"], &body["message"]),
        (400, &json!(50_035), &json!("Invalid Form Body"))
    );
    let errors = &body["errors"];
    assert_eq!(
        errors["content"]["_errors"][0]["code"],
        "BASE_TYPE_MAX_LENGTH"
    );
    assert_eq!(
        errors["embeds"]["0"]["fields"]["0"]["value"]["_errors"][0]["code"],
        "BASE_TYPE_REQUIRED"
    );
    assert!(
        guild.complaints()[0].ends_with("colour"),
        "{:?}",
        guild.complaints()
    );
    assert!(guild.messages(GENERAL).is_empty());
    let calls = guild.calls();
    let call = calls.last().unwrap();
    assert_eq!(
        (call.method.as_str(), call.ok, call.code),
        ("POST", false, Some(50_035))
    );
    assert_eq!(call.path, format!("/channels/{GENERAL}/messages"));
    sandbox.stop().await;
}

#[tokio::test]
async fn too_many_calls_are_refused_until_the_window_ends() {
    let bucket = Bucket {
        limit: 2,
        window: Duration::from_millis(200),
    };
    let sandbox = start(discord::Options {
        bucket,
        ..options()
    })
    .await;
    let guild = sandbox.guild();
    let hello = || post(&guild, GENERAL, json!({"content": "hello"}));
    assert_eq!((hello().await.0, hello().await.0), (200, 200));
    let url = format!("{}/api/v10/channels/{GENERAL}/messages", guild.api_url());
    let request = Client::new()
        .post(url)
        .header("authorization", format!("Bot {}", App::default().token));
    let refused = request
        .json(&json!({"content": "hello"}))
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), 429);
    let headers = refused.headers().clone();
    assert_eq!(
        (
            &headers["x-ratelimit-remaining"],
            &headers["x-ratelimit-scope"]
        ),
        (&"0".parse().unwrap(), &"user".parse().unwrap())
    );
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body["global"], false);
    assert_eq!(
        post(&guild, APPROVALS, json!({"content": "elsewhere"}))
            .await
            .0,
        200
    );
    let after = Duration::from_secs_f64(body["retry_after"].as_f64().unwrap());
    let reset = timeout(Duration::from_secs(5), async {
        tokio::time::sleep(after).await;
        hello().await.0
    });
    assert_eq!(reset.await.unwrap(), 200);
    sandbox.stop().await;
}

#[tokio::test]
async fn it_fails_in_the_ways_of_the_real_one() {
    let sandbox = start(options()).await;
    let guild = sandbox.guild();
    let hello = || post(&guild, GENERAL, json!({"content": "hello"}));
    guild.fail(
        POST,
        1,
        Fault::GloballyLimited {
            retry_after_secs: 1.5,
        },
    );
    assert_eq!(
        hello().await,
        (
            429,
            json!({"message": "You are being rate limited.", "retry_after": 1.5, "global": true})
        )
    );
    guild.fail("*", 1, Fault::Unavailable);
    assert_eq!(hello().await.0, 503);
    guild.fail(POST, 1, Fault::ServerError);
    assert_eq!(hello().await, (500, Value::Null));
    guild.fail(POST, 1, Fault::Hang);
    assert!(timeout(Duration::from_millis(100), hello()).await.is_err());
    assert!(guild.messages(GENERAL).is_empty());
    guild.fail(POST, 1, Fault::LostAnswer);
    assert!(timeout(Duration::from_millis(100), hello()).await.is_err());
    assert_eq!(guild.messages(GENERAL).len(), 1, "it was done");
    guild.fail(POST, 1, Fault::Dropped);
    let url = format!("{}/api/v10/channels/{GENERAL}/messages", guild.api_url());
    let token = format!("Bot {}", App::default().token);
    let request = Client::new().post(url).header("authorization", token);
    let broken = async {
        request
            .json(&json!({"content": "hello"}))
            .send()
            .await?
            .bytes()
            .await
    };
    assert!(broken.await.is_err(), "there is no whole answer");
    guild.fail(POST, 9, Fault::ServerError);
    guild.heal();
    assert_eq!(hello().await.0, 200);
    sandbox.stop().await;
}
