//! The desk where chat adapters hand in what people did.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use breakglass_core::fact::{Facts, Known};
use breakglass_core::id::{GroupId, PersonId, Platform};
use breakglass_core::intent::{Intent, Sender, Typed};
use breakglass_core::notice::{Choice, Field, FieldFault};
use breakglass_core::policy::Policy;
use breakglass_core::port::chat::{Desk as DeskPort, DeskError};
use breakglass_store::crash::{CrashPoint, pass};
use breakglass_store::{Arrival, Received};
use metrics::{counter, histogram};
use regex::Regex;
use tokio::time::{Instant, timeout};
use tracing::Instrument as _;

use super::{About, Engine, inbox};
use crate::meter;
use crate::resolve::form::Desk as FormDesk;
use crate::resolve::{person, understand};

/// Acts that may wait to be carried out; more are sent away with "busy". Two cores carry out some 400 a second: nobody waits for
/// much more than ten seconds, and a burst of that length is taken.
const WAITING_MAX: usize = 4_000;

/// How long suggestions may wait for a chat to say who is in which group.
const SUGGEST_WITHIN: Duration = Duration::from_millis(200);

/// The desk of an engine.
#[derive(Debug, Clone)]
pub struct EngineDesk(pub Arc<Engine>);

#[async_trait]
impl DeskPort for EngineDesk {
    async fn take(&self, intent: Intent) -> Result<(), DeskError> {
        let (platform, since) = (intent.sender.platform.as_str(), Instant::now());
        let span = inbox::span(&intent);
        let taken = self.write_down(intent).instrument(span).await;
        let outcome = match &taken {
            Ok(()) => "done",
            Err(DeskError::Busy) => "busy",
            Err(DeskError::NotRecorded(_)) => "failed",
        };
        counter!(meter::ACTS, "platform" => platform, "outcome" => outcome).increment(1);
        histogram!(meter::ACKNOWLEDGED, "platform" => platform).record(since.elapsed());
        taken
    }

    fn posts_to(&self, channel: &str) -> bool {
        let policy = self.0.policy();
        let of_targets = policy.targets().any(|target| {
            let mut chats = Platform::CHATS.into_iter();
            chats.any(|chat| target.approvers_channel_on(chat) == Some(channel))
        });
        let own = self.0.chats.iter();
        of_targets
            || own.clone().any(|chat| chat.approvers_channel() == channel)
            || own.clone().any(|chat| chat.security_channel() == channel)
    }

    fn people_changed(&self, platform: Platform) {
        self.0.roster.forget(platform);
    }

    fn incident_pattern(&self) -> Regex {
        self.0.policy().incident_pattern().clone()
    }

    async fn choices(
        &self,
        sender: &Sender,
        field: Field,
        typed: &str,
        form: &Typed,
    ) -> Vec<Choice> {
        let policy = self.0.policy();
        let Some(person) = person(&policy, sender) else {
            return Vec::new();
        };
        let facts = Facts {
            members: self.members_soon(&policy).await,
            ..Facts::default()
        };
        let desk = FormDesk {
            policy: &policy,
            person,
            facts: &facts,
            now: self.0.clock.now(),
        };
        desk.choices(field, typed, form)
    }

    async fn faults(&self, sender: &Sender, form: &Typed) -> Vec<FieldFault> {
        let engine = &self.0;
        let policy = engine.policy();
        let Some(person) = person(&policy, sender) else {
            return Vec::new();
        };
        let understood = understand(&policy, &engine.logins, person, sender.platform, form);
        let facts = match &understood {
            Err(_) => Facts::default(),
            Ok(understood) => {
                let question = &understood.question;
                let about = About {
                    requester: &question.requester,
                    beneficiary: &question.beneficiary,
                    target: &question.target,
                    before: None,
                };
                // Without the history the form is taken and the door decides.
                match engine.facts(about, Vec::new()).await {
                    Ok(facts) => facts,
                    Err(_) => return Vec::new(),
                }
            }
        };
        let desk = FormDesk {
            policy: &policy,
            person,
            facts: &facts,
            now: engine.clock.now(),
        };
        desk.faults(form, understood.as_ref().map_err(Vec::as_slice))
    }
}

impl EngineDesk {
    /// Who is in which group, for somebody who is typing: what can't be told soon comes with one of the next letters.
    async fn members_soon(
        &self,
        policy: &Arc<Policy>,
    ) -> BTreeMap<GroupId, Known<BTreeSet<PersonId>>> {
        let (engine, of) = (Arc::clone(&self.0), Arc::clone(policy));
        let asking = async move { engine.roster.members(&of).await };
        let asked = timeout(SUGGEST_WITHIN, tokio::spawn(asking)).await;
        match asked {
            Ok(Ok(members)) => members,
            Ok(Err(_)) | Err(_) => self.0.roster.members_at_hand(policy),
        }
    }

    async fn write_down(&self, intent: Intent) -> Result<(), DeskError> {
        let engine = &self.0;
        if engine.stop.is_cancelled() || engine.arrivals.waiting() >= WAITING_MAX {
            return Err(DeskError::Busy);
        }
        let reference = || intent.replay_key.chars().rev().take(4).collect::<String>();
        let Ok(payload) = serde_json::to_string(&intent) else {
            return Err(DeskError::NotRecorded(reference()));
        };
        let platform = intent.sender.platform;
        let received = Received {
            id: intent.replay_key.clone(),
            platform,
            payload,
            at: engine.clock.now(),
        };
        pass(CrashPoint::ActArrived);
        let hand = engine.arrivals.hand();
        let until = hand.as_ref().map(|_| inbox::held_until(engine));
        match engine.store.receive(&received, until).await {
            Ok(Arrival::Seen) => Ok(()),
            Ok(arrival) => {
                pass(CrashPoint::ActKept);
                engine.arrivals.arrived();
                if let (Arrival::Held(act), Some(hand)) = (arrival, hand) {
                    inbox::take_up(engine, act, hand);
                } else {
                    engine.arrivals.wake();
                }
                Ok(())
            }
            Err(error) => {
                let reference = reference();
                tracing::error!(%error, %reference, "an act couldn't be written down");
                Err(DeskError::NotRecorded(reference))
            }
        }
    }
}
