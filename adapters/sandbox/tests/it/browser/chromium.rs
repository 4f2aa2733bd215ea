//! One page of a headless Chromium, driven by its debugging protocol.
//!
//! <https://chromedevtools.github.io/devtools-protocol>

use std::process::Stdio;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const PATIENCE: Duration = Duration::from_secs(30);
const QUIET: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
];

/// One page of a headless Chromium, which ends with it.
pub(crate) struct Chromium {
    _process: Child,
    _home: TempDir,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    session: Value,
    sent: u64,
    faults: Vec<String>,
}

impl Chromium {
    /// Starts a browser with an empty page of this size.
    pub(crate) async fn open(width: u32, height: u32) -> Self {
        let home = TempDir::new().unwrap();
        let mut process = Command::new("chromium")
            .args(QUIET)
            .arg(format!("--user-data-dir={}", home.path().display()))
            .arg(format!("--window-size={width},{height}"))
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("chromium; tests/run installs it");
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let url = async {
            loop {
                let line = lines.next_line().await.unwrap().expect("chromium stays");
                if let Some(url) = line.strip_prefix("DevTools listening on ") {
                    return url.to_owned();
                }
            }
        };
        let url = timeout(PATIENCE, url).await.expect("chromium starts");
        // What it says later is of no interest, but it must be able to say it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let (socket, _) = connect_async(url).await.unwrap();
        let mut page = Self {
            _process: process,
            _home: home,
            socket,
            session: Value::Null,
            sent: 0,
            faults: Vec::new(),
        };
        let target = page
            .send("Target.createTarget", json!({"url": "about:blank"}))
            .await;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        page.session = page.send("Target.attachToTarget", attach).await["sessionId"].clone();
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        page.send("Emulation.setDeviceMetricsOverride", size).await;
        page.send("Runtime.enable", json!({})).await;
        page.send("Log.enable", json!({})).await;
        page
    }

    pub(crate) async fn goto(&mut self, url: &str) {
        self.send("Page.navigate", json!({"url": url})).await;
    }

    /// The value of a JavaScript expression, awaited if it is a promise.
    pub(crate) async fn eval(&mut self, expression: &str) -> Value {
        let args = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let answer = self.send("Runtime.evaluate", args).await;
        assert!(
            answer.get("exceptionDetails").is_none(),
            "{expression}: {answer}"
        );
        answer["result"]["value"].clone()
    }

    /// Waits until `condition` holds in the page.
    pub(crate) async fn until(&mut self, condition: &str) {
        let expression = format!(
            "(async () => {{ for (let left = 2500; left; left -= 1) {{
                try {{ if ({condition}) return true; }} catch {{}}
                await new Promise((next) => setTimeout(next, 10));
            }} return document.body.innerText; }})()"
        );
        let met = self.eval(&expression).await;
        assert_eq!(met, json!(true), "never: {condition}; {:?}", self.faults);
    }

    /// Types text where the focus is.
    pub(crate) async fn write(&mut self, text: &str) {
        self.send("Input.insertText", json!({"text": text})).await;
    }

    /// Presses one of the keys that the page knows by name.
    pub(crate) async fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Enter" => (13, "\r"),
            "Tab" => (9, ""),
            "Escape" => (27, ""),
            other => panic!("no key called {other}"),
        };
        let kind = if text.is_empty() {
            "rawKeyDown"
        } else {
            "keyDown"
        };
        let mut event = json!({"type": kind, "key": key, "code": key, "text": text,
            "windowsVirtualKeyCode": code});
        self.send("Input.dispatchKeyEvent", event.clone()).await;
        event["type"] = "keyUp".into();
        self.send("Input.dispatchKeyEvent", event).await;
    }

    /// What the browser complained about so far.
    pub(crate) async fn faults(&mut self) -> Vec<String> {
        self.eval("0").await;
        self.faults.clone()
    }

    /// Sends a command and waits for its answer, noting complaints on the way.
    async fn send(&mut self, method: &str, params: Value) -> Value {
        self.sent += 1;
        let mut command = json!({"id": self.sent, "method": method, "params": params});
        if !self.session.is_null() {
            command["sessionId"] = self.session.clone();
        }
        self.socket
            .send(Message::text(command.to_string()))
            .await
            .unwrap();
        let answer = async {
            loop {
                let Message::Text(text) = self.socket.next().await.unwrap().unwrap() else {
                    continue;
                };
                let message: Value = serde_json::from_str(&text).unwrap();
                if message["id"] == self.sent {
                    assert!(message.get("error").is_none(), "{method}: {message}");
                    return message["result"].clone();
                }
                let is_error = message["params"]["entry"]["level"] == "error";
                if is_error || message["method"] == "Runtime.exceptionThrown" {
                    self.faults.push(message["params"].to_string());
                }
            }
        };
        timeout(PATIENCE, answer)
            .await
            .unwrap_or_else(|_| panic!("no answer to {method}"))
    }
}
