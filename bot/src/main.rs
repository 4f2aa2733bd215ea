//! The breakglass binary: installs the TLS provider, then does what the command line says.
fn main() {}
