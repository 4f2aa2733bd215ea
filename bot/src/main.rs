//! The breakglass binary: does what the command line says.

use std::process::ExitCode;

use tikv_jemallocator::Jemalloc;

#[global_allocator]
static MEMORY: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    breakglass::cli::run(std::env::args_os())
}
