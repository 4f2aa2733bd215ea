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
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::port::Port;

/// What happens to calls with a certain text in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// They are passed on, and their answers too.
    Fair,
    /// They are passed on, but nothing comes back any more.
    Mute,
    /// They are kept until the weather changes, and passed on then, even if nobody waits any more.
    Slow,
    /// Every connection is cut, whatever is in it, and none is taken.
    Away,
}

/// Passes bytes on to a server.
#[derive(Debug)]
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    weather: watch::Sender<Weather>,
    listening: JoinHandle<()>,
}

impl Proxy {
    /// Listens, and connects to `server` for each that connects. `text` is what calls that feel the weather
    /// have in them.
    pub async fn start(server: String, text: &'static str) -> Self {
        let port = Port::reserve();
        let address = port.address;
        let listener = TcpListener::bind(address).await.expect("our port");
        let (weather, forecast) = watch::channel(Weather::Fair);
        let listening = tokio::spawn(listen(port, listener, server, text, forecast));
        Self {
            address,
            weather,
            listening,
        }
    }

    /// From now on.
    pub fn change(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(
    port: Port,
    mut listener: TcpListener,
    server: String,
    text: &'static str,
    mut weather: watch::Receiver<Weather>,
) {
    loop {
        let client = tokio::select! {
            client = listener.accept() => client,
            () = until(&mut weather, |now| now == Weather::Away) => {
                drop(listener);
                until(&mut weather, |now| now != Weather::Away).await;
                listener = TcpListener::bind(port.address).await.expect("our port");
                continue;
            }
        };
        let Ok((client, _)) = client else { return };
        let to = TcpStream::connect(&server).await;
        connect(
            client,
            to.expect("the server is there"),
            text,
            weather.clone(),
        );
    }
}

/// Waits for a weather; for ever once the proxy is gone.
async fn until(weather: &mut watch::Receiver<Weather>, is_so: impl Fn(Weather) -> bool) {
    if weather.wait_for(|now| is_so(*now)).await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn connect(
    client: TcpStream,
    server: TcpStream,
    text: &'static str,
    weather: watch::Receiver<Weather>,
) {
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let lost = Arc::new(AtomicBool::new(false));
    let mut storm = weather.clone();
    let asking = ask(from_client, to_server, text, weather, Arc::clone(&lost));
    let answering = answer(from_server, to_client, lost);
    tokio::spawn(async move {
        tokio::select! {
            ((), ()) = async { tokio::join!(asking, answering) } => {}
            () = until(&mut storm, |now| now == Weather::Away) => {}
        }
    });
}

async fn ask(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    text: &'static str,
    mut weather: watch::Receiver<Weather>,
    lost: Arc<AtomicBool>,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let bytes = &buffer[..length];
        if bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
        {
            lost.fetch_or(*weather.borrow() == Weather::Mute, Ordering::SeqCst);
            let passed = weather.wait_for(|weather| *weather != Weather::Slow).await;
            passed.expect("the proxy is there");
        }
        if to.write_all(bytes).await.is_err() {
            return;
        }
    }
}

async fn answer(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, lost: Arc<AtomicBool>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        if !lost.load(Ordering::SeqCst) && to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
