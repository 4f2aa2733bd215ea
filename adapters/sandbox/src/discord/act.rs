//! People acting in the guild: what the tests call, and the web page too.

mod click;
mod forge;
mod form;
mod people;
mod say;
mod slash;

pub use forge::Forgery;

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::message::{Message, MessageId};
use super::modal::Modal;
use super::permission::Permissions;
use super::state::State;
use crate::act::ActError;

/// The app's first answer to what somebody did.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// What it answered.
    pub answer: Answer,
    /// How long it took.
    pub took: Duration,
}

/// What the app answers first.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// With a message.
    Message(Message),
    /// That a message will come; the message says until then that the app is thinking.
    Deferred(Message),
    /// That it has understood; nothing is seen of that.
    DeferredUpdate,
    /// By changing the message whose button or select it was.
    Updated(Message),
    /// With what the option that is being typed can be completed to.
    Choices(Vec<Choice>),
    /// With a form to fill in.
    Modal(Modal),
}

/// What an option can be completed to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Choice {
    /// What people see.
    pub name: String,
    /// What the app gets.
    pub value: Value,
}

impl State {
    /// Checks that somebody is in the guild and is no bot.
    fn actor(&self, user: &str) -> Result<(), ActError> {
        let person = self.member(user).filter(|member| !member.is_bot);
        person
            .map(|_| ())
            .ok_or_else(|| ActError::NoSuchPerson(user.to_owned()))
    }

    /// Checks that somebody sees a channel. Who has left sees their direct messages still.
    ///
    /// Who is timed out may act: Discord's client would not let them, but what they did a moment before arrives.
    fn actor_in(&self, user: &str, channel: &str) -> Result<(), ActError> {
        let elsewhere = || ActError::NotInChannel {
            person: user.to_owned(),
            channel: channel.to_owned(),
        };
        let room = self.room(channel).ok_or_else(elsewhere)?;
        if !room.is_direct() {
            self.actor(user)?;
        }
        let may = self.may_in(user, room);
        may.contains(Permissions::VIEW_CHANNEL)
            .then_some(())
            .ok_or_else(elsewhere)
    }

    /// The message, if somebody sees it.
    fn visible(&self, user: &str, id: &MessageId) -> Result<Message, ActError> {
        self.actor_in(user, &id.channel)?;
        let found = self.message(id).filter(|message| message.is_for(user));
        found.cloned().ok_or_else(|| ActError::NoSuchMessage {
            person: user.to_owned(),
            channel: id.channel.clone(),
            ts: id.id.clone(),
        })
    }
}
