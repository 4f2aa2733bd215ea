//! Secrets: given in place, or read once from a file of their own.

use std::path::Path;

use secrecy::SecretString;

/// Far above any token or key; a larger file is the wrong file.
const BYTES_MAX: u64 = 64 * 1024;

/// A secret that stood in place.
pub(super) fn of_text(text: String) -> Result<SecretString, String> {
    if text.trim().is_empty() {
        Err("is empty".to_owned())
    } else {
        Ok(text.into())
    }
}

/// The content of `file` without the white space around it.
pub(super) fn of_file(file: &Path) -> Result<SecretString, String> {
    let shown = file.display();
    let size = std::fs::metadata(file)
        .map_err(|error| format!("can't read {shown}: {error}"))?
        .len();
    if size > BYTES_MAX {
        return Err(format!("{shown} is too large for a secret ({size} bytes)"));
    }
    let text =
        std::fs::read_to_string(file).map_err(|error| format!("can't read {shown}: {error}"))?;
    if text.trim().is_empty() {
        return Err(format!("{shown} is empty"));
    }
    Ok(text.trim().into())
}
