//! What the server itself does to the house: a policy put in force, an alarm that stands in no log.

use breakglass_core::command::{Actor, Command};
use breakglass_core::fact::Facts;
use breakglass_core::notice::Notice;
use breakglass_core::policy::Policy;
use breakglass_core::port::chat::Place;
use std::sync::{Arc, PoisonError};

use super::{Engine, SubmitError};

impl Engine {
    /// Puts a checked policy in force: every decision from now on is by it.
    pub async fn load_policy(&self, policy: Policy) -> Result<(), SubmitError> {
        let hash = self
            .store
            .keep_policy(policy.text(), self.clock.now())
            .await?;
        *self.policy.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(policy);
        self.submit(
            Actor::Server,
            Command::LoadPolicy { hash },
            Facts::default(),
        )
        .await?;
        Ok(())
    }

    /// Tells security of something that is about the server rather than a request.
    pub async fn alarm(&self, title: &str, text: &str) {
        let notice = Notice::Alarm {
            request: None,
            title: title.to_owned(),
            text: text.to_owned(),
            by_hand: None,
            loud: true,
        };
        let effect = format!("alarm.{}", self.clock.now().millis());
        for chat in &self.chats {
            let place = Place::Channel(chat.security_channel());
            if let Err(error) = chat.post(&place, &effect, &notice).await {
                tracing::error!(%error, title, "an alarm couldn't be posted");
            }
        }
    }
}
