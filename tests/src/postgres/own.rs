//! A server of a test's own, to be stopped and started while it is used.
#![expect(
    clippy::expect_used,
    reason = "a harness that can't go on fails its test"
)]

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid, User, chown};
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use tempfile::TempDir;

use super::Server;
use crate::port::Port;

/// Debian's, as for [`Server::Fifteen`].
const BINARIES: &str = "/usr/lib/postgresql/15/bin";

/// Nothing here takes longer, on however slow a machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a server is told to stop. <https://www.postgresql.org/docs/current/server-shutdown.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// It breaks off what is under way, and leaves everything tidy.
    Fast,
    /// It is gone at once, and recovers when it is started.
    Immediate,
}

/// A server on this machine, which goes away with this.
#[derive(Debug)]
pub struct OwnServer {
    /// Kept while it is stopped, too.
    port: Port,
    folder: TempDir,
    running: Option<Child>,
}

impl OwnServer {
    /// Makes one, and starts it.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        if let Some(postgres) = postgres() {
            let given = chown(folder.path(), Some(postgres.uid), Some(postgres.gid));
            given.expect("root gives it away");
        }
        let mut server = Self {
            port: Port::reserve(),
            folder,
            running: None,
        };
        let mut initdb = server.command("initdb");
        initdb.args(["-U", "postgres", "--auth=trust", "--encoding=UTF8"]);
        initdb.args(["--locale=C", "--no-sync"]);
        let made = initdb.stdout(Stdio::null()).status().expect("initdb runs");
        assert!(made.success(), "initdb: {made}");
        server.go_on().await;
        server
    }

    /// Where it is.
    pub const fn server(&self) -> Server {
        Server::Own {
            port: self.port.address.port(),
        }
    }

    /// Stops it, and waits until it has.
    pub fn stop(&mut self, how: Stop) {
        let mut running = self.running.take().expect("it runs");
        let signal = match how {
            Stop::Fast => Signal::SIGINT,
            Stop::Immediate => Signal::SIGQUIT,
        };
        let pid = i32::try_from(running.id()).expect("a process");
        kill(Pid::from_raw(pid), signal).expect("it is ours");
        running.wait().expect("it stops");
    }

    /// Starts it again, and waits until it answers.
    pub async fn go_on(&mut self) {
        let mut command = self.command("postgres");
        let port = self.port.address.port().to_string();
        command.args(["-p", &port, "-c", "listen_addresses=127.0.0.1", "-k", ""]);
        command.args(["-c", "shared_buffers=16MB", "-c", "max_connections=60"]);
        let log = self.folder.path().join("log");
        let log = std::fs::File::options().create(true).append(true).open(log);
        let log = log.expect("its log");
        self.running = Some(command.stderr(log).spawn().expect("postgres runs"));
        let superuser = self.server().superuser();
        let answers = async {
            while PgConnection::connect_with(&superuser).await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let answers = tokio::time::timeout(PATIENCE, answers).await;
        answers.expect("PostgreSQL starts");
    }

    /// One of its programs, as somebody whom PostgreSQL doesn't refuse. It ends with this process, however that ends.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "QUIT"]);
        if let Some(postgres) = postgres() {
            command.arg(format!("--reuid={}", postgres.uid));
            command.arg(format!("--regid={}", postgres.gid));
            command.arg("--clear-groups");
        }
        command.arg(format!("{BINARIES}/{program}"));
        command.arg("-D").arg(self.data()).current_dir("/");
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        if self.running.is_some() {
            self.stop(Stop::Immediate);
        }
    }
}

/// Whom a server runs as, if this is root.
fn postgres() -> Option<User> {
    let is_root = Uid::effective().is_root();
    let known = || User::from_name("postgres").ok().flatten();
    let nobody = || User::from_name("nobody").ok().flatten();
    is_root.then(|| known().or_else(nobody))?
}
