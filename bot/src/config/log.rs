//! `[log]`: the name, the key and the checkpoint of the log.

use std::path::PathBuf;

use super::Section;

/// `[log]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfig {
    /// Names the log in its checkpoints (C2SP tlog-checkpoint: no spaces, no plus sign).
    pub origin: String,
    /// The Ed25519 key that signs each head.
    pub key_file: PathBuf,
    /// The newest signed checkpoint.
    pub checkpoint_file: PathBuf,
}

impl LogConfig {
    pub(super) fn read(section: &Section<'_, '_>) -> Option<Self> {
        let origin = section.need("origin");
        let key_file = section.path_or("key_file", "log.key");
        let checkpoint_file = section.path_or("checkpoint_file", "checkpoint");
        let named = |origin: &String| {
            !origin.is_empty()
                && !origin.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
        };
        if origin.as_ref().is_some_and(|origin| !named(origin)) {
            section.fault(
                "origin",
                "write a name like breakglass.example.com/log, without spaces or +",
            );
        }
        Some(Self {
            origin: origin.filter(named)?,
            key_file: key_file?,
            checkpoint_file: checkpoint_file?,
        })
    }
}
