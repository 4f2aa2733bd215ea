use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use breakglass_core::id::RequestId;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio_util::sync::CancellationToken;

use super::*;

/// Writes down what it is asked.
#[derive(Default)]
struct Notebook(Mutex<Vec<(String, AdminRequest)>>);

#[async_trait]
impl AdminService for Notebook {
    async fn answer(&self, operator: &Operator, request: AdminRequest) -> AdminResponse {
        self.0.lock().unwrap().push((operator.to_string(), request));
        AdminResponse::Revoking {
            requests: vec![RequestId::new(7)],
        }
    }
}

struct Running {
    folder: tempfile::TempDir,
    notebook: Arc<Notebook>,
    stop: CancellationToken,
    server: tokio::task::JoinHandle<()>,
}

impl Running {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = AdminSocket::bind(&folder.path().join("a.sock")).unwrap();
        let (notebook, stop) = (Arc::new(Notebook::default()), CancellationToken::new());
        let server = tokio::spawn(socket.serve(Arc::clone(&notebook) as _, stop.clone()));
        Self {
            folder,
            notebook,
            stop,
            server,
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("a.sock")
    }

    async fn ask(&self, request: AdminRequest) -> Result<AdminResponse, AskError> {
        let path = self.path();
        tokio::task::spawn_blocking(move || ask(&path, &request))
            .await
            .unwrap()
    }

    async fn say(&self, line: &str) -> String {
        let stream = tokio::net::UnixStream::connect(self.path()).await.unwrap();
        let (reader, mut writer) = stream.into_split();
        writer.write_all(line.as_bytes()).await.unwrap();
        let mut answer = String::new();
        BufReader::new(reader).read_line(&mut answer).await.unwrap();
        answer
    }
}

fn revoke() -> AdminRequest {
    AdminRequest::Revoke {
        which: Which::One(RequestId::new(7)),
        reason: "left the company".to_owned(),
    }
}

#[tokio::test]
async fn a_command_arrives_with_the_operator_that_the_kernel_names() {
    let running = Running::start();
    let answer = running.ask(revoke()).await.unwrap();
    assert_eq!(
        answer,
        AdminResponse::Revoking {
            requests: vec![RequestId::new(7)]
        }
    );
    let asked = running.notebook.0.lock().unwrap().clone();
    assert_eq!(asked, [(Operator::of_this_process().to_string(), revoke())]);
    assert!(
        asked[0].0.starts_with("operator:") && asked[0].0.contains('@'),
        "{}",
        asked[0].0
    );
}

#[tokio::test]
async fn only_our_own_user_can_open_the_socket_and_it_goes_with_the_server() {
    let running = Running::start();
    let path = running.path();
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    running.stop.cancel();
    running.server.await.unwrap();
    assert!(!path.exists());
    assert!(matches!(ask(&path, &revoke()), Err(AskError::Down)));
}

#[tokio::test]
async fn a_socket_where_somebody_answers_is_not_taken_over() {
    let running = Running::start();
    assert!(matches!(
        AdminSocket::bind(&running.path()),
        Err(BindError::Running(_))
    ));
    assert!(running.ask(AdminRequest::ShowHouse).await.is_ok());
}

#[tokio::test]
async fn a_socket_that_a_dead_server_left_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sock");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    assert!(AdminSocket::bind(&path).is_ok());
}

#[tokio::test]
async fn a_file_that_is_no_socket_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sock");
    std::fs::write(&path, "precious").unwrap();
    assert!(matches!(
        AdminSocket::bind(&path),
        Err(BindError::NotASocket(_))
    ));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
}

#[tokio::test]
async fn what_is_no_command_is_answered_and_does_nothing() {
    let running = Running::start();
    let approve = running
        .say("{\"v\":1,\"command\":\"approve\",\"request\":\"BG-7\"}\n")
        .await;
    assert!(approve.contains("unknown variant `approve`"), "{approve}");
    let other = running.say("{\"v\":2,\"command\":\"show_house\"}\n").await;
    assert!(
        other.contains("speaks version 1 of the admin protocol, not 2"),
        "{other}"
    );
    let long = running.say(&"x".repeat(70_000)).await;
    assert!(long.contains("no command of the admin socket"), "{long}");
    assert!(running.notebook.0.lock().unwrap().is_empty());
}

#[test]
fn nobody_listens_where_nothing_is() {
    assert!(matches!(
        ask(Path::new("/nowhere/a.sock"), &revoke()),
        Err(AskError::Down)
    ));
}
