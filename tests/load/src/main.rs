//! The load that the product has to bear, put on the real server: `tests/load/run` starts what it needs.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what it measures is read in the terminal"
)]

mod beside;
mod company;
mod crowd;
mod database;
mod ends;
mod measure;
mod overdue;
mod server;
mod slash;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;

use breakglass::clock::{Clock as _, SystemClock};
use breakglass_core::time::Length;
use clap::{Args, Parser, Subcommand};

use company::{Company, GRANTS_EACH, HUNG, Held, Places};
use crowd::Wanted;

/// With glibc's, the sandbox kept everybody waiting for half a second now and then, as it put together what it had freed.
#[global_allocator]
static MEMORY: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Every grant of the crowd lasts as long as one can.
const DAY: Length = Length::from_mins(24 * 60);

#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes a store with a crowd of live grants in it
    Crowd(Where),
    /// Runs the server on it, and measures
    Measure(Box<measure::Measure>),
    /// Compares how soon access is gone with `OpenBao`
    Beside(Box<beside::Beside>),
}

/// Which company.
#[derive(Debug, Args)]
struct Where {
    /// The store: `sqlite://…` or `postgres://…`
    #[arg(long)]
    store: String,
    /// Where the configuration, the policy and the log's key are
    #[arg(long)]
    folder: PathBuf,
    /// Live grants
    #[arg(long)]
    live: usize,
}

impl Where {
    fn company(&self) -> Company {
        Company {
            // As few as can hold what is to end and what is overdue in small runs.
            people: (self.live / GRANTS_EACH).max(1_000),
            folder: self.folder.clone(),
            store: self.store.clone(),
        }
    }

    /// What the crowd holds.
    fn crowd(&self) -> Vec<Held> {
        let people = self.company().people;
        let held = |number: usize| {
            let (round, person) = (number / people, number % people);
            Held {
                target: (person + round) % HUNG,
                role: "crowd",
                person,
            }
        };
        (0..self.live).map(held).collect()
    }
}

fn main() -> ExitCode {
    match tokio::runtime::Runtime::new()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(run(Cli::parse())))
    {
        Ok(code) => code,
        Err(error) => {
            eprintln!("tests/load: {error:?}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Crowd(place) => {
            gather(&place).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Measure(measure) => measure.run().await,
        Command::Beside(beside) => beside.run().await,
    }
}

async fn gather(place: &Where) -> anyhow::Result<()> {
    let company = place.company();
    // Nothing is called yet.
    let nowhere = ([127, 0, 0, 1], 9).into();
    company.write(&Places {
        targets: "127.0.0.1:9".to_owned(),
        hung: nowhere,
        slack: "http://127.0.0.1:9/api".to_owned(),
        listen: nowhere,
        admin: nowhere,
    })?;
    let began = SystemClock.now();
    let store = crowd::found(&company).await?;
    let wanted = |held| Wanted {
        held,
        lease: DAY,
        ends_at: None,
    };
    let wanted: Vec<Wanted> = place.crowd().into_iter().map(wanted).collect();
    crowd::grant(&store, &wanted).await?;
    store.close().await?;
    database::forget_effects(&place.store).await?;
    let took = SystemClock.now().millis_since(began);
    println!("{} live grants were made in {took} ms", wanted.len());
    Ok(())
}
