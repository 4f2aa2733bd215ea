//! What all parts of a running guild share.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use ed25519_dalek::SigningKey;
use tokio::sync::watch;

use super::options::{Delivery, Options};
use super::state::State;
use crate::Clock;

/// What all parts of a running guild share.
#[derive(Debug)]
pub(crate) struct Hall {
    pub(super) options: Arc<Options>,
    pub(super) address: SocketAddr,
    pub(super) client: reqwest::Client,
    /// Signs what is delivered over HTTP.
    pub(super) key: SigningKey,
    state: Mutex<State>,
    changes: watch::Sender<u64>,
}

impl Hall {
    /// A guild whose changes count among `changes`, those of the whole sandbox.
    pub(crate) fn new(
        options: Options,
        clock: Clock,
        address: SocketAddr,
        changes: watch::Sender<u64>,
    ) -> Self {
        let options = Arc::new(options);
        Self {
            state: Mutex::new(State::new(Arc::clone(&options), clock)),
            options,
            address,
            client: reqwest::Client::new(),
            key: SigningKey::from_bytes(&rand::random()),
            changes,
        }
    }

    /// Looks at the state.
    pub(super) fn read<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        look(&self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the state and wakes whoever waits for a change.
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        let result = change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changes.send_modify(|count| *count += 1);
        result
    }

    /// Counts changes; its receiver wakes at each.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.read(State::now_ms)
    }

    pub(super) fn now_secs(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }

    /// The key that what is delivered over HTTP can be checked with, in hexadecimal.
    pub(super) fn public_key(&self) -> String {
        hex::encode(self.key.verifying_key().to_bytes())
    }

    /// Where interactions are posted, if they are.
    pub(super) fn endpoint(&self) -> Option<&str> {
        match &self.options.delivery {
            Delivery::Gateway => None,
            Delivery::Http { url } => Some(url),
        }
    }

    /// Where the gateway is.
    pub(super) fn gateway_url(&self) -> String {
        format!("ws://{}/gateway", self.address)
    }
}
