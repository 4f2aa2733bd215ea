//! Makes the ids and tokens that Slack would make.

use rand::Rng;
use rand::distr::Alphanumeric;

/// `length` random letters and digits.
pub(crate) fn word(length: usize) -> String {
    rand::rng()
        .sample_iter(Alphanumeric)
        .take(length)
        .map(char::from)
        .collect()
}

/// An id as Slack writes them: a letter for the kind, then capitals and digits.
pub(crate) fn id(prefix: &str) -> String {
    const CAPITALS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut rng = rand::rng();
    let tail = (0..9).map(|_| char::from(CAPITALS[rng.random_range(0..CAPITALS.len())]));
    format!("{prefix}0{}", tail.collect::<String>())
}

/// An envelope id: 32 hexadecimal digits in the groups of a UUID.
pub(crate) fn uuid() -> String {
    let hex = hex::encode(rand::rng().random::<[u8; 16]>());
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

/// A trigger id: two numbers and 32 hexadecimal digits, joined by dots.
pub(crate) fn trigger() -> String {
    let mut rng = rand::rng();
    let (left, right): (u32, u32) = (rng.random(), rng.random());
    format!("{left}.{right}.{}", hex::encode(rng.random::<[u8; 16]>()))
}
