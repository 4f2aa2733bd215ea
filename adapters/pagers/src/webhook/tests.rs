//! What is signed, what is refused, and what a receiver's answer means.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use breakglass_core::port::pager::{Page, PageKind, Pager as _};
use breakglass_core::time::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{Config, Secret, SecretError, UrlError, WebhookPager};

const SECRET: &str = "whsec_YnJlYWtnbGFzcyB0ZXN0IHZlY3RvciBubyBzZWNyZXQ=";

/// The vectors of docs/pagers.md: id, seconds, body, signature.
const VECTORS: [(&str, i64, &str, &str); 3] = [
    (
        "1042.3",
        1_772_417_640,
        r#"{"version":1,"id":"1042.3"}"#,
        "v1,+ZxLPdxq5QcWNa3YJxErCE6c5UWD3+H8Z/4SQPN8A/M=",
    ),
    (
        "alarm.5be1c02d",
        0,
        "",
        "v1,B+oz2HPh9ymV75zeTloAUyEPvagylai7MvQAeqP5dIg=",
    ),
    (
        "test.00000000",
        1_772_417_641,
        r#"{"text":"Inês: admin on orders-db"}"#,
        "v1,Aw/jAqsBZiQCQulxqgtjVOuiOKRIRc4qtxVb7IXVJFA=",
    ),
];

fn secret() -> Secret {
    Secret::new(SECRET).unwrap()
}

#[test]
fn the_published_vectors_hold() {
    let docs = include_str!("../../../../docs/pagers.md");
    assert!(docs.contains(SECRET));
    for (id, sent_at, body, signature) in VECTORS {
        assert_eq!(secret().sign(id, sent_at, body.as_bytes()), signature);
        assert!(docs.contains(signature), "{signature} isn't in the docs");
        assert!(docs.contains(body), "{body} isn't in the docs");
    }
}

/// Somebody else's HMAC, fed as a receiver would be.
#[test]
fn python_comes_to_the_same_signatures() {
    const SCRIPT: &str = "
import base64, hashlib, hmac, sys
key = base64.b64decode(sys.argv[1].removeprefix('whsec_'))
signed = f'{sys.argv[2]}.{sys.argv[3]}.'.encode() + sys.stdin.buffer.read()
print('v1,' + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode())
";
    for (id, sent_at, body, signature) in VECTORS {
        let mut python = Command::new("python3")
            .args(["-c", SCRIPT, SECRET, id, &sent_at.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        python
            .stdin
            .take()
            .unwrap()
            .write_all(body.as_bytes())
            .unwrap();
        let output = python.wait_with_output().unwrap();
        assert!(output.status.success());
        assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), signature);
    }
}

#[test]
fn a_secret_is_long_enough_and_never_shown() {
    for short in ["", "hunter2", "whsec_", "whsec_aHVudGVyMg==", "whsec_%%%"] {
        assert_eq!(Secret::new(short).unwrap_err(), SecretError, "{short}");
    }
    let shown = format!("{:?}", secret());
    assert!(!shown.contains("breakglass test"), "{shown}");
    assert!(!shown.contains("98, 114"), "{shown}");
}

#[test]
fn only_what_nobody_reads_on_the_way_is_called() {
    let check = |url: &str| Config::new(url, secret()).map(|config| config.host());
    for (url, expected) in [
        (
            "https://hooks.example.com/a?key=1",
            Ok("https://hooks.example.com"),
        ),
        ("http://127.0.0.1:8080/page", Ok("http://127.0.0.1:8080")),
        ("http://[::1]:8080/page", Ok("http://[::1]:8080")),
        ("http://localhost/page", Ok("http://localhost")),
        ("http://hooks.example.com/a", Err(UrlError::Plain)),
        ("http://127.0.0.1.example.com/a", Err(UrlError::Plain)),
        ("http://10.0.0.1/a", Err(UrlError::Plain)),
        ("ftp://127.0.0.1/a", Err(UrlError::Plain)),
        (
            "https://me:pw@hooks.example.com/a",
            Err(UrlError::Credentials),
        ),
        ("hooks.example.com/a", Err(UrlError::NoUrl)),
        ("", Err(UrlError::NoUrl)),
    ] {
        assert_eq!(check(url), expected.map(str::to_owned), "{url}");
    }
}

/// Answers one call with `answer`, and gives what it was sent.
async fn receive(answer: &'static str) -> (Result<(), String>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let keep = heard.clone();
    let serve = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = Vec::new();
            while !bytes.ends_with(b"}") {
                let mut part = [0; 4096];
                match stream.read(&mut part).await.unwrap() {
                    0 => break,
                    read => bytes.extend_from_slice(&part[..read]),
                }
            }
            keep.lock().unwrap().push(String::from_utf8(bytes).unwrap());
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let config = Config::new(&url, secret()).unwrap();
    let pager = WebhookPager::new(
        config,
        Box::new(|| Timestamp::from_millis(1_772_417_640_999)),
    );
    let id = "dba-phone".parse().unwrap();
    let page = Page::new("7.1", &id, Timestamp::from_millis(0), PageKind::Approval);
    let sent = pager.page(&page).await.map_err(|error| error.to_string());
    serve.abort();
    let heard = heard.lock().unwrap();
    assert_eq!(heard.len(), 1, "{heard:?}");
    (sent, heard[0].clone())
}

#[tokio::test]
async fn a_page_is_taken_over_by_a_good_answer_and_nothing_else() {
    for (answer, expected) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", ""),
        (
            "HTTP/1.1 202 Accepted\r\ncontent-length: 8\r\n\r\napproved",
            "",
        ),
        (
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n",
            "wants us to go elsewhere, which we don't: HTTP 307",
        ),
        (
            "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n",
            "doesn't take it: HTTP 500",
        ),
    ] {
        let (sent, call) = receive(answer).await;
        let said = sent.err().unwrap_or_default();
        assert!(said.ends_with(expected), "{answer}: {said}");
        assert_eq!(said.is_empty(), expected.is_empty(), "{answer}: {said}");
        let (head, body) = call.split_once("\r\n\r\n").unwrap();
        let signature = secret().sign("7.1", 1_772_417_640, body.as_bytes());
        for line in [
            "POST /hook HTTP/1.1",
            "webhook-id: 7.1",
            "webhook-timestamp: 1772417640",
            &format!("webhook-signature: {signature}"),
        ] {
            assert!(head.lines().any(|one| one == line), "{line}: {head}");
        }
    }
}

#[tokio::test]
async fn nobody_there_is_said_plainly() {
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", gone.local_addr().unwrap());
    drop(gone);
    let config = Config::new(&url, secret()).unwrap();
    let pager = WebhookPager::new(config, Box::new(Timestamp::default));
    let finding = pager.examine().await.remove(0);
    assert!(finding.what.contains("refused"), "{finding:?}");
}
