//! A small app in Python that runs against the sandbox and prints a line for each step.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(30);

/// The interpreter that has the packages; `tests/run` names it.
#[expect(
    clippy::disallowed_methods,
    reason = "tests/run passes the interpreter this way"
)]
pub(crate) fn python() -> String {
    std::env::var("BREAKGLASS_TEST_PYTHON").unwrap_or_else(|_| "python3".into())
}

pub(crate) struct Script {
    _process: Child,
    steps: Lines<BufReader<ChildStdout>>,
}

impl Script {
    /// Starts the script at `path`.
    pub(crate) fn start(path: &str, arguments: &[&str]) -> Self {
        let mut process = Command::new(python())
            .arg(path)
            .args(arguments)
            .env_remove("http_proxy")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a Python with the packages; tests/run installs it");
        let steps = BufReader::new(process.stdout.take().unwrap()).lines();
        Self {
            _process: process,
            steps,
        }
    }

    /// Waits until the app prints `step`.
    pub(crate) async fn reaches(&mut self, step: &str) {
        let reached = async {
            loop {
                match self.steps.next_line().await.unwrap() {
                    Some(line) if line == step => return,
                    Some(_) => {}
                    None => panic!("the app ended before it reached {step:?}"),
                }
            }
        };
        timeout(PATIENCE, reached)
            .await
            .unwrap_or_else(|_| panic!("never reached {step:?}"));
    }
}
