//! The names that come back when something is pressed or sent off. Nothing in them is believed.

use breakglass_core::id::RequestId;
use breakglass_core::intent::{Button, Typed};
use breakglass_core::time::Length;

use super::line::units;

/// Characters of a name.
pub(crate) const CUSTOM_ID_MAX: usize = 100;
/// Hex digits of a request's digest that a button carries.
const DIGEST_CHARS: usize = 16;

/// A request form of which nothing is remembered.
pub(super) const NOTHING: &str = "request.-.-.-.0.-";

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CustomId {
    /// A button about a request; told from others of its kind in the message by a number.
    Press {
        button: Button,
        request: RequestId,
        digest: String,
    },
    /// The short form of a button.
    Short {
        button: Button,
        request: RequestId,
        digest: String,
    },
    /// The request form, and what of it has no field there.
    Request(Typed),
    /// Opens the request form again with the words that are kept under this name.
    Again(String),
}

/// `press.approve.BG-4821.0123456789abcdef.0`
pub(super) fn press(button: Button, request: RequestId, digest: &str, index: usize) -> String {
    format!("press.{}.{request}.{digest}.{index}", button.as_str())
}

/// `short.deny.BG-4821.0123456789abcdef`
pub(super) fn short(button: Button, request: RequestId, digest: &str) -> String {
    format!("short.{}.{request}.{digest}", button.as_str())
}

/// `again.0123abcd`
pub(super) fn again(kept: &str) -> String {
    format!("again.{kept}")
}

/// `request.1800.1.-.0.orders-db/admin`: duration, severity, for whom, asked again, target and role; `-` where there is a
/// field for it, or nothing. `None`: it doesn't fit.
pub(super) fn request(typed: &Typed) -> Option<String> {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let access = match (&typed.target, &typed.role) {
        (Some(target), Some(role)) => format!("{target}/{role}"),
        (Some(target), None) => format!("{target}/"),
        (None, _) => "-".to_owned(),
    };
    let id = format!(
        "request.{}.{}.{}.{}.{access}",
        or_dash(typed.duration.map(|length| length.secs().to_string())),
        or_dash(typed.severity.map(|level| level.to_string())),
        or_dash(typed.beneficiary.clone()),
        u8::from(typed.again),
    );
    let plain = typed
        .beneficiary
        .as_deref()
        .is_none_or(|id| !id.contains('.'));
    (plain && units(&id) <= CUSTOM_ID_MAX).then_some(id)
}

/// Takes a name apart; nothing, if we never wrote it so.
pub(crate) fn read(name: &str) -> Option<CustomId> {
    let (kind, rest) = name.split_once('.')?;
    match kind {
        "press" => {
            let (about, _index) = rest.rsplit_once('.')?;
            let (button, request, digest) = about_request(about)?;
            Some(CustomId::Press {
                button,
                request,
                digest,
            })
        }
        "short" => {
            let (button, request, digest) = about_request(rest)?;
            Some(CustomId::Short {
                button,
                request,
                digest,
            })
        }
        "again" => Some(CustomId::Again(rest.to_owned())),
        "request" => Some(CustomId::Request(read_request(rest)?)),
        _ => None,
    }
}

fn about_request(text: &str) -> Option<(Button, RequestId, String)> {
    let mut parts = text.split('.');
    let (button, id, digest) = (parts.next()?, parts.next()?, parts.next()?);
    let lower_hex = |b: u8| b.is_ascii_digit() || matches!(b, b'a'..=b'f');
    let known = digest.is_empty() || digest.len() == DIGEST_CHARS && digest.bytes().all(lower_hex);
    let id = id.starts_with("BG-").then(|| id.parse().ok())??;
    let button = Button::from_action(button)?;
    (known && parts.next().is_none()).then(|| (button, id, digest.to_owned()))
}

fn read_request(rest: &str) -> Option<Typed> {
    let mut parts = rest.splitn(5, '.');
    let mut next = || {
        parts
            .next()
            .map(|part| Some(part).filter(|part| *part != "-"))
    };
    let (secs, severity, beneficiary) = (next()?, next()?, next()?);
    let (again, access) = (next()?, next()?);
    let (target, role) = match access {
        Some(access) => access.split_once('/')?,
        None => ("", ""),
    };
    let named = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Some(Typed {
        target: named(target),
        role: named(role),
        duration: secs
            .and_then(|secs| secs.parse().ok())
            .map(Length::from_secs),
        severity: severity.and_then(|level| level.parse().ok()),
        beneficiary: beneficiary.and_then(named),
        again: again == Some("1"),
        ..Typed::default()
    })
}
