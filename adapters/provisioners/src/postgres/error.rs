//! What an error of the driver or the server means for us. No text of ours holds a secret.

use std::io::ErrorKind;
use std::time::Duration;

use breakglass_core::port::provisioner::ProvisionError;
use sqlx::Error;
use sqlx::error::DatabaseError;

/// `BG001` in `provision.sql`.
const TOO_LATE: &str = "BG001";
/// `BG002` in `provision.sql`.
const REFUSED: &str = "BG002";
/// `BG003` in `deprovision.sql`.
const SESSION_STAYS: &str = "BG003";
/// `BG004` in both.
const CAME_LATE: &str = "BG004";
/// What is shown of a server's message.
const MESSAGE_CHARS_MAX: usize = 300;

/// The error of an attempt to connect: nothing was changed.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the driver's errors may grow"
)]
pub(super) fn connecting(error: &Error) -> ProvisionError {
    match error {
        Error::Database(database) => {
            let text = format!("can't log in: {}", message(database.message()));
            match database.code().as_deref() {
                // Wrong password or no entry in pg_hba.conf; no such database; no right to connect to it.
                Some(code) if code.starts_with("28") || matches!(code, "3D000" | "42501") => {
                    ProvisionError::Refused(text)
                }
                _ => ProvisionError::Unavailable(text),
            }
        }
        Error::Tls(why) => ProvisionError::Refused(format!("can't connect safely: {why}")),
        // What rustls says of a certificate comes as this kind.
        Error::Io(why) if why.kind() == ErrorKind::InvalidData => {
            ProvisionError::Refused(format!("can't connect safely: {why}"))
        }
        Error::Configuration(_) => {
            ProvisionError::Refused("the connection is configured wrongly".into())
        }
        other => ProvisionError::Unavailable(format!("can't connect: {}", reason(other))),
    }
}

/// Nobody answered an attempt to connect.
pub(super) fn silent(limit: Duration) -> ProvisionError {
    ProvisionError::Unavailable(format!("no answer within {} s", limit.as_secs()))
}

/// The error of a call on a connection that worked.
pub(super) fn calling(error: &Error) -> ProvisionError {
    let Error::Database(database) = error else {
        return ProvisionError::Unknown(format!("the connection was lost: {}", reason(error)));
    };
    let text = message(database.message());
    let code = database.code().unwrap_or_default();
    match &*code {
        TOO_LATE => ProvisionError::TooLate,
        REFUSED => ProvisionError::Refused(text),
        SESSION_STAYS | CAME_LATE => ProvisionError::Unavailable(text),
        // A standby: until somebody fails over, or fails back.
        "25006" => ProvisionError::Unavailable(text),
        // Deadlock, serialisation, a lock or statement that took too long, a row that two wrote at once.
        "40001" | "40P01" | "55P03" | "57014" | "23505" | "XX000" => {
            ProvisionError::Unavailable(text)
        }
        // The server goes down or went down; a commit may have come before.
        "57P01" | "57P02" | "57P03" => ProvisionError::Unknown(text),
        code if code.starts_with("08") => ProvisionError::Unknown(text),
        // Out of memory, disk or connections; errors of the operating system.
        code if code.starts_with("53") || code.starts_with("58") => {
            ProvisionError::Unavailable(text)
        }
        // No right, no such role, a circle of memberships, a language that was dropped: somebody must mend it.
        _ => ProvisionError::Refused(text),
    }
}

/// Did the server answer, so that the connection can be used again?
pub(super) fn spares_connection(error: &Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    code.is_some_and(|code| {
        !["57P", "08", "XX"]
            .iter()
            .any(|fatal| code.starts_with(fatal))
    })
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the driver's errors may grow"
)]
fn reason(error: &Error) -> String {
    match error {
        Error::Io(error) => error.to_string(),
        Error::Protocol(_) => "the other side doesn't speak PostgreSQL's protocol".into(),
        other => message(&other.to_string()),
    }
}

fn message(text: &str) -> String {
    breakglass_core::text::clean(text)
        .replace(['\n', '\t'], " ")
        .chars()
        .take(MESSAGE_CHARS_MAX)
        .collect()
}
