//! The command line's end of the admin socket.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use super::protocol::{Line, PROTOCOL_VERSION};
use super::{AdminRequest, AdminResponse};

/// How long the server may take; a group commit or a revocation of many is far below.
const PATIENCE: Duration = Duration::from_secs(30);

/// Far above a thousand requests.
const ANSWER_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// No server listens there.
    #[error("no server answers")]
    Down,
    /// The socket is somebody else's.
    #[error("the admin socket can't be opened by this user")]
    NotYours,
    /// It answered with something else.
    #[error("the server's answer can't be read")]
    Garbled,
    /// The connection broke.
    #[error("the connection to the server broke")]
    Broken(#[source] io::Error),
}

impl AskError {
    fn of_connecting(error: io::Error) -> Self {
        let kind = error.kind();
        if matches!(
            kind,
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
        ) {
            Self::Down
        } else if kind == io::ErrorKind::PermissionDenied {
            Self::NotYours
        } else {
            Self::Broken(error)
        }
    }
}

/// Asks the server at this socket.
pub fn ask(socket: &Path, request: &AdminRequest) -> Result<AdminResponse, AskError> {
    let mut stream = UnixStream::connect(socket).map_err(AskError::of_connecting)?;
    let exchange = || -> io::Result<Vec<u8>> {
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut line = serde_json::to_vec(&Line::new(request))?;
        line.push(b'\n');
        stream.write_all(&line)?;
        let mut answer = Vec::new();
        BufReader::new(stream)
            .take(ANSWER_BYTES_MAX)
            .read_until(b'\n', &mut answer)?;
        Ok(answer)
    };
    let answer = exchange().map_err(AskError::Broken)?;
    if answer.is_empty() {
        return Err(AskError::NotYours);
    }
    let line: Line<AdminResponse> =
        serde_json::from_slice(&answer).map_err(|_| AskError::Garbled)?;
    if line.v == PROTOCOL_VERSION {
        Ok(line.content)
    } else {
        Err(AskError::Garbled)
    }
}
