//! The server's end of the admin socket.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use nix::unistd::Uid;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::protocol::{Line, PROTOCOL_VERSION};
use super::{AdminRequest, AdminResponse, AdminService, Operator};
use crate::trouble::Trouble;

/// Far above any command; a longer line is no command.
const LINE_BYTES_MAX: u64 = 64 * 1024;

/// Operators at the same time; the next one waits.
const PEERS_MAX: usize = 16;

/// How long a peer may be silent.
const SILENCE: Duration = Duration::from_secs(30);

/// An open admin socket; its file is removed when it is dropped.
#[derive(Debug)]
pub struct AdminSocket {
    listener: UnixListener,
    path: PathBuf,
}

/// Why the socket can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody answers there.
    #[error("a breakglass server is running already: it answers at {}", .0.display())]
    Running(PathBuf),
    /// Something else is there, and is left alone.
    #[error("{} is there and isn't a socket", .0.display())]
    NotASocket(PathBuf),
    /// Anything else.
    #[error("can't listen at {}", .0.display())]
    Io(PathBuf, #[source] io::Error),
}

impl From<BindError> for Trouble {
    fn from(error: BindError) -> Self {
        let what = error.to_string();
        match error {
            BindError::Running(_) => Self::new(
                what,
                "Ask it instead (`breakglass lockdown status`), or stop it first. \
                 A second server on this machine needs an `admin_socket` of its own.",
            ),
            BindError::NotASocket(_) => {
                Self::new(what, "Choose another path by `[server] admin_socket`, or remove it.")
            }
            BindError::Io(_, why) => Self::new(
                what,
                "See that the folder exists and that breakglass may write there; a socket's path has \
                 at most 107 bytes.",
            )
            .details([why.to_string()]),
        }
    }
}

impl AdminSocket {
    /// Opens the socket, which only our own user and root can then open. One that a dead server left behind is
    /// replaced.
    pub fn bind(path: &Path) -> Result<Self, BindError> {
        let failed = |error| BindError::Io(path.to_owned(), error);
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
            Ok(found) if !found.file_type().is_socket() => {
                return Err(BindError::NotASocket(path.to_owned()));
            }
            Ok(_) => match std::os::unix::net::UnixStream::connect(path) {
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                    fs::remove_file(path).map_err(failed)?;
                }
                Err(error) => return Err(failed(error)),
                Ok(_) => return Err(BindError::Running(path.to_owned())),
            },
        }
        // Until the mode is set, the check of each peer's uid keeps others out.
        let listener = UnixListener::bind(path).map_err(failed)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(failed)?;
        Ok(Self {
            listener,
            path: path.to_owned(),
        })
    }

    /// Answers until `stop`, then waits for the answers that are on their way.
    pub async fn serve(self, service: Arc<dyn AdminService>, stop: CancellationToken) {
        let peers = TaskTracker::new();
        let places = Arc::new(Semaphore::new(PEERS_MAX));
        while let Some(Ok(place)) = stop
            .run_until_cancelled(Arc::clone(&places).acquire_owned())
            .await
        {
            let Some(accepted) = stop.run_until_cancelled(self.listener.accept()).await else {
                break;
            };
            match accepted {
                Ok((stream, _)) => {
                    let (service, stop) = (Arc::clone(&service), stop.clone());
                    peers.spawn(async move {
                        if let Err(error) = attend(stream, service.as_ref(), &stop).await {
                            tracing::warn!(%error, "an operator's connection broke");
                        }
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "can't accept an operator's connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
        peers.close();
        peers.wait().await;
    }
}

impl Drop for AdminSocket {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "can't remove the admin socket");
        }
    }
}

/// Answers one peer, line by line.
async fn attend(
    stream: UnixStream,
    service: &dyn AdminService,
    stop: &CancellationToken,
) -> io::Result<()> {
    let peer = stream.peer_cred()?;
    if peer.uid() != Uid::effective().as_raw() && peer.uid() != 0 {
        tracing::warn!(
            uid = peer.uid(),
            "somebody else opened the admin socket and was turned away"
        );
        return Ok(());
    }
    let operator = Operator::of_peer(peer.pid(), peer.uid());
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    loop {
        let mut line = Vec::new();
        let mut limited = (&mut reader).take(LINE_BYTES_MAX);
        let reading = tokio::time::timeout(SILENCE, limited.read_until(b'\n', &mut line));
        match stop.run_until_cancelled(reading).await {
            Some(Ok(read)) => {
                if read? == 0 {
                    return Ok(());
                }
            }
            Some(Err(_)) | None => return Ok(()),
        }
        let response = match read_line(&line) {
            Ok(request) => {
                tracing::info!(%operator, command = request.name(), "an operator's command");
                service.answer(&operator, request).await
            }
            Err(why) => AdminResponse::Failed { why },
        };
        let mut bytes = serde_json::to_vec(&Line::new(response))?;
        bytes.push(b'\n');
        writer.write_all(&bytes).await?;
    }
}

/// The version is read first: what else a line of another version holds, we can't know.
fn read_line(line: &[u8]) -> Result<AdminRequest, String> {
    #[derive(serde::Deserialize)]
    struct Version {
        v: u8,
    }
    let garbled =
        |error: serde_json::Error| format!("this is no command of the admin socket: {error}");
    let Version { v } = serde_json::from_slice(line).map_err(garbled)?;
    if v != PROTOCOL_VERSION {
        return Err(format!(
            "the server speaks version {PROTOCOL_VERSION} of the admin protocol, not {v}: use its own binary"
        ));
    }
    serde_json::from_slice::<Line<AdminRequest>>(line)
        .map(|line| line.content)
        .map_err(garbled)
}
