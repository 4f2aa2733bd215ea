//! A way to PostgreSQL that counts the statements on it, and is cut at one of them.
#![expect(
    clippy::expect_used,
    reason = "a harness that can't go on fails its test"
)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What becomes of one statement; its connection is gone either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// It never reaches the server.
    Question,
    /// The server carries it out, and its answer never comes back.
    Answer,
}

/// Passes on what is said to a server.
#[derive(Debug)]
pub struct Statements {
    /// Where it listens. Only connections without TLS can be read along.
    pub address: SocketAddr,
    passed: Arc<AtomicU32>,
    listening: JoinHandle<()>,
}

impl Statements {
    /// Listens, and connects to `server` for each that connects. The `nth` statement of all, counted from 1, is lost.
    pub async fn start(server: String, cut: Option<(u32, Lost)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let passed = Arc::new(AtomicU32::new(0));
        let counted = passed.clone();
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // Nobody may be there just now.
                let Ok(to) = TcpStream::connect(&server).await else {
                    continue;
                };
                // Messages go one by one, and none waits for the one before to be acknowledged.
                for end in [&client, &to] {
                    end.set_nodelay(true).expect("it is open");
                }
                connect(client, to, counted.clone(), cut);
            }
        });
        Self {
            address,
            passed,
            listening,
        }
    }

    /// Statements so far.
    pub fn passed(&self) -> u32 {
        self.passed.load(Ordering::SeqCst)
    }
}

impl Drop for Statements {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

fn connect(client: TcpStream, server: TcpStream, passed: Arc<AtomicU32>, cut: Option<(u32, Lost)>) {
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let (lost, is_lost) = watch::channel(false);
    let asking = ask(from_client, to_server, (passed, cut), lost);
    let answering = answer(from_server, to_client, is_lost);
    tokio::spawn(async move {
        tokio::select! {
            () = asking => {}
            () = answering => {}
        }
    });
}

/// Ends when the connection is to be cut. <https://www.postgresql.org/docs/current/protocol-message-formats.html>
async fn ask(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    (passed, cut): (Arc<AtomicU32>, Option<(u32, Lost)>),
    lost: watch::Sender<bool>,
) {
    // The first message on a connection has no letter that says what it is.
    let mut letters = 0;
    while let Some((kind, bytes)) = message(&mut from, letters).await {
        letters = 1;
        // Execute, or a simple query.
        if matches!(kind, b'E' | b'Q') {
            let nth = passed.fetch_add(1, Ordering::SeqCst) + 1;
            match cut.filter(|(cut, _)| *cut == nth) {
                Some((_, Lost::Question)) => return,
                Some((_, Lost::Answer)) => drop(lost.send_replace(true)),
                None => {}
            }
        }
        if to.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

/// The next message, and what it is: the first of its letters, if it has one.
async fn message(from: &mut OwnedReadHalf, letters: usize) -> Option<(u8, Vec<u8>)> {
    let mut bytes = vec![0; letters + 4];
    from.read_exact(&mut bytes).await.ok()?;
    let length = u32::from_be_bytes(bytes[letters..].try_into().ok()?);
    let rest = usize::try_from(length).ok()?.checked_sub(4)?;
    let head = bytes.len();
    bytes.resize(head + rest, 0);
    from.read_exact(&mut bytes[head..]).await.ok()?;
    let kind = bytes[..letters].first().copied().unwrap_or_default();
    Some((kind, bytes))
}

/// Passes answers on; once they are lost, waits for the last of them, so that the server has done what it was asked.
async fn answer(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, is_lost: watch::Receiver<bool>) {
    while let Some((kind, bytes)) = message(&mut from, 1).await {
        let is_ready = kind == b'Z';
        if *is_lost.borrow() {
            if is_ready {
                return;
            }
        } else if to.write_all(&bytes).await.is_err() {
            return;
        }
    }
}
