//! People are woken up: by a signed webhook and by a program, and a pager that is dead keeps nobody waiting.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;

use super::ALONE;
use crate::company::LOOK_EVERY;
use crate::company::hands::{Line, PATIENCE, Place, Who};
use crate::scene::Scene;

const SECRET: &str = "whsec_YnJlYWtnbGFzcyB0ZXN0IHZlY3RvciBubyBzZWNyZXQ=";

/// What a receiver was sent.
type Heard = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// Somebody who takes webhooks, on a real socket.
async fn receiver() -> (String, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/page", listener.local_addr().unwrap());
    let heard = Heard::default();
    let keep = heard.clone();
    let take = move |headers: HeaderMap, body: Bytes| async move {
        keep.lock().unwrap().push((headers, body));
        // Whatever is answered, only that it was taken counts.
        "approved"
    };
    let app = Router::new().route("/page", post(take));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, heard)
}

/// Nobody listens there any more.
async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}/page", listener.local_addr().unwrap())
}

/// Asks what the docs give receivers to check with.
fn is_ours(headers: &HeaderMap, body: &[u8], secret: &str) -> bool {
    let docs = include_str!("../../../../docs/pagers.md");
    let (_, script) = docs.split_once("```python\n").unwrap();
    let (script, _) = script.split_once("```").unwrap();
    let headers: BTreeMap<_, _> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect();
    let headers = serde_json::to_string(&headers).unwrap();
    let asked = format!(
        "{script}\nimport json, sys\nprint(is_ours(sys.argv[1], json.loads(sys.argv[2]), sys.stdin.buffer.read()))"
    );
    let mut python = Command::new("python3")
        .args(["-c", &asked, secret, &headers])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(body).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim() == "True"
}

/// A webhook, one whose receiver is dead, and a program that writes down what it is told.
async fn wakes_people(scene: &mut Scene) -> Heard {
    scene.stop().await;
    let (url, heard) = receiver().await;
    let program = scene.folder().join("page.sh");
    std::fs::write(&program, "#!/bin/sh\ncat > part-$$\nmv part-$$ paged-$$\n").unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let file = scene.folder().join("breakglass.toml");
    let mut text = std::fs::read_to_string(&file).unwrap();
    for (id, url) in [("dba-phone", url), ("dead-phone", nobody().await)] {
        let keys = format!("kind = \"webhook\"\nurl = \"{url}\"\nsecret = \"{SECRET}\"");
        text = format!("{text}\n[[pager]]\nid = \"{id}\"\n{keys}\n");
    }
    text.push_str("\n[[pager]]\nid = \"security-phone\"\nkind = \"command\"\nprogram = [\"./page.sh\"]\nalarms = true\n");
    std::fs::write(&file, text).unwrap();
    scene.rewrite(
        "policy.toml",
        "id = \"dba\"\n",
        "id = \"dba\"\npage = [\"dead-phone\", \"dba-phone\"]\n",
    );
    scene.rewrite(
        "policy.toml",
        "id = \"one-of-dba\"\n",
        "id = \"one-of-dba\"\nescalate = [{ after = \"4m\", to = [\"group:security\"], page = \"security-phone\" }]\n",
    );
    scene.start().await;
    heard
}

/// Maya asks for the edge, and asks approvers for it.
async fn maya_asks(scene: &Scene) {
    let asked = scene.asked();
    asked.types(Who::Maya, &ALONE).await;
    let own = Place::Own(Who::Maya);
    asked
        .presses(Who::Maya, own, "Break the glass?", "Ask dba")
        .await;
}

/// What the program was told about this, once it was.
async fn written_down(scene: &Scene, kind: &str) -> Value {
    let look = async {
        loop {
            for file in std::fs::read_dir(scene.folder()).unwrap() {
                let path = file.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                let is_page = name.starts_with("paged-");
                if !is_page {
                    continue;
                }
                let page: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
                if page["kind"] == kind {
                    return page;
                }
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::time::timeout(PATIENCE, look).await.unwrap()
}

pub(super) async fn who_is_asked_is_woken_up_and_a_dead_pager_delays_nothing(scene: &mut Scene) {
    let heard = wakes_people(scene).await;
    maya_asks(scene).await;
    for chat in scene.chats() {
        chat.finds(Place::Approvers, "dba-phone paged").await;
        chat.finds(Place::Approvers, "page failed: dead-phone")
            .await;
        chat.finds(Place::SecurityThreads, "dead-phone couldn't be paged")
            .await;
    }
    let calls = heard.lock().unwrap().clone();
    assert_eq!(calls.len(), 1, "{calls:?}");
    let (headers, body) = &calls[0];
    assert!(is_ours(headers, body, SECRET));
    let other = "whsec_YW5vdGhlciBzZWNyZXQgb2YgdGhpcnR5LXR3byBieXRlcyE=";
    assert!(!is_ours(headers, body, other));
    assert!(!is_ours(headers, &[body, &b" "[..]].concat(), SECRET));
    let page: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(
        (&page["kind"], &page["request"]),
        (&"approval".into(), &"BG-1".into())
    );
    assert_eq!(page["id"], headers["webhook-id"].to_str().unwrap());
    let text = page["text"].as_str().unwrap();
    assert!(text.contains("Maya Lind: debug on edge"), "{text}");
    let typed = "pods crash";
    assert!(!String::from_utf8_lossy(body).contains(typed), "{text}");

    scene.clock.forward(Duration::from_mins(4));
    let page = written_down(scene, "escalation").await;
    assert_eq!(page["pager"], "security-phone");
    assert_eq!(page["request"], "BG-1");
    let decided = scene.decided();
    decided
        .presses(Who::Bo, Place::Approvers, "Waiting", "Approve")
        .await;
    for chat in scene.chats() {
        chat.finds(Place::Approvers, "Active").await;
    }
    assert_eq!(scene.recorded("approval_given").await, 1, "by Bo, in chat");
    // There is nobody to be called for it any more.
    scene.everything_is_told().await;
    assert_eq!(heard.lock().unwrap().len(), 1);
    assert_eq!(scene.recorded("page_failed").await, 1);
    let looked = scene.operator_runs("doctor --page dead-phone").await;
    assert_eq!(looked.status.code(), Some(1), "{looked:?}");
    let looked = scene.operator_runs("doctor --page dba-phone").await;
    assert!(looked.status.success(), "{looked:?}");
    assert_eq!(heard.lock().unwrap().len(), 2);
}

pub(super) async fn security_is_woken_up_for_what_stays(scene: &mut Scene) {
    wakes_people(scene).await;
    maya_asks(scene).await;
    let (asked, decided) = (scene.asked(), scene.decided());
    decided
        .presses(Who::Bo, Place::Approvers, "Waiting", "Approve")
        .await;
    asked.finds(Place::Direct(Who::Maya), "Active").await;
    let (doors, away) = (scene.folder().join("doors"), scene.folder().join("away"));
    std::fs::rename(&doors, &away).unwrap();
    asked.types(Who::Maya, &Line::End).await;
    let page = written_down(scene, "alarm").await;
    let text = page["text"].as_str().unwrap();
    assert!(
        text.starts_with("BG-1 Access NOT removed: Maya Lind"),
        "{text}"
    );
    for chat in scene.chats() {
        chat.finds(Place::Security, "security-phone paged").await;
    }
    std::fs::rename(&away, &doors).unwrap();
    for chat in scene.chats() {
        chat.finds(Place::Approvers, "read back: debug is gone")
            .await;
    }
}
