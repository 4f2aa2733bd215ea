//! What made us stop believing the database.

use breakglass_core::log::{HeadError, Tampering};

use crate::audit::Audited;

/// What made us stop believing the database. Until somebody looked at it and the server was started again,
/// nothing is granted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// The head isn't signed by us.
    #[error("{0}")]
    Head(HeadError),
    /// There are records or requests, and no head.
    #[error("the log has no head")]
    NoHead,
    /// The head fits neither its own edge of the tree nor the records.
    #[error("the records do not come to the signed root")]
    Root,
    /// The log is shorter than it was: a backup was put back, or somebody cut it.
    #[error("the log has {size} records, and had {older}: it was cut, or an old copy was put back")]
    Cut {
        /// How many it has.
        size: u64,
        /// How many it had.
        older: u64,
    },
    /// The log does not begin with the one that we saw before.
    #[error("the log is another than the one we signed at {older} records")]
    Forked {
        /// How many the one that we saw had.
        older: u64,
    },
    /// A record that was not written by us.
    #[error("record {0} was added by somebody else")]
    Added(u64),
    /// A record isn't what it was.
    #[error("record {0} was changed or dropped")]
    Record(u64),
    /// A request, a holding or the house isn't as the log left it.
    #[error("{0} is not as the log left it")]
    State(String),
    /// The policy in force has another text than it had.
    #[error("a policy's text is not the one that was in force")]
    Policy,
}

impl Distrust {
    /// What a check of the whole database found, if anything.
    pub(crate) fn of(audited: &Audited) -> Option<Self> {
        match &audited.log {
            Err(tampering) => Some(tampering.clone().into()),
            Ok(_) => audited.differs.first().cloned().map(Self::State),
        }
    }
}

impl From<HeadError> for Distrust {
    fn from(error: HeadError) -> Self {
        Self::Head(error)
    }
}

impl From<Tampering> for Distrust {
    fn from(tampering: Tampering) -> Self {
        match tampering {
            Tampering::Cut { size, older } => Self::Cut { size, older },
            Tampering::Forked { size } => Self::Forked { older: size },
            Tampering::Added { seq, .. } => Self::Added(seq),
            Tampering::Missing { seq }
            | Tampering::Changed { seq }
            | Tampering::Malformed { seq, .. } => Self::Record(seq),
            Tampering::Rewritten { .. } | Tampering::Head { .. } => Self::Root,
        }
    }
}
