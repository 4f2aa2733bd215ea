//! People acting in the workspace: what the tests call, and the web page too.

mod click;
mod form;
mod home;
mod say;
mod slash;
mod suggest;

pub use form::Submitted;
pub use slash::Slashed;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::ack::{Ack, Undelivered};
use crate::blocks::Problems;
use crate::control::NoSuchOption;
use crate::message::Message;
use crate::state::State;
use crate::view::View;

/// Why somebody could not do what they tried, or what came of it.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// Nobody with this user id can sign in.
    #[error("{0} has no account here, or can't sign in")]
    NoSuchPerson(String),
    /// No such channel, or the person is not in it.
    #[error("{person} is in no channel {channel}")]
    NotInChannel {
        /// Who tried.
        person: String,
        /// Where.
        channel: String,
    },
    /// No such message, or the person can't see it.
    #[error("no message {ts} in {channel} that {person} can see")]
    NoSuchMessage {
        /// Who tried.
        person: String,
        /// Where.
        channel: String,
        /// The time stamp they gave.
        ts: String,
    },
    /// The person has no such view open.
    #[error("{person} has no view {view} open")]
    NoSuchView {
        /// Who tried.
        person: String,
        /// The view id they gave.
        view: String,
    },
    /// No such button, select or input; what is there instead.
    #[error("nothing here is called {wanted:?}; there is {there:?}")]
    NoSuchControl {
        /// The label, action id or block id they gave.
        wanted: String,
        /// What they could have meant.
        there: Vec<String>,
    },
    /// No such option in a select; what is offered instead.
    #[error("no option {wanted:?}; offered are {there:?}")]
    NoSuchOption {
        /// The value or label they gave.
        wanted: String,
        /// The labels that are offered.
        there: Vec<String>,
    },
    /// The app has no such command or shortcut.
    #[error("the app has nothing called {0}")]
    NotOffered(String),
    /// The form can't be sent yet: why, by block id.
    #[error("the form can't be sent yet: {0:?}")]
    Incomplete(BTreeMap<String, String>),
    /// The app was not reached, or did not answer in time.
    #[error(transparent)]
    Undelivered(#[from] Undelivered),
    /// The app's answer is one that Slack would refuse.
    #[error("the app's answer is not valid: {0}")]
    BadAnswer(String),
}

impl ActError {
    /// What is wrong with the fields of a form, by block id.
    pub(crate) fn field_faults(&self) -> BTreeMap<String, String> {
        if let Self::Incomplete(faults) = self {
            faults.clone()
        } else {
            BTreeMap::new()
        }
    }
}

impl From<NoSuchOption> for ActError {
    fn from(fault: NoSuchOption) -> Self {
        Self::NoSuchOption {
            wanted: fault.wanted,
            there: fault.offered,
        }
    }
}

/// A click or a choice that the app has acknowledged.
#[derive(Clone, Debug, PartialEq)]
pub struct Acted {
    /// The app's acknowledgement; nothing if the app is told only when the form is sent.
    pub ack: Option<Ack>,
}

impl State {
    /// The person, if they can act.
    fn actor(&self, user: &str) -> Result<(), ActError> {
        let person = self.person(user).filter(|person| person.can_act());
        person
            .map(|_| ())
            .ok_or_else(|| ActError::NoSuchPerson(user.to_owned()))
    }

    /// Checks that `user` can act in `channel`: public channels are open to members of the team.
    fn actor_in(&self, user: &str, channel: &str) -> Result<(), ActError> {
        self.actor(user)?;
        let is_in = self.room(channel).is_some_and(|room| room.has_member(user));
        is_in.then_some(()).ok_or_else(|| ActError::NotInChannel {
            person: user.to_owned(),
            channel: channel.to_owned(),
        })
    }

    /// Keeps what was entered into an element of a view.
    fn keep(&mut self, view_id: &str, control: &crate::control::Control<'_>, value: Value) {
        if let Some(view) = self.views.get_mut(view_id) {
            let block = view.entries.entry(control.block_id.to_owned()).or_default();
            block.insert(control.action_id().to_owned(), value);
        }
    }

    /// The message, if `user` can see it.
    fn visible(&self, user: &str, channel: &str, ts: &str) -> Result<Message, ActError> {
        self.actor_in(user, channel)?;
        let room = self.room(channel).into_iter();
        let found = room.flat_map(|room| &room.messages).find(|message| {
            message.ts == ts && message.only_for.as_deref().is_none_or(|only| only == user)
        });
        found.cloned().ok_or_else(|| ActError::NoSuchMessage {
            person: user.to_owned(),
            channel: channel.to_owned(),
            ts: ts.to_owned(),
        })
    }

    /// The view, if it is the one that `user` sees, or their Home tab.
    fn open_to(&self, user: &str, view: &str) -> Result<View, ActError> {
        self.actor(user)?;
        let is_home = self.homes.get(user).is_some_and(|home| home == view);
        let is_top = self.top_view(user).is_some_and(|top| top.id == view);
        let found = self.views.get(view).filter(|_| is_home || is_top);
        found.cloned().ok_or_else(|| ActError::NoSuchView {
            person: user.to_owned(),
            view: view.to_owned(),
        })
    }
}

/// Finds the control that people mean by `wanted`.
fn control<'a>(blocks: &'a [Value], wanted: &str) -> Result<crate::control::Control<'a>, ActError> {
    let controls = crate::control::controls(blocks);
    let found = controls.iter().find(|control| control.is_called(wanted));
    found.copied().ok_or_else(|| ActError::NoSuchControl {
        wanted: wanted.to_owned(),
        there: controls
            .iter()
            .map(|control| control.label().to_owned())
            .collect(),
    })
}

impl From<Problems> for ActError {
    fn from(problems: Problems) -> Self {
        Self::BadAnswer(problems.to_string())
    }
}
