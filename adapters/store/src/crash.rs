//! Where a test kills the process, to see that the next start goes on from there. Nothing in a real build: the
//! feature `crash-points` is the tests' alone.

/// A point between two steps that could be torn apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrashPoint {
    /// An act came in, and isn't written down.
    ActArrived,
    /// It is written down, and not acknowledged.
    ActKept,
    /// A worker has taken it up.
    ActClaimed,
    /// It is carried out, and not marked as done.
    ActDone,
    /// Records are written, and not committed.
    CommitBegun,
    /// They are committed, and nobody knows.
    Committed,
    /// A worker has taken up an effect.
    EffectClaimed,
    /// A target is about to be called.
    TargetToCall,
    /// It has done as it was told, and wasn't read back.
    TargetCalled,
    /// It was read back, and that isn't reported.
    TargetReadBack,
    /// It is reported.
    TargetReported,
    /// A message is about to be sent.
    MessageToSend,
    /// It is there, and nobody knows where.
    MessageSent,
    /// An effect is carried out, and not marked as done.
    EffectDone,
    /// It is marked as done.
    EffectSettled,
}

/// Passes a point; the process ends here if it was told to.
#[cfg(not(feature = "crash-points"))]
#[inline]
pub const fn pass(_: CrashPoint) {}

#[cfg(feature = "crash-points")]
pub use armed::{arm, pass};

#[cfg(feature = "crash-points")]
mod armed {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    use nix::sys::signal::{Signal, raise};

    use super::CrashPoint;

    #[derive(Debug)]
    struct Armed {
        point: CrashPoint,
        left: AtomicU32,
    }

    static ARMED: OnceLock<Armed> = OnceLock::new();

    /// Lets the process be killed when it passes a point for the `nth` time, counted from 1. Once per process.
    pub fn arm(point: CrashPoint, nth: u32) {
        ARMED.get_or_init(|| Armed {
            point,
            left: AtomicU32::new(nth),
        });
    }

    /// Passes a point; the process ends here if it was told to.
    pub fn pass(point: CrashPoint) {
        let Some(armed) = ARMED.get().filter(|armed| armed.point == point) else {
            return;
        };
        if armed.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            // As by `kill -9`: nothing is tidied up and nobody is told.
            while raise(Signal::SIGKILL).is_err() {}
        }
    }
}

impl CrashPoint {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::ActArrived,
        Self::ActKept,
        Self::ActClaimed,
        Self::ActDone,
        Self::CommitBegun,
        Self::Committed,
        Self::EffectClaimed,
        Self::TargetToCall,
        Self::TargetCalled,
        Self::TargetReadBack,
        Self::TargetReported,
        Self::MessageToSend,
        Self::MessageSent,
        Self::EffectDone,
        Self::EffectSettled,
    ];
}
