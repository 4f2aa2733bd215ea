//! The real server as a process of its own: how soon it is ready, what it counts, how much memory it takes.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use breakglass_core::time::Timestamp;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use breakglass::clock::{Clock as _, SystemClock};

/// A start that takes longer has failed.
const START_WITHIN: Duration = Duration::from_mins(2);

/// `breakglass serve`, running.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    base: String,
    http: reqwest::Client,
    /// From its start until it said that it is ready.
    pub(crate) ready_after: Duration,
    pub(crate) started_at: Timestamp,
}

/// How much memory a process takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    pub(crate) now_mb: u64,
    pub(crate) most_mb: u64,
}

impl Server {
    /// Starts it, and waits until it is ready. What it logs goes to `serve.log`.
    pub(crate) async fn start(
        binary: &Path,
        folder: &Path,
        admin: std::net::SocketAddr,
    ) -> anyhow::Result<Self> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(folder.join("serve.log"))?;
        let since = Instant::now();
        let started_at = SystemClock.now();
        // It ends with us, however that is.
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL"])
            .arg(binary)
            .args(["serve", "--config"])
            .arg(folder.join("breakglass.toml"))
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        let mut server = Self {
            child,
            base: format!("http://{admin}"),
            http: reqwest::Client::new(),
            ready_after: Duration::ZERO,
            started_at,
        };
        while !server.is_ready().await {
            if let Some(status) = server.child.try_wait()? {
                anyhow::bail!("the server ended by itself: {status}");
            }
            anyhow::ensure!(since.elapsed() < START_WITHIN, "it never got ready");
            sleep(Duration::from_millis(5)).await;
        }
        server.ready_after = since.elapsed();
        Ok(server)
    }

    pub(crate) async fn is_ready(&self) -> bool {
        let asked = self.http.get(format!("{}/readyz", self.base)).send().await;
        asked.is_ok_and(|answer| answer.status().is_success())
    }

    /// The sum of a metric over all its labels.
    pub(crate) async fn metric(&self, name: &str) -> anyhow::Result<f64> {
        let url = format!("{}/metrics", self.base);
        let page = self.http.get(url).send().await?.text().await?;
        let is_named = |line: &&str| {
            line.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with([' ', '{']))
        };
        let values = page.lines().filter(is_named);
        Ok(values
            .filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok())
            .sum())
    }

    pub(crate) fn memory(&self) -> anyhow::Result<Memory> {
        let id = self.child.id().unwrap_or_default();
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let mb = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            let kb: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
            Some(kb / 1024)
        };
        Ok(Memory {
            now_mb: mb("VmRSS:").unwrap_or_default(),
            most_mb: mb("VmHWM:").unwrap_or_default(),
        })
    }

    /// Processor seconds it took so far.
    pub(crate) fn processor_secs(&self) -> anyhow::Result<f64> {
        let id = self.child.id().unwrap_or_default();
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
        let (_, fields) = stat.rsplit_once(')').unwrap_or_default();
        let ticks: f64 = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|field| field.parse::<f64>().ok())
            .sum();
        Ok(ticks / 100.0)
    }

    /// Ends it as a service manager would.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        if let Some(id) = self.child.id() {
            kill(Pid::from_raw(i32::try_from(id)?), Signal::SIGTERM)?;
        }
        let status = self.child.wait().await?;
        anyhow::ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }
}
