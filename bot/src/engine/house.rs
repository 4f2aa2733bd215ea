//! What the server itself does to the house: a policy put in force, an alarm that stands in no log.

use std::collections::BTreeSet;
use std::sync::Arc;

use breakglass_core::command::{Actor, Command};
use breakglass_core::fact::Facts;
use breakglass_core::id::Platform;
use breakglass_core::notice::{CardKind, Notice};
use breakglass_core::policy::Policy;
use breakglass_core::port::chat::Place;
use breakglass_core::time::Timestamp;
use breakglass_store::{StoreError, Which};

use super::delivery::{channel, places};
use super::{Engine, SubmitError};

/// Requests whose people are told at most; more than a chat would take in any time that helps.
const AWAITED_MAX: u64 = 1_000;

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
        let targets = self.store.open_targets().await?;
        let channels = targets
            .iter()
            .map(|target| channel(self, chat, CardKind::Approvers, target));
        for channel in channels.collect::<BTreeSet<_>>() {
            self.alarms()
                .insist(chat.clone(), Place::Channel(channel), notice.clone());
        }
        Ok(())
    }

    /// Whoever waits for access is told that nothing is granted any more, and so are those who were asked.
    pub async fn tell_who_waits(self: &Arc<Self>) -> Result<(), StoreError> {
        for request in self.store.requests(Which::Awaited, AWAITED_MAX).await? {
            let notice = Notice::Alarm {
                request: Some(request.id),
                title: "Nothing is granted".to_owned(),
                text: "Our record can't be trusted, so all granting is stopped. Security was told: ask them \
                       how to go on."
                    .to_owned(),
                by_hand: None,
                loud: false,
                buttons: Vec::new(),
            };
            for chat in &self.chats {
                let card = self
                    .store
                    .card(chat.platform(), CardKind::Approvers, request.id);
                if let Some(card) = card.await? {
                    let thread = Place::Thread(card.message);
                    self.alarms().insist(chat.clone(), thread, notice.clone());
                }
            }
            let people = BTreeSet::from([&request.asked.requester, &request.asked.beneficiary]);
            for person in people {
                let places = places(self, person, Some(request.asked.platform));
                if let Some((chat, place)) = places.into_iter().next() {
                    self.alarms().insist(chat, place, notice.clone());
                }
            }
        }
        Ok(())
    }
}
