//! A secret of the config: written in place, or in a file of its own under `KEY_file`.

use std::path::Path;

use breakglass_core::document::{Field, Table};
use secrecy::SecretString;

/// More than any password, token or URL needs; a larger file is not one.
const SECRET_BYTES_MAX: usize = 64 * 1024;

/// The secret under `key`, or in the file that `key_file` names. Both is a fault, neither is `None`.
pub(crate) fn read(table: &Table<'_>, key: &str, directory: &Path) -> Option<SecretString> {
    let (plain, file) = (table.get(key), table.get(&format!("{key}_file")));
    if plain.is_present() && file.is_present() {
        file.fault(format!("write either {key} or {key}_file"));
        return None;
    }
    plain
        .string()
        .map(Into::into)
        .or_else(|| read_file(&file, directory))
}

/// What stands in the file that `field` names, without the newline at its end.
pub(crate) fn read_file(field: &Field<'_>, directory: &Path) -> Option<SecretString> {
    let path = directory.join(field.string()?);
    match std::fs::read_to_string(&path) {
        Ok(text) if text.len() > SECRET_BYTES_MAX => {
            field.fault(format!("{} is too long for a secret", path.display()));
            None
        }
        Ok(text) => Some(text.trim_end_matches(['\r', '\n']).into()),
        Err(error) => {
            field.fault(format!("can't read {}: {error}", path.display()));
            None
        }
    }
}
