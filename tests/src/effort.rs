//! How much is tried: a little each time, and as much as `tests/prove` is told.

/// What `tests/prove` says by this name, else `usual`.
pub fn effort(name: &str, usual: u32) -> u32 {
    #[expect(clippy::disallowed_methods, reason = "tests/prove says how much")]
    let told = std::env::var(name).ok();
    told.and_then(|told| told.parse().ok()).unwrap_or(usual)
}
