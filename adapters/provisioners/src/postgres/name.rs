//! Names of roles and logins: which can exist, and how they are written in SQL.

/// PostgreSQL's `NAMEDATALEN` less its closing NUL. It cuts longer names silently, which could mean another role.
const NAME_BYTES_MAX: usize = 63;

/// Can a role have this name?
pub(super) fn can_exist(name: &str) -> bool {
    !name.is_empty() && name.len() <= NAME_BYTES_MAX && !name.contains('\0')
}

/// The name as an identifier. For people: what we send ourselves is quoted by the server.
pub(super) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The name as a text, with PostgreSQL's standard strings.
pub(super) fn literal(name: &str) -> String {
    format!("'{}'", name.replace('\'', "''"))
}
