//! The breakglass binary: chooses the TLS provider, then does what the command line says.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Connectors panic at their first use unless one provider is chosen before. A second choice can only be
    // ours again.
    drop(rustls::crypto::ring::default_provider().install_default());
    breakglass::cli::run(std::env::args_os())
}
