//! One run: start, a thousand ends in a second, slash commands, a start with much overdue.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use breakglass_core::id::RequestId;
use breakglass_core::time::{Length, Timestamp};
use breakglass_sandbox::Sandbox;
use clap::Args;
use tokio::time::{Instant, sleep};

use crate::company::{self, Company, Held, Places};
use crate::crowd::{self, Wanted};
use crate::server::Server;
use crate::table::Table;
use crate::{Where, database};

/// Leases of what ends while we look.
const LEASE: Length = Length::from_mins(10);

/// What must be ended by then is lost.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Runs the server on a crowd.
#[derive(Debug, Args)]
pub(crate) struct Measure {
    #[command(flatten)]
    pub(crate) place: Where,
    /// The server's binary
    #[arg(long)]
    binary: PathBuf,
    /// A superuser's way into the `PostgreSQL` that the targets are on
    #[arg(long)]
    targets: String,
    /// Grants that end in the same second
    #[arg(long, default_value_t = 1_000)]
    pub(crate) ending: usize,
    /// Over how many milliseconds their ends are spread
    #[arg(long, default_value_t = 0)]
    pub(crate) spread: usize,
    /// Grants that are overdue at a start
    #[arg(long, default_value_t = 10_000)]
    pub(crate) overdue: usize,
    /// Slash commands: `RATE:SECONDS`, one or more
    #[arg(long, value_delimiter = ',', default_value = "300:60,600:10")]
    pub(crate) slash: Vec<String>,
}

/// What is around the server.
pub(crate) struct Stage<'a> {
    pub(crate) measure: &'a Measure,
    pub(crate) company: Company,
    places: Places,
    pub(crate) sandbox: Sandbox,
    pub(crate) table: Table,
}

impl Measure {
    pub(crate) async fn run(&self) -> anyhow::Result<ExitCode> {
        let company = self.place.company();
        let hung = hang()?;
        let [listen, admin] = [free_address()?, free_address()?];
        let sandbox = company.workspace(listen).await?;
        let (_, address) = self.targets.rsplit_once('@').unwrap_or_default();
        let (address, _) = address.split_once('/').unwrap_or_default();
        let places = Places {
            targets: address.to_owned(),
            hung,
            slack: sandbox.api_url(),
            listen,
            admin,
        };
        company.write(&places)?;
        eprintln!("setting up the targets");
        let held = self.place.crowd();
        database::run(&self.targets, company.target_sql(&held)).await?;
        // Else what all of this wrote goes to the disk half a minute later, and each commit waits for that.
        nix::unistd::sync();
        let mut stage = Stage {
            measure: self,
            company,
            places,
            sandbox,
            table: Table::default(),
        };
        stage.first_start().await?;
        let server = stage.ends().await?;
        stage.slash(&server).await?;
        stage.remember(&server)?;
        server.stop().await?;
        if self.overdue > 0 {
            stage.overdue().await?;
        }
        stage.verify().await?;
        Ok(if stage.table.is_good() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

impl Stage<'_> {
    pub(crate) async fn start(&self) -> anyhow::Result<Server> {
        let folder = &self.company.folder;
        Server::start(&self.measure.binary, folder, self.places.admin).await
    }

    pub(crate) async fn log_size(&self) -> anyhow::Result<u64> {
        let size = database::count(&self.company.store, "SELECT size FROM head").await?;
        Ok(u64::try_from(size)?)
    }

    /// The mirror is written for the first time, and each target is compared with the log.
    async fn first_start(&mut self) -> anyhow::Result<()> {
        let server = self.start().await?;
        Table::say("first start to ready, ms", server.ready_after.as_millis());
        sleep(Duration::from_secs(20)).await;
        let busy = server.processor_secs()?;
        sleep(Duration::from_secs(20)).await;
        let busy = (server.processor_secs()? - busy) / 20.0 * 100.0;
        Table::say("processor while nothing happens, %", format!("{busy:.1}"));
        let memory = server.memory()?;
        Table::say("memory after the first start, MB", memory.now_mb);
        Table::say("at most, MB", memory.most_mb);
        server.stop().await
    }

    /// How much memory it took.
    pub(crate) fn remember(&mut self, server: &Server) -> anyhow::Result<()> {
        let memory = server.memory()?;
        Table::say("memory at last, MB", memory.now_mb);
        let most = f64::from(u32::try_from(memory.most_mb)?);
        self.table.below("memory at most", most, (150.0, "MB"));
        Ok(())
    }

    /// Puts grants into the log and onto their targets.
    pub(crate) async fn grant(
        &self,
        wanted: &[Wanted],
    ) -> anyhow::Result<Vec<(RequestId, Wanted)>> {
        let held: Vec<Held> = wanted.iter().map(|wanted| wanted.held).collect();
        database::run(&self.measure.targets, company::granted(&held)).await?;
        let store = crowd::open(&self.company, &self.company.config()?).await?;
        let given = crowd::grant(&store, wanted).await?;
        store.close().await?;
        database::forget_effects(&self.company.store).await?;
        Ok(given)
    }

    /// `many` grants over `targets`, ending from `from` on.
    pub(crate) fn ending(
        &self,
        (many, targets): (usize, usize),
        role: &'static str,
        ends_at: impl Fn(usize) -> Timestamp,
    ) -> Vec<Wanted> {
        let wanted = |number: usize| Wanted {
            held: Held {
                target: number % targets,
                role,
                person: (number % targets * 20 + number / targets) % self.company.people,
            },
            lease: LEASE,
            ends_at: Some(ends_at(number)),
        };
        (0..many).map(wanted).collect()
    }

    /// What the server made of it is whole.
    async fn verify(&mut self) -> anyhow::Result<()> {
        let since = Instant::now();
        let verified = tokio::process::Command::new(&self.measure.binary)
            .args(["audit", "verify", "--config"])
            .arg(self.company.file())
            .stdout(std::process::Stdio::null())
            .status()
            .await?;
        self.table.none(
            "faults that `audit verify` finds",
            usize::from(!verified.success()),
        );
        Table::say("it took, ms", since.elapsed().as_millis());
        Ok(())
    }
}

pub(crate) fn millis_of(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}

/// A server that takes connections and never says a word.
fn hang() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok(connection) = listener.accept().await {
            open.push(connection);
        }
    });
    Ok(address)
}
