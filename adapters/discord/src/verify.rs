//! Who is knocking: signatures and age of HTTP requests, replays, and whether an interaction is ours.

mod envelope;
mod seen;
mod signature;
#[cfg(test)]
mod tests;

pub(crate) use self::envelope::{Envelope, Ours, member};
pub(crate) use self::seen::Seen;
pub(crate) use self::signature::{AGE_SECS_MAX, Key, check};
