//! The breakglass binary: does what the command line says.

use std::process::ExitCode;

fn main() -> ExitCode {
    breakglass::cli::run(std::env::args_os())
}
