//! The command line: what it takes, and one file for each command.
//!
//! A command is a struct that clap fills, with a `run` that gets the [`Session`] and says how it ended.
//! Facts go to stdout and talk to stderr, both through [`output`] alone.

mod answer;
mod audit;
mod check;
#[cfg(feature = "sandbox")]
mod demo;
#[cfg(feature = "sandbox")]
mod demo_target;
mod discord;
mod doctor;
mod grants;
mod list;
mod lockdown;
mod migrate;
pub mod output;
mod people;
mod policy;
mod requests;
mod reviews;
mod serve;
mod session;
mod slack;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

pub use output::Output;
pub use session::Session;

use crate::environment::Environment;

/// Emergency access by chat: policy decides, people approve, access ends by itself, the log proves it.
#[derive(Debug, Parser)]
#[command(
    name = "breakglass",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
struct CommandLine {
    #[command(flatten)]
    everywhere: Everywhere,
    #[command(subcommand)]
    command: Command,
}

const CONFIG_HELP: &str =
    "The service's configuration [default: breakglass.toml, else what BREAKGLASS_CONFIG names]";

/// What every command takes.
#[derive(Debug, Args)]
struct Everywhere {
    #[arg(long, global = true, value_name = "FILE", help = CONFIG_HELP)]
    config: Option<PathBuf>,
    /// Print facts as JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[cfg(feature = "sandbox")]
    Demo(demo::Demo),
    #[cfg(feature = "sandbox")]
    #[command(hide = true)]
    DemoTarget(demo_target::DemoTarget),
    Serve(serve::Serve),
    Check(check::Check),
    Doctor(doctor::Doctor),
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    #[command(subcommand)]
    Migrate(migrate::Migrate),
    #[command(subcommand)]
    Requests(requests::Requests),
    #[command(subcommand)]
    Grants(grants::Grants),
    #[command(subcommand)]
    Lockdown(lockdown::Lockdown),
    #[command(subcommand)]
    Reviews(reviews::Reviews),
    #[command(subcommand)]
    Audit(audit::Audit),
    #[command(subcommand)]
    Slack(slack::Slack),
    #[command(subcommand)]
    Discord(discord::Discord),
    #[command(subcommand)]
    People(people::People),
}

/// How a command ended. The numbers are part of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// As asked.
    Done = 0,
    /// Not done, or faults were found.
    NotDone = 1,
    /// The log was tampered with.
    Tampering = 3,
}

/// Does what `arguments` say, the program's name first. Wrong usage ends with 2, which clap does by itself.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    // Connectors panic at their first use unless one TLS provider is chosen before. A second choice can only be
    // ours again.
    drop(rustls::crypto::ring::default_provider().install_default());
    let line = match CommandLine::try_parse_from(arguments) {
        Ok(line) => line,
        Err(error) => return output::usage(&error),
    };
    let output = Output::new(line.everywhere.json);
    let session = Session::new(output, line.everywhere.config, Environment::of_process());
    let outcome = match line.command {
        #[cfg(feature = "sandbox")]
        Command::Demo(demo) => demo.run(&session),
        #[cfg(feature = "sandbox")]
        Command::DemoTarget(target) => return target.run(),
        Command::Serve(serve) => serve.run(&session),
        Command::Check(check) => check.run(&session),
        Command::Doctor(doctor) => doctor.run(&session),
        Command::Policy(policy) => policy.run(&session),
        Command::Migrate(migrate) => migrate.run(&session),
        Command::Requests(requests) => requests.run(&session),
        Command::Grants(grants) => grants.run(&session),
        Command::Lockdown(lockdown) => lockdown.run(&session),
        Command::Reviews(reviews) => reviews.run(&session),
        Command::Audit(audit) => audit.run(&session),
        Command::Slack(slack) => slack.run(&session),
        Command::Discord(discord) => discord.run(&session),
        Command::People(people) => people.run(&session),
    };
    let exit = outcome.unwrap_or_else(|error| {
        output::trouble(error);
        Exit::NotDone
    });
    ExitCode::from(exit as u8)
}

#[cfg(test)]
mod tests;
