//! The page from outside a browser: who may use it, and that all its files are there.

use breakglass_sandbox::{Options, Sandbox, SandboxError};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::options;

async fn status(request: RequestBuilder) -> StatusCode {
    request.send().await.unwrap().status()
}

#[tokio::test]
async fn it_is_served_to_this_machine_only() {
    let listen = "0.0.0.0:0".parse().unwrap();
    let refused = Sandbox::start(Options {
        listen,
        ..options()
    })
    .await;
    assert!(matches!(refused, Err(SandboxError::NotLoopback(_))));
}

#[tokio::test]
async fn other_hosts_and_other_sites_are_turned_away() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let (url, client) = (sandbox.page_url(), Client::new());
    let origin = url.trim_end_matches('/');
    assert_eq!(status(client.get(&url)).await, StatusCode::OK);
    let rebound = client.get(&url).header("host", "evil.example:80");
    assert_eq!(status(rebound).await, StatusCode::MISDIRECTED_REQUEST);
    let state = client
        .get(format!("{url}page/state?as=U01MAYA"))
        .header("host", "evil.example");
    assert_eq!(status(state).await, StatusCode::MISDIRECTED_REQUEST);

    let say = json!({"as": "U01MAYA", "channel": "C0APPR", "text": "x"});
    let post = || client.post(format!("{url}page/say"));
    assert_eq!(
        status(post().json(&say)).await,
        StatusCode::FORBIDDEN,
        "no origin"
    );
    let foreign = post().header("origin", "http://evil.example").json(&say);
    assert_eq!(status(foreign).await, StatusCode::FORBIDDEN);
    let simple = post()
        .header("origin", origin)
        .header("content-type", "text/plain");
    assert_eq!(
        status(simple.body(say.to_string())).await,
        StatusCode::FORBIDDEN
    );
    let framed = post()
        .header("origin", origin)
        .header("sec-fetch-site", "cross-site");
    assert_eq!(status(framed.json(&say)).await, StatusCode::FORBIDDEN);
    assert_eq!(sandbox.messages("C0APPR").len(), 0);
    assert_eq!(
        status(post().header("origin", origin).json(&say)).await,
        StatusCode::OK
    );
    assert_eq!(sandbox.messages("C0APPR").len(), 1);
    sandbox.stop().await;
}

#[tokio::test]
async fn all_files_are_there_and_nothing_comes_from_elsewhere() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    let url = sandbox.page_url();
    let index = reqwest::get(&url).await.unwrap();
    let policy = index.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"));
    let mut wanted: Vec<String> = quoted(&index.text().await.unwrap(), "/page/files/");
    let guild = reqwest::get(format!("{url}discord")).await.unwrap();
    wanted.extend(quoted(&guild.text().await.unwrap(), "/page/files/"));
    let mut at = 0;
    while let Some(name) = wanted.get(at).cloned() {
        let file = reqwest::get(format!("{url}page/files/{name}"))
            .await
            .unwrap();
        assert_eq!(file.status(), StatusCode::OK, "{name}");
        let text = file.text().await.unwrap();
        for risky in ["innerHTML", "eval(", "src=\"http", "url("] {
            assert!(
                !text.contains(risky) || name == "icon.svg",
                "{risky} in {name}"
            );
        }
        for import in quoted(&text, "./") {
            if !wanted.contains(&import) {
                wanted.push(import);
            }
        }
        at += 1;
    }
    assert!(wanted.len() > 20, "{wanted:?}");
    assert_eq!(
        status(Client::new().get(format!("{url}page/files/nope.js"))).await,
        404
    );
    sandbox.stop().await;
}

/// What follows `start` after a quotation mark, up to the next one.
fn quoted(text: &str, start: &str) -> Vec<String> {
    let opening = format!("\"{start}");
    let pieces = text.split(opening.as_str()).skip(1);
    pieces
        .map(|piece| piece.split('"').next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn each_person_sees_their_own() {
    let sandbox = Sandbox::start(options()).await.unwrap();
    sandbox
        .say("U02BO", "C0APPR", "hello <@U01MAYA>", None)
        .unwrap();
    sandbox.say("U02BO", "C0SECU", "between us", None).unwrap();
    let state = |user: &'static str| {
        let url = format!("{}page/state?as={user}", sandbox.page_url());
        async {
            reqwest::get(url)
                .await
                .unwrap()
                .json::<Value>()
                .await
                .unwrap()
        }
    };
    let maya = state("U01MAYA").await;
    let rooms = maya["rooms"].as_array().unwrap();
    assert_eq!(rooms.len(), 2);
    let approvals = &rooms[1];
    assert_eq!(
        (&approvals["unread"], &approvals["mentions"]),
        (&json!(1), &json!(1))
    );
    let bo = state("U02BO").await;
    assert_eq!(bo["rooms"].as_array().unwrap().len(), 4);
    assert_eq!(
        bo["rooms"][1]["unread"], 0,
        "nobody's own words are new to them"
    );
    assert_eq!(state("U0NOBODY").await["rooms"], json!([]));
    sandbox.stop().await;
}
