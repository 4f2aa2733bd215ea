//! Saying something in plain words.

use super::ActError;
use crate::message::Message;
use crate::sandbox::Sandbox;

impl Sandbox {
    /// `user` says `text` in `channel`, in the thread of `thread_ts` if there is one.
    pub fn say(
        &self,
        user: &str,
        channel: &str,
        text: &str,
        thread_ts: Option<&str>,
    ) -> Result<Message, ActError> {
        self.workspace.change(|state| {
            state.actor_in(user, channel)?;
            let message = Message {
                author: user.to_owned(),
                thread_ts: thread_ts.map(str::to_owned),
                ..Message::draft(state, &self.workspace, channel, text.to_owned(), Vec::new())
            };
            state.post(message.clone());
            Ok(message)
        })
    }
}
