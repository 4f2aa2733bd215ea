//! `kind = "command"`: a program of the operator's own wakes people up. It gets the page as JSON on stdin; that it exits
//! with 0 says that the page is delivered, and nothing else that it does counts.

use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use async_trait::async_trait;
use breakglass_core::port::pager::{Page, Pager, PagerError};
use breakglass_core::port::provisioner::Finding;
use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::{AccessFlags, Pid, access};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// How long a run may take: well under a third of the claim on its effect.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where programs that the program calls are looked for.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The program, as configured.
#[derive(Debug, Clone)]
pub struct Config {
    /// Its file.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Where it runs.
    pub directory: PathBuf,
}

/// Runs a program for each page.
#[derive(Debug)]
pub struct CommandPager {
    config: Config,
}

impl CommandPager {
    /// Starts nothing yet.
    pub const fn new(config: Config) -> Self {
        Self { config }
    }

    /// What it prints is thrown away: nothing is taken from it.
    fn start(&self) -> io::Result<Child> {
        Command::new(&self.config.program)
            .args(&self.config.arguments)
            .env_clear()
            .env("PATH", PATH)
            .current_dir(&self.config.directory)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
    }
}

#[async_trait]
impl Pager for CommandPager {
    fn host(&self) -> String {
        self.config.program.display().to_string()
    }

    async fn page(&self, page: &Page) -> Result<(), PagerError> {
        let shown = self.host();
        let failed = |error: io::Error| PagerError(format!("{shown}: {error}"));
        let input = serde_json::to_vec(page).map_err(|error| failed(error.into()))?;
        let mut child = self.start().map_err(failed)?;
        let mut group = Group::of(&child);
        let ended = timeout(PATIENCE, attend(&mut child, &input)).await;
        if matches!(ended, Ok(Ok(_))) {
            group.0 = None; // it is reaped, and its id may be another's by now
        }
        match ended {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(PagerError(format!("{shown} failed: {status}"))),
            Ok(Err(error)) => Err(failed(error)),
            Err(_) => {
                let secs = PATIENCE.as_secs();
                Err(PagerError(format!(
                    "{shown} took longer than {secs} s and was killed"
                )))
            }
        }
    }

    async fn examine(&self) -> Vec<Finding> {
        let (program, shown) = (&self.config.program, self.host());
        vec![if !program.is_file() {
            Finding::failure(
                format!("{shown} is no file"),
                "Mend `program`, or put it there.",
            )
        } else if let Err(errno) = access(program, AccessFlags::X_OK) {
            Finding::failure(
                format!("{shown} can't be run: {}", errno.desc()),
                "Make it executable for the service's user.",
            )
        } else {
            Finding::ok(format!("{shown} can be run"))
        }]
    }
}

async fn attend(child: &mut Child, input: &[u8]) -> io::Result<ExitStatus> {
    if let Some(mut stdin) = child.stdin.take() {
        match stdin.write_all(input).await {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error),
            Ok(()) | Err(_) => {} // a program need not read what it is told
        }
    }
    child.wait().await
}

/// The program with all that it started: killed when this is dropped.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.map(Pid::from_raw))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let Some(leader) = self.0 else { return };
        match killpg(leader, Signal::SIGKILL) {
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(errno) => tracing::warn!(%leader, %errno, "a process group could not be killed"),
        }
    }
}
