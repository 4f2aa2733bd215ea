//! One run of the program: input on stdin, bounded output, and an end in time for all that it started.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use secrecy::ExposeSecret;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::Config;

/// Where programs that the program calls are looked for.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// What is kept of each of its outputs; the rest is read and dropped.
const OUTPUT_BYTES_MAX: u64 = 64 * 1024;
/// The same of the one that lists a whole target.
const LIST_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// How long after its end something it left behind may hold its outputs open.
const GRACE: Duration = Duration::from_millis(500);

/// A run that came to an end.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) status: ExitStatus,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// A run that didn't.
#[derive(Debug)]
pub(super) enum NoRun {
    /// It never started.
    NotStarted(io::Error),
    /// It took too long, and was killed with all its children.
    TimedOut,
    /// The system failed us while it ran.
    Lost(io::Error),
}

/// Runs the program with `verb` as its last argument.
pub(super) async fn run(config: &Config, verb: &str, input: &[u8]) -> Result<Run, NoRun> {
    let mut child = start(config, verb).map_err(NoRun::NotStarted)?;
    let mut group = Group::of(&child);
    let limit = Duration::from_secs(config.timeout.secs().into());
    let kept_max = if verb == "list" {
        LIST_BYTES_MAX
    } else {
        OUTPUT_BYTES_MAX
    };
    match timeout(limit, attend(&mut child, &mut group, (input, kept_max))).await {
        Ok(run) => run.map_err(NoRun::Lost),
        Err(_) => Err(NoRun::TimedOut), // dropping the group kills it, the runtime reaps it
    }
}

fn start(config: &Config, verb: &str) -> io::Result<Child> {
    let environment = config
        .environment
        .iter()
        .map(|(key, value)| (key, value.expose_secret()));
    Command::new(&config.program)
        .args(&config.arguments)
        .arg(verb)
        .env_clear()
        .env("PATH", PATH)
        .envs(environment)
        .current_dir(&config.directory)
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
}

async fn attend(
    child: &mut Child,
    group: &mut Group,
    (input, kept_max): (&[u8], u64),
) -> io::Result<Run> {
    let stdout = keep(child.stdout.take(), kept_max);
    let stderr = keep(child.stderr.take(), OUTPUT_BYTES_MAX);
    if let Some(mut stdin) = child.stdin.take() {
        match stdin.write_all(input).await {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error),
            Ok(()) | Err(_) => {} // a program need not read what it is told
        }
    }
    let status = child.wait().await?;
    let outputs = async { (stdout.await, stderr.await) };
    tokio::pin!(outputs);
    let (stdout, stderr) = if let Ok(outputs) = timeout(GRACE, &mut outputs).await {
        group.forget();
        outputs
    } else {
        group.kill();
        timeout(GRACE, outputs).await?
    };
    Ok(Run {
        status,
        stdout: text(stdout?),
        stderr: text(stderr?),
    })
}

/// Reads in the background, so that a full pipe never stops the program.
fn keep(
    output: Option<impl AsyncRead + Unpin + Send + 'static>,
    bytes_max: u64,
) -> JoinHandle<Vec<u8>> {
    tokio::spawn(async move {
        let mut kept = Vec::new();
        if let Some(mut output) = output {
            let read = (&mut output).take(bytes_max).read_to_end(&mut kept).await;
            if read.is_ok()
                && tokio::io::copy(&mut output, &mut tokio::io::sink())
                    .await
                    .is_err()
            {
                tracing::debug!("the end of a program's output could not be read");
            }
        }
        kept
    })
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The program's process group: killed when this is dropped, unless it is known to be empty.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(
            child
                .id()
                .and_then(|id| i32::try_from(id).ok())
                .map(Pid::from_raw),
        )
    }

    fn forget(&mut self) {
        self.0 = None;
    }

    fn kill(&mut self) {
        let Some(leader) = self.0.take() else { return };
        match killpg(leader, Signal::SIGKILL) {
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(errno) => tracing::warn!(%leader, %errno, "a process group could not be killed"),
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}
