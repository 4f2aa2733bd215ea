//! A TCP connection that can be cut in the middle of a call.
#![expect(
    clippy::expect_used,
    reason = "a harness that can't go on fails its test"
)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Passes bytes on to a server. From the moment it is muted, calls with a certain text in them get no answer.
#[derive(Debug)]
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    muted: Arc<AtomicBool>,
    listening: JoinHandle<()>,
}

impl Proxy {
    /// Listens, and connects to `server` for each that connects. `text` is what a call must have in it to go
    /// unanswered while the proxy is muted.
    pub async fn start(server: String, text: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let muted = Arc::new(AtomicBool::new(false));
        let shared = Arc::clone(&muted);
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server)
                    .await
                    .expect("the server is there");
                connect(client, server, text, &shared);
            }
        });
        Self {
            address,
            muted,
            listening,
        }
    }

    /// From now on, calls with the text get no answer. They reach the server all the same.
    pub fn mute(&self) {
        self.muted.store(true, Ordering::SeqCst);
    }

    /// From now on, new calls get their answers.
    pub fn unmute(&self) {
        self.muted.store(false, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

fn connect(client: TcpStream, server: TcpStream, text: &'static str, muted: &Arc<AtomicBool>) {
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let lost = Arc::new(AtomicBool::new(false));
    let (muted, losing) = (Arc::clone(muted), Arc::clone(&lost));
    tokio::spawn(pass(from_client, to_server, move |bytes| {
        let asked = bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes());
        if asked && muted.load(Ordering::SeqCst) {
            losing.store(true, Ordering::SeqCst);
        }
        true
    }));
    tokio::spawn(pass(from_server, to_client, move |_| {
        !lost.load(Ordering::SeqCst)
    }));
}

/// Passes on what `may_pass` says, until either side closes.
async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    may_pass: impl Fn(&[u8]) -> bool + Send,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let bytes = &buffer[..length];
        if may_pass(bytes) && to.write_all(bytes).await.is_err() {
            return;
        }
    }
}
