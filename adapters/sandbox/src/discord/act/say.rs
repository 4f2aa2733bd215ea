//! Saying something in plain words.

use serde_json::Value;

use crate::act::ActError;
use crate::discord::Guild;
use crate::discord::gateway::Event;
use crate::discord::message::Message;
use crate::discord::permission::Permissions;

impl Guild {
    /// `user` says `content` in a channel, a thread, or their direct message with the app.
    pub fn say(&self, user: &str, channel: &str, content: &str) -> Result<Message, ActError> {
        self.hall.change(|state| {
            let id = state
                .direct(user)
                .filter(|_| channel == user)
                .map(|room| room.channel.id.clone());
            let channel = id.unwrap_or_else(|| channel.to_owned());
            state.actor_in(user, &channel)?;
            let may = state
                .room(&channel)
                .map_or(Permissions::NONE, |room| state.may_in(user, room));
            let is_thread = state
                .room(&channel)
                .is_some_and(|room| room.parent().is_some());
            let needed = if is_thread {
                Permissions::SEND_MESSAGES_IN_THREADS
            } else {
                Permissions::SEND_MESSAGES
            };
            if !may.contains(needed) {
                return Err(ActError::NotOffered(format!("writing in {channel}")));
            }
            let mut message = Message {
                author: user.to_owned(),
                content: content.to_owned(),
                ..state.draft(&channel)
            };
            message.settle_mentions(&Value::Null);
            state.post(message.clone());
            state.tell_message(Event::MessageCreate, &message);
            Ok(message)
        })
    }
}
