//! All files of a policy as one text, which is hashed, kept in the log, and read back.

use sha2::{Digest, Sha256};

use crate::document::{Faults, Place, SourceFile};
use crate::id::PolicyHash;

const HEADING: &str = "== ";

/// Joins files: before each a line `== BYTES NAME`, after each a newline. The first stays first, the
/// others are sorted by name, so that the order in which a disk lists them doesn't matter.
pub(super) fn to_text(files: &[SourceFile]) -> String {
    let mut whole = String::new();
    for SourceFile { name, text } in in_order(files) {
        let bytes = text.len().to_string();
        whole.extend([HEADING, &bytes, " ", name, "\n", text, "\n"]);
    }
    whole
}

/// The files in the order that counts: as [`to_text`] joins them.
pub(super) fn in_order(files: &[SourceFile]) -> Vec<&SourceFile> {
    let mut ordered: Vec<_> = files.iter().collect();
    if let Some((_, included)) = ordered.split_first_mut() {
        included.sort_by(|a, b| a.name.cmp(&b.name));
    }
    ordered
}

/// Takes apart what [`to_text`] joined.
pub(super) fn from_text(text: &str) -> Result<Vec<SourceFile>, Faults> {
    let mut files = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let Some((file, after)) = first_file(rest) else {
            let place = Place {
                file: "policy".into(),
                line: 1,
                column: 1,
                key: String::new(),
            };
            return Err(Faults(vec![
                place.fault("this is not the text of a policy as we keep it"),
            ]));
        };
        files.push(file);
        rest = after;
    }
    Ok(files)
}

/// The name of the policy with this text.
pub(super) fn hash(text: &str) -> PolicyHash {
    PolicyHash::from_sha256(Sha256::digest(text.as_bytes()).into())
}

fn first_file(text: &str) -> Option<(SourceFile, &str)> {
    let (heading, rest) = text.split_once('\n')?;
    let (bytes, name) = heading.strip_prefix(HEADING)?.split_once(' ')?;
    let (text, after) = rest.split_at_checked(bytes.parse().ok()?)?;
    let file = SourceFile {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    Some((file, after.strip_prefix('\n')?))
}
