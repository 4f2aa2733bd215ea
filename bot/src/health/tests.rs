use std::net::SocketAddr;

use breakglass_core::time::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::meter;

#[derive(Debug)]
struct Stopped(i64);

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0)
    }

    fn since_boot(&self) -> Duration {
        Duration::ZERO
    }
}

async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test]
async fn the_three_endpoints_tell_the_truth() {
    let vitals = Arc::new(Vitals::default());
    let clock = Arc::new(Stopped(1_000_000));
    let metrics = meter::install().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let health = Health {
        vitals: Arc::clone(&vitals),
        clock: Arc::clone(&clock) as _,
        metrics,
    };
    let server = tokio::spawn(serve(listener, health, stop.clone()));

    assert!(get(address, "/livez").await.starts_with("HTTP/1.1 200 "));
    let unready = get(address, "/readyz").await;
    assert!(unready.starts_with("HTTP/1.1 503 "), "{unready}");
    assert!(
        unready.contains("the revocation worker is silent"),
        "{unready}"
    );

    vitals.store_written(clock.now());
    vitals.log_written(clock.now());
    vitals.revoker_seen(clock.now());
    assert!(get(address, "/readyz").await.starts_with("HTTP/1.1 200 "));

    metrics::counter!(meter::DECISIONS, "command" => "approve", "outcome" => "done").increment(2);
    metrics::histogram!(meter::COMMITTED).record(0.003);
    let page = get(address, "/metrics").await;
    assert!(
        page.contains("# HELP breakglass_decisions_total Commands decided"),
        "{page}"
    );
    assert!(
        page.contains("breakglass_decisions_total{command=\"approve\",outcome=\"done\"} 2"),
        "{page}"
    );
    assert!(
        page.contains("breakglass_commit_seconds_bucket{le=\"0.005\"} 1"),
        "{page}"
    );
    assert!(page.contains("breakglass_build_info{version="), "{page}");

    stop.cancel();
    server.await.unwrap().unwrap();
}
