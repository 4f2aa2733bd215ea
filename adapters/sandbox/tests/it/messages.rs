//! Messages go where the app may post, say something valid, and are changed only by their author.

use breakglass_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::app::call;
use crate::options;
use crate::web_api::check;

const BLOCKS_51: usize = 51;

#[tokio::test]
async fn messages_go_only_where_the_app_may_post() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let post = |channel: &str| ("chat.postMessage", json!({"channel": channel, "text": "x"}));
    let cases = [
        ("C0APPR", ""),
        ("C0SECU", ""),
        ("U01MAYA", ""),
        ("C0GENERAL", "not_in_channel"),
        ("C0SECRET", "channel_not_found"),
        ("C0NOWHERE", "channel_not_found"),
        ("U07GONE", "channel_not_found"),
    ];
    let table = cases.map(|(channel, error)| (post(channel).0, post(channel).1, error));
    check(&sandbox, &table).await;
    let ephemeral = |user: &str| json!({"channel": "C0SECU", "user": user, "text": "x"});
    let table = [
        ("chat.postEphemeral", ephemeral("U02BO"), ""),
        (
            "chat.postEphemeral",
            ephemeral("U01MAYA"),
            "user_not_in_channel",
        ),
    ];
    check(&sandbox, &table).await;
    assert_eq!(
        sandbox.messages("U01MAYA").len(),
        1,
        "a direct message was opened"
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn messages_must_say_something_valid() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let post = |args: Value| {
        let mut args = args;
        args["channel"] = "C0APPR".into();
        args
    };
    let method = "chat.postMessage";
    let table = [
        (method, post(json!({})), "no_text"),
        (method, post(json!({"blocks": []})), "no_text"),
        (
            method,
            post(json!({"text": "x".repeat(40_001)})),
            "msg_too_long",
        ),
        (
            method,
            post(json!({"text": "x", "blocks": "[{"})),
            "invalid_blocks_format",
        ),
        (
            method,
            post(json!({"text": "x", "blocks": [{"type": "nope"}]})),
            "invalid_blocks",
        ),
        (
            method,
            post(json!({"blocks": vec![json!({"type": "divider"}); BLOCKS_51]})),
            "invalid_blocks",
        ),
        (
            method,
            post(json!({"text": "x", "unfurl_links": "maybe"})),
            "invalid_arguments",
        ),
        (
            method,
            post(json!({"text": "x", "thread_ts": "yesterday"})),
            "invalid_thread_ts",
        ),
        (
            method,
            post(json!({"text": "x", "thread_ts": "1.000001"})),
            "thread_not_found",
        ),
        (
            method,
            post(json!({"text": "x", "metadata": {"event_type": 1}})),
            "invalid_metadata_format",
        ),
        (
            method,
            post(json!({"text": "x", "blocks": "[{\"type\":\"divider\"}]"})),
            "",
        ),
    ];
    check(&sandbox, &table).await;
    let refused = call(
        &sandbox,
        method,
        post(json!({"blocks": [{"type": "header"}]})),
    )
    .await;
    let message = "[ERROR] missing required field: text [json-pointer:/blocks/0]";
    assert_eq!(refused["response_metadata"]["messages"], json!([message]));
    sandbox.stop().await;
}

#[tokio::test]
async fn only_own_messages_are_changed() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let blocks = json!([{"type": "divider"}]);
    let first = json!({"channel": "C0APPR", "text": "one", "blocks": blocks});
    let posted = call(&sandbox, "chat.postMessage", first).await;
    let theirs = sandbox.say("U02BO", "C0APPR", "mine", None).unwrap();
    let hidden = json!({"channel": "C0APPR", "user": "U02BO", "text": "x"});
    let hidden = call(&sandbox, "chat.postEphemeral", hidden).await;
    let args = |channel: &str, ts: &Value| json!({"channel": channel, "ts": ts, "text": "two"});
    let ts = &posted["ts"];
    let table = [
        ("chat.update", args("C0APPR", ts), ""),
        ("chat.update", args("C0SECU", ts), "message_not_found"),
        ("chat.update", args("U01MAYA", ts), "channel_not_found"),
        (
            "chat.update",
            args("C0APPR", &json!(theirs.ts)),
            "cant_update_message",
        ),
        (
            "chat.update",
            args("C0APPR", &hidden["message_ts"]),
            "message_not_found",
        ),
        (
            "chat.delete",
            args("C0APPR", &json!(theirs.ts)),
            "cant_delete_message",
        ),
        (
            "chat.getPermalink",
            json!({"channel": "C0APPR", "message_ts": ts}),
            "",
        ),
        (
            "chat.getPermalink",
            json!({"channel": "C0APPR", "message_ts": "1.1"}),
            "message_not_found",
        ),
    ];
    check(&sandbox, &table).await;
    let card = &sandbox.messages("C0APPR")[0];
    assert_eq!(
        (card.text.as_str(), card.blocks.len()),
        ("two", 1),
        "blocks not sent stay"
    );
    let gone = json!({"channel": "C0APPR", "ts": ts, "text": "three", "blocks": []});
    let table = [
        ("chat.update", gone, ""),
        ("chat.delete", args("C0APPR", ts), ""),
    ];
    check(&sandbox, &table).await;
    assert_eq!(sandbox.messages("C0APPR")[0].ts, theirs.ts);
    sandbox.stop().await;
}
