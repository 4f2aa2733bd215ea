//! Misbehaviour on request: the ways in which the real service lets an app down.

use std::time::Duration;

use serde_json::Value;

use crate::fault::{Faults, take_one};

/// What happens to a call of the REST API instead of a proper answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// Not carried out: 429 of the call's own bucket, with `retry_after` in seconds.
    RateLimited {
        /// How long to wait.
        retry_after_secs: f64,
    },
    /// Not carried out: 429 of the whole bot.
    GloballyLimited {
        /// How long to wait.
        retry_after_secs: f64,
    },
    /// Not carried out: 500 with a page in it.
    ServerError,
    /// Not carried out: 503 in Discord's own JSON.
    Unavailable,
    /// Not carried out, and no answer ever comes.
    Hang,
    /// Carried out, but no answer ever comes.
    LostAnswer,
    /// Carried out, but the connection breaks before the answer is whole.
    Dropped,
}

/// The misbehaviour that is still to come.
#[derive(Debug, Default)]
pub(super) struct Mischief {
    /// Of calls, by method and route, such as `POST /channels/{channel_id}/messages`.
    pub(super) calls: Faults<Fault>,
    /// How many of the next interactions are delivered twice.
    pub(super) doubled: u32,
    /// How many of the next interactions never leave.
    pub(super) lost: u32,
    /// First answers count only so much later than they came in.
    pub(super) answer_delay: Duration,
    /// What is put over the next payload on its way.
    pub(super) doctored: Option<Value>,
    /// The newest HTTP delivery: its time stamp and body.
    pub(super) posted: Option<(i64, String)>,
    /// How many of the next heartbeats get no acknowledgement.
    pub(super) deaf: u32,
}

impl Mischief {
    /// Counts one delivery; whether it is lost.
    pub(super) fn take_lost(&mut self) -> bool {
        take_one(&mut self.lost)
    }

    /// Counts one delivery; whether it is made twice.
    pub(super) fn take_doubled(&mut self) -> bool {
        take_one(&mut self.doubled)
    }

    /// Counts one heartbeat; whether it stays without an acknowledgement.
    pub(super) fn take_deaf(&mut self) -> bool {
        take_one(&mut self.deaf)
    }
}
