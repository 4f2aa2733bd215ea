//! The Web API refuses what Slack refuses, in Slack's words.

use breakglass_sandbox::{App, Options, Sandbox};
use serde_json::{Value, json};

use crate::app::{call, call_with};
use crate::options;

/// Calls each method with its arguments and compares the error code (empty: it is carried out).
pub(crate) async fn check(sandbox: &Sandbox, table: &[(&str, Value, &str)]) {
    for (method, args, error) in table {
        let answer = call(sandbox, method, args.clone()).await;
        let said = answer["error"].as_str().unwrap_or_default();
        assert_eq!(said, *error, "{method} {args} answered {answer}");
        assert_eq!(answer["ok"], error.is_empty(), "{method}");
    }
}

#[tokio::test]
async fn tokens_and_scopes_are_checked() {
    let scopes = vec!["chat:write".into(), "channels:read".into()];
    let options = Options {
        app: App {
            scopes,
            ..App::default()
        },
        ..options()
    };
    let sandbox = Sandbox::start(options).await.unwrap();
    let ask = |token, method| call_with(&sandbox, token, method, json!({}));
    assert_eq!(
        ask("xoxb-wrong", "auth.test").await["error"],
        "invalid_auth"
    );
    assert_eq!(
        ask("xoxb-sandbox", "apps.connections.open").await["error"],
        "not_allowed_token_type"
    );
    assert_eq!(
        ask("xapp-sandbox", "auth.test").await["error"],
        "not_allowed_token_type"
    );
    let bare = reqwest::Client::new().post(format!("{}/auth.test", sandbox.api_url()));
    let bare: Value = bare.send().await.unwrap().json().await.unwrap();
    assert_eq!(bare["error"], "not_authed");
    let url = format!("{}/auth.test", sandbox.api_url());
    let told = reqwest::Client::new().post(url).bearer_auth("xoxb-sandbox");
    let told = told.send().await.unwrap();
    assert_eq!(told.headers()["x-oauth-scopes"], "chat:write,channels:read");
    let missing = ask("xoxb-sandbox", "usergroups.list").await;
    assert_eq!(missing["error"], "missing_scope");
    assert_eq!(missing["needed"], "usergroups:read");
    assert_eq!(missing["provided"], "chat:write,channels:read");
    let table = [
        (
            "conversations.info",
            json!({"channel": "C0SECU"}),
            "missing_scope",
        ),
        ("conversations.info", json!({"channel": "C0APPR"}), ""),
        (
            "conversations.list",
            json!({"types": "public_channel,private_channel"}),
            "missing_scope",
        ),
        (
            "conversations.open",
            json!({"users": "U01MAYA"}),
            "missing_scope",
        ),
        ("no.such.method", json!({}), "unknown_method"),
    ];
    check(&sandbox, &table).await;
    sandbox.stop().await;
}

#[tokio::test]
async fn lists_come_in_pages() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let first = call(&sandbox, "users.list", json!({"limit": 3})).await;
    assert_eq!(first["members"].as_array().unwrap().len(), 3);
    let cursor = &first["response_metadata"]["next_cursor"];
    let second = call(
        &sandbox,
        "users.list",
        json!({"limit": 3, "cursor": cursor}),
    )
    .await;
    let ids: Vec<&str> = second["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["U07GONE", "U0BREAKGLASS"]);
    assert_eq!(second["response_metadata"]["next_cursor"], "");
    let guest = call(&sandbox, "users.info", json!({"user": "U06NOOR"})).await;
    assert_eq!(guest["user"]["is_restricted"], true);
    let table = [
        ("users.list", json!({"cursor": "bogus"}), "invalid_cursor"),
        ("users.info", json!({"user": "U0NOBODY"}), "user_not_found"),
        (
            "usergroups.users.list",
            json!({"usergroup": "S0"}),
            "no_such_subteam",
        ),
        (
            "conversations.members",
            json!({"channel": "C0SECRET"}),
            "channel_not_found",
        ),
    ];
    check(&sandbox, &table).await;
    sandbox.stop().await;
}

#[tokio::test]
async fn bodies_may_be_json_forms_or_queries() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let url = format!("{}/chat.postMessage", sandbox.api_url());
    let client = reqwest::Client::new();
    let form = [
        ("channel", "C0APPR"),
        ("blocks", r#"[{"type":"divider"}]"#),
        ("token", "xoxb-sandbox"),
    ];
    let answer: Value = client
        .post(&url)
        .form(&form)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(answer["ok"], true, "{answer}");
    assert_eq!(sandbox.calls()[0].body["blocks"][0]["type"], "divider");
    assert!(
        sandbox.calls()[0].body.get("token").is_none(),
        "tokens are not kept"
    );
    let sent = |kind: &'static str, body: &'static str| {
        let request = client
            .post(&url)
            .bearer_auth("xoxb-sandbox")
            .header("content-type", kind);
        async move {
            request
                .body(body)
                .send()
                .await
                .unwrap()
                .json::<Value>()
                .await
                .unwrap()
        }
    };
    assert_eq!(sent("application/json", "{").await["error"], "invalid_json");
    assert_eq!(
        sent("application/json", "[]").await["error"],
        "json_not_object"
    );
    assert_eq!(sent("text/plain", "x").await["error"], "invalid_post_type");
    sandbox.stop().await;
}
