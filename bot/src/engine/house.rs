//! What the server itself does to the house: a policy put in force, an alarm that stands in no log.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use breakglass_core::command::{Actor, Command};
use breakglass_core::dispatch::backoff_millis;
use breakglass_core::fact::Facts;
use breakglass_core::id::Platform;
use breakglass_core::notice::{CardKind, Notice};
use breakglass_core::policy::Policy;
use breakglass_core::port::chat::{Chat, ChatError, Place};
use breakglass_core::state::Phase;
use breakglass_core::time::Timestamp;
use breakglass_store::StoreError;

use super::delivery::{channel, places};
use super::{Engine, SubmitError};

impl Engine {
    /// Puts a checked policy in force: every decision from now on is by it.
    pub async fn load_policy(&self, policy: Policy) -> Result<(), SubmitError> {
        let hash = self
            .store
            .keep_policy(policy.text(), self.clock.now())
            .await?;
        self.put_in_force(policy);
        self.submit(
            Actor::Server,
            Command::LoadPolicy { hash },
            Facts::default(),
        )
        .await?;
        Ok(())
    }

    /// Tells a chat's approvers that clicks there were lost between these instants, where there was something to click on.
    pub async fn tell_back(
        self: &Arc<Self>,
        platform: Platform,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let notice = Notice::House {
            title: "Back after an outage".to_owned(),
            text: format!(
                "👋 I was away from {since} to {until}. Clicks in that time were lost; please click again."
            ),
            facts: Vec::new(),
        };
        let Some(chat) = self.chat(platform) else {
            return Ok(());
        };
        let open = self.open_requests().await?;
        let channels = open
            .iter()
            .map(|request| channel(self, chat, CardKind::Approvers, request));
        for channel in channels.collect::<BTreeSet<_>>() {
            self.insist(chat.clone(), Place::Channel(channel), notice.clone());
        }
        Ok(())
    }

    /// Tells security of something that is about the server rather than a request.
    pub fn alarm(self: &Arc<Self>, title: &str, text: &str) {
        self.raise(&Notice::Alarm {
            request: None,
            title: title.to_owned(),
            text: text.to_owned(),
            by_hand: None,
            loud: true,
        });
    }

    /// Posts an alarm to security, as often as it takes until each chat has it.
    pub(super) fn raise(self: &Arc<Self>, notice: &Notice) {
        for chat in &self.chats {
            let place = Place::Channel(chat.security_channel());
            self.insist(chat.clone(), place, notice.clone());
        }
    }

    /// Whoever waits for access is told that nothing is granted any more, and so are those who were asked.
    pub async fn tell_who_waits(self: &Arc<Self>) -> Result<(), StoreError> {
        for request in self.open_requests().await? {
            if !matches!(
                request.phase,
                Phase::Pending { .. } | Phase::Approved { .. }
            ) {
                continue;
            }
            let notice = Notice::Alarm {
                request: Some(request.id),
                title: "Nothing is granted".to_owned(),
                text: "Our record can't be trusted, so all granting is stopped. Security was told: ask them \
                       how to go on."
                    .to_owned(),
                by_hand: None,
                loud: false,
            };
            for chat in &self.chats {
                let card = self
                    .store
                    .card(chat.platform(), CardKind::Approvers, request.id);
                if let Some(card) = card.await? {
                    let thread = Place::Thread(card.message);
                    self.insist(chat.clone(), thread, notice.clone());
                }
            }
            let people = BTreeSet::from([&request.asked.requester, &request.asked.beneficiary]);
            for person in people {
                let places = places(self, person, Some(request.asked.platform));
                if let Some((chat, place)) = places.into_iter().next() {
                    self.insist(chat, place, notice.clone());
                }
            }
        }
        Ok(())
    }

    /// Posts what stands in no outbox, as often as it takes.
    fn insist(self: &Arc<Self>, chat: Arc<dyn Chat>, place: Place, notice: Notice) {
        let effect = format!("alarm.{}", hex::encode(rand::random::<[u8; 4]>()));
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            let mut tries = 0;
            while let Err(error) = chat.post(&place, &effect, &notice).await {
                tries += 1;
                tracing::error!(%error, tries, ?notice, "an alarm couldn't be posted; trying again");
                let millis = match error {
                    ChatError::Limited(secs) => u64::from(secs) * 1000,
                    ChatError::Unavailable(_) | ChatError::Gone(_) | ChatError::Refused(_) | ChatError::Closed(_) => {
                        u64::try_from(backoff_millis(tries, rand::random())).unwrap_or_default()
                    }
                };
                let pause = tokio::time::sleep(Duration::from_millis(millis));
                if stop.run_until_cancelled(pause).await.is_none() {
                    return;
                }
            }
        });
    }
}
