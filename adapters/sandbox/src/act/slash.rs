//! Typing a slash command.

use serde_json::Value;

use super::ActError;
use crate::ack::{Ack, Undelivered};
use crate::deliver::{Kind, Parcel, deliver, record};
use crate::message::Message;
use crate::payload::Scribe;
use crate::sandbox::Sandbox;
use crate::state::State;

/// A slash command that the app has acknowledged.
#[derive(Clone, Debug, PartialEq)]
pub struct Slashed {
    /// The app's acknowledgement.
    pub ack: Ack,
    /// The message in it, as it now stands in the channel.
    pub shown: Option<Message>,
}

impl Sandbox {
    /// `user` types `command` (with its slash) and `text` in `channel`. Mentions in the text, as
    /// `@handle` or `#channel`, reach the app as Slack writes them if the command asks for it.
    pub async fn slash(
        &self,
        user: &str,
        channel: &str,
        command: &str,
        text: &str,
    ) -> Result<Slashed, ActError> {
        let workspace = &self.workspace;
        let commands = &workspace.options.app.commands;
        let registered = commands
            .iter()
            .find(|registered| registered.name == command);
        let registered = registered.ok_or_else(|| ActError::NotOffered(command.to_owned()))?;
        let payload = workspace.change(|state| {
            state.actor_in(user, channel)?;
            let text = if registered.escapes {
                escaped(state, text)
            } else {
                text.trim().to_owned()
            };
            let now_ms = workspace.now_ms();
            let mut scribe = Scribe {
                workspace,
                state,
                user,
                now_ms,
            };
            Ok::<_, ActError>(scribe.slash(channel, command, &text))
        })?;
        let parcel = Parcel {
            kind: Kind::SlashCommand,
            payload,
            answerable: true,
        };
        let ack = match deliver(workspace, parcel).await {
            Ok(ack) => ack,
            Err(fault) => {
                self.tell_failed(user, channel, command, &fault);
                return Err(fault.into());
            }
        };
        let shown = self.show_answer(user, channel, &ack.payload);
        let shown = record(workspace, "slash_command", &ack, shown)?;
        Ok(Slashed { ack, shown })
    }

    /// What people read when a command failed; only they see it.
    fn tell_failed(&self, user: &str, channel: &str, command: &str, fault: &Undelivered) {
        let text = format!("{command} failed with the error \"{}\"", fault.code());
        self.workspace.change(|state| {
            let message = Message {
                only_for: Some(user.to_owned()),
                ..Message::draft(state, &self.workspace, channel, text, Vec::new())
            };
            state.post(Message {
                author: "USLACKBOT".into(),
                ..message
            });
        });
    }

    /// Posts the message that an acknowledgement carries, if it carries one.
    fn show_answer(
        &self,
        user: &str,
        channel: &str,
        answer: &Value,
    ) -> Result<Option<Message>, ActError> {
        let text = answer["text"].as_str().unwrap_or_default();
        let blocks = answer.get("blocks").filter(|blocks| !blocks.is_null());
        if text.is_empty() && blocks.is_none() {
            return Ok(None);
        }
        let blocks = match blocks {
            Some(blocks) => crate::blocks::message(blocks)?,
            None => Vec::new(),
        };
        let only_for = (answer["response_type"] != "in_channel").then(|| user.to_owned());
        Ok(Some(self.workspace.change(|state| {
            let text = text.to_owned();
            let draft = Message::draft(state, &self.workspace, channel, text, blocks);
            let message = Message { only_for, ..draft };
            state.post(message.clone());
            message
        })))
    }
}

/// `text` with mentions and markup characters as Slack writes them.
fn escaped(state: &State, text: &str) -> String {
    let text = text
        .trim()
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let words = text.split_inclusive(char::is_whitespace);
    words
        .map(|word| mention(state, word).unwrap_or_else(|| word.to_owned()))
        .collect()
}

/// `@handle` or `#channel` as Slack writes it, with the whitespace and stops after it.
fn mention(state: &State, word: &str) -> Option<String> {
    let bare = word
        .trim_end()
        .trim_end_matches(['.', ',', ';', ':', '!', '?']);
    let tail = &word[bare.len()..];
    let mention = match bare.split_at_checked(1)? {
        ("@", handle) => {
            let person = state.people.iter().find(|person| person.handle == handle);
            let group = state.usergroups.iter().find(|group| group.handle == handle);
            let person = person.map(|person| format!("<@{}|{}>", person.id, person.handle));
            person.or_else(|| group.map(|g| format!("<!subteam^{}|@{}>", g.id, g.handle)))?
        }
        ("#", name) => {
            let room = state.rooms.iter().find(|room| room.channel.name == name)?;
            format!("<#{}|{}>", room.channel.id, room.channel.name)
        }
        _ => return None,
    };
    Some(mention + tail)
}
