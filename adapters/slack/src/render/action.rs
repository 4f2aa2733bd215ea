//! The names that come back when something is pressed or sent off.

use breakglass_core::id::RequestId;

/// The request form, and the button that opens it.
pub(crate) const REQUEST: &str = "request";
/// A short form for one button.
pub(crate) const SHORT: &str = "short";
/// Draws a form again that couldn't be filled.
pub(crate) const TRY_AGAIN: &str = "try_again";
/// The global shortcut; the message shortcut's name begins with it.
pub(crate) const SHORTCUT: &str = "breakglass_request";
/// The message shortcut.
pub(crate) const MESSAGE_SHORTCUT: &str = "breakglass_request_about";

/// Hex digits of a request's digest that a button carries.
const DIGEST_CHARS: usize = 16;

/// A button's value: `BG-4821.0123456789abcdef`.
pub(crate) fn value(request: RequestId, digest: &str) -> String {
    format!("{request}.{digest}")
}

/// Takes a button's value apart; nothing, if we never wrote it so.
pub(crate) fn read_value(value: &str) -> Option<(RequestId, String)> {
    let (id, digest) = value.split_once('.')?;
    let lower_hex = |b: u8| b.is_ascii_digit() || matches!(b, b'a'..=b'f');
    let known = digest.is_empty() || digest.len() == DIGEST_CHARS && digest.bytes().all(lower_hex);
    let id = id.starts_with("BG-").then(|| id.parse().ok())??;
    known.then(|| (id, digest.to_owned()))
}
