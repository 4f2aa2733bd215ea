//! Ports that stay ours while nobody listens there.
#![expect(
    clippy::expect_used,
    reason = "a harness that can't go on fails its test"
)]

use std::net::SocketAddr;

use tokio::net::TcpSocket;

/// A loopback port, bound until it is dropped: others aren't given it, and who says where it listens can still do so
/// there, any number of times. While nobody does, connections are refused.
///
/// Others aren't given it since it is bound; who names it gets it since both sides set `SO_REUSEADDR`, as tokio and
/// PostgreSQL do, and this one doesn't listen.
#[derive(Debug)]
pub struct Port {
    /// Where it is.
    pub address: SocketAddr,
    _bound: TcpSocket,
}

impl Port {
    /// One that nobody has.
    pub fn reserve() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_reuseaddr(true).expect("it is set");
        let bound = socket.bind(([127, 0, 0, 1], 0).into());
        bound.expect("a free port");
        Self {
            address: socket.local_addr().expect("an address"),
            _bound: socket,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    #[tokio::test]
    async fn who_was_told_of_it_listens_there_again_and_again() {
        let port = Port::reserve();
        for _ in 0..3 {
            let refused = TcpStream::connect(port.address).await.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
            let listener = TcpListener::bind(port.address).await.unwrap();
            let _client = TcpStream::connect(port.address).await.unwrap();
            let _server = listener.accept().await.unwrap();
        }
    }
}
