//! Misbehaviour on request: the ways in which the real service lets an app down.

use std::time::Duration;

use serde_json::Value;

use crate::discord::Guild;
use crate::discord::fault::{Fault, Mischief};
use crate::discord::state::State;

impl Guild {
    /// The next `times` calls of a route end in `fault`. Routes are named as in Discord's description of its API:
    /// `POST /channels/{channel_id}/messages`; `*` is any.
    pub fn fail(&self, route: &str, times: usize, fault: Fault) {
        self.hall
            .change(|state| state.mischief.calls.add(route, times, fault));
    }

    /// Everything works again.
    pub fn heal(&self) {
        self.hall
            .change(|state| state.mischief = Mischief::default());
    }

    /// The next `times` interactions are delivered twice.
    pub fn deliver_twice(&self, times: u32) {
        self.hall.change(|state| state.mischief.doubled = times);
    }

    /// The next `times` interactions never reach the app.
    pub fn lose_deliveries(&self, times: u32) {
        self.hall.change(|state| state.mischief.lost = times);
    }

    /// First answers count only so much later than they came in.
    pub fn delay_answers(&self, delay: Duration) {
        self.hall
            .change(|state| state.mischief.answer_delay = delay);
    }

    /// These fields are put over the payload of the next interaction, at any depth: what an app is told that
    /// isn't so, such as `{"application_id": "1"}` or `{"member": {"user": {"bot": true}}}`.
    pub fn doctor_next(&self, changes: Value) {
        self.hall
            .change(|state| state.mischief.doctored = Some(changes));
    }

    /// All connections to the gateway go away without a word; their sessions can be resumed.
    pub fn drop_connections(&self) {
        self.hall.change(State::drop_connections);
    }

    /// All connections to the gateway are closed with this code; their sessions can be resumed.
    pub fn close_connections(&self, code: u16) {
        self.hall.change(|state| state.close_connections(code));
    }

    /// All clients are told to reconnect (op 7), and to resume.
    pub fn ask_to_reconnect(&self) {
        self.hall.change(State::ask_to_reconnect);
    }

    /// All clients are told that their session is not valid (op 9), and it is forgotten.
    pub fn invalidate_sessions(&self) {
        self.hall.change(State::invalidate);
    }

    /// All clients are told that their session is not valid now, but can be resumed (op 9).
    pub fn ask_to_resume(&self) {
        self.hall.change(State::ask_to_resume);
    }

    /// All sessions are forgotten without a word: a client finds out when it resumes.
    pub fn forget_sessions(&self) {
        self.hall.change(|state| {
            state.drop_connections();
            state.sessions.clear();
        });
    }

    /// The next `times` heartbeats get no acknowledgement, as on a connection that is dead and doesn't know it.
    pub fn ignore_heartbeats(&self, times: u32) {
        self.hall.change(|state| state.mischief.deaf = times);
    }
}
