//! The breakglass binary, which kills itself at the point that `BREAKGLASS_TEST_CRASH` names, as `POINT:NTH`.

use std::process::ExitCode;

use breakglass_store::crash::{CrashPoint, arm};

fn main() -> ExitCode {
    #[expect(
        clippy::disallowed_methods,
        reason = "the test that starts it says where it dies"
    )]
    let wanted = std::env::var("BREAKGLASS_TEST_CRASH").unwrap_or_default();
    if let Some((name, nth)) = wanted.split_once(':') {
        let named = |point: &CrashPoint| format!("{point:?}") == name;
        match (CrashPoint::ALL.into_iter().find(named), nth.parse()) {
            (Some(point), Ok(nth)) => arm(point, nth),
            _ => return ExitCode::from(2),
        }
    }
    breakglass::cli::run(std::env::args_os())
}
