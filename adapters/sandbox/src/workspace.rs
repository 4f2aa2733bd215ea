//! What all parts of a running sandbox share.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use crate::options::Options;
use crate::socket::Sockets;
use crate::state::State;

/// What all parts of a running sandbox share.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) options: Options,
    pub(crate) address: SocketAddr,
    pub(crate) sockets: Sockets,
    pub(crate) client: reqwest::Client,
    state: Mutex<State>,
    changes: watch::Sender<u64>,
}

impl Workspace {
    pub(crate) fn new(options: Options, address: SocketAddr) -> Self {
        Self {
            state: Mutex::new(State::new(&options)),
            options,
            address,
            sockets: Sockets::default(),
            client: reqwest::Client::new(),
            changes: watch::Sender::new(0),
        }
    }

    /// Looks at the state.
    pub(crate) fn read<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        look(&self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the state and wakes whoever waits for a change.
    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        let result = change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changes.send_modify(|count| *count += 1);
        result
    }

    /// Counts changes; its receiver wakes at each.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// What counts changes, so that the guild's count too.
    pub(crate) fn counter(&self) -> watch::Sender<u64> {
        self.changes.clone()
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.options.clock.now_ms()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}
