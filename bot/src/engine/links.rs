//! Linked accounts: codes given out and entered, and the policy with those accounts in it.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use breakglass_core::command::{Actor, Command};
use breakglass_core::event::Event;
use breakglass_core::fact::Facts;
use breakglass_core::id::Platform;
use breakglass_core::intent::Intent;
use breakglass_core::link::{Account, CODE_CHARS, Code, Link, Links};
use breakglass_core::policy::Policy;
use breakglass_core::refusal::Refusal;
use breakglass_store::StoreError;

use super::act::{Doing, answer};
use super::{Engine, SubmitError};
use crate::resolve::{UNKNOWN, find_person};
use crate::wording::answer::{refused, said};
use crate::wording::linking::offered;

/// How soon what another replica linked is seen here, at the latest.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The policy in force, and with the accounts that people linked.
#[derive(Debug)]
pub(super) struct InForce {
    listed: Arc<Policy>,
    links: Links,
    pub(super) with_links: Arc<Policy>,
}

impl InForce {
    pub(super) fn new(policy: Arc<Policy>) -> Self {
        Self {
            listed: policy.clone(),
            links: Links::default(),
            with_links: policy,
        }
    }

    fn renew(&mut self) {
        self.with_links = if self.links.is_empty() {
            self.listed.clone()
        } else {
            Arc::new(self.listed.with_links(&self.links))
        };
    }
}

/// Looks again whenever the log moved, which other replicas do as well.
pub(super) async fn run(engine: Arc<Engine>) {
    let mut news = engine.store.status();
    loop {
        if let Err(error) = engine.look_at_links().await {
            tracing::warn!(%error, "linked accounts couldn't be read");
        }
        let moved = async {
            tokio::time::sleep(LOOK_EVERY).await;
            news.changed().await
        };
        if !matches!(engine.stop.run_until_cancelled(moved).await, Some(Ok(()))) {
            return;
        }
    }
}

impl Engine {
    pub(super) fn put_in_force(&self, policy: Policy) {
        let mut in_force = self.policy.write().unwrap_or_else(PoisonError::into_inner);
        in_force.listed = Arc::new(policy);
        in_force.renew();
    }

    /// Takes in what is linked now. Whoever is looked up by an older view is refused at the door, which knows.
    pub async fn look_at_links(&self) -> Result<(), StoreError> {
        let links = self.store.house().await?.links;
        let mut in_force = self.policy.write().unwrap_or_else(PoisonError::into_inner);
        if in_force.links != links {
            in_force.links = links;
            in_force.renew();
        }
        Ok(())
    }

    /// How an account calls itself, if its chat tells.
    pub(super) async fn name_on(&self, account: &Account) -> Option<String> {
        let chat = self.chat(account.platform)?;
        let listing = chat.listing(&account.account).await.ok()?;
        let listing: toml::Table = listing.parse().ok()?;
        let person = listing.get("person")?.as_array()?.first()?;
        Some(person.get("name")?.as_str()?.to_owned())
    }
}

/// Somebody enters a code, from an account that isn't known yet.
pub(super) async fn enter(
    engine: &Arc<Engine>,
    intent: &Intent,
    typed: &str,
) -> Result<(), SubmitError> {
    match try_to_enter(engine, intent, typed).await {
        Ok(link) => {
            let welcome = engine.tell_plainly(|teller| teller.welcome(&link));
            answer(engine, intent, &welcome).await;
            Ok(())
        }
        Err(SubmitError::Refused(refusal)) => {
            answer(engine, intent, &refused(&refusal, None)).await;
            Ok(())
        }
        Err(error) => Err(error),
    }
}

async fn try_to_enter(
    engine: &Arc<Engine>,
    intent: &Intent,
    typed: &str,
) -> Result<Link, SubmitError> {
    let policy = engine.policy();
    let (platform, account) = (intent.sender.platform, intent.sender.account.clone());
    let actor = match policy.person_by(platform, &account) {
        Some(person) => Actor::Person {
            person: person.id.clone(),
            platform,
            account,
        },
        None => Actor::Stranger { platform, account },
    };
    let code = Code::typed(typed).map(|code| code.hash());
    let offers = engine.store.house().await?.links;
    let offer = code
        .as_ref()
        .and_then(|code| offers.offer(code, engine.clock.now()));
    let person = offer.and_then(|offer| policy.person(&offer.person));
    let may_be_guest = person.is_some_and(|person| person.guest);
    let status = engine
        .roster
        .account(platform, &intent.sender.account)
        .await;
    let refusal = match status {
        Some(status) if status.guest && !may_be_guest => Some(Refusal::Guest),
        Some(status) if status.active && !status.bot => None,
        Some(_) => Some(Refusal::Inactive),
        None => Some(Refusal::Unsure),
    };
    let refusal = refusal.or_else(|| code.is_none().then_some(Refusal::WrongCode));
    let (None, Some(code)) = (&refusal, code) else {
        let refusal = refusal.unwrap_or(Refusal::WrongCode);
        engine.note_refusal(&actor, "link", None, &refusal).await;
        return Err(SubmitError::Refused(Box::new(refusal)));
    };
    let people = person.map(|person| person.id.clone());
    let mut facts = Facts::default();
    let roster = &engine.roster;
    roster.note_inactive(&policy, people, &mut facts).await;
    let committed = engine.submit(actor, Command::Link { code }, facts).await?;
    engine.look_at_links().await?;
    match committed
        .records
        .into_iter()
        .next_back()
        .map(|record| record.event)
    {
        Some(Event::Linked { link }) => Ok(link),
        Some(_) | None => Err(SubmitError::Refused(Box::new(Refusal::WrongCode))),
    }
}

impl Doing<'_> {
    /// Gives a code out; only its hash is kept.
    pub(super) async fn offer_link(&self) -> Result<(), SubmitError> {
        let served = self.engine.chats.iter().map(|chat| chat.platform());
        let elsewhere: Vec<Platform> = served
            .filter(|platform| self.person.account_on(*platform).is_none())
            .collect();
        if elsewhere.is_empty() && self.engine.chats.len() < 2 {
            let text = "There is no other chat here to link an account of.";
            return self.say(&said("Not linked", text)).await;
        }
        let code = Code::from_random(rand::random::<[u8; CODE_CHARS]>());
        self.submit_plainly(Command::OfferLink { code: code.hash() })
            .await?;
        self.say(&offered(&code, &elsewhere)).await
    }

    /// Takes a link back: one's own from either account, or somebody else's.
    pub(super) async fn unlink(&self, account: Option<&str>) -> Result<(), SubmitError> {
        let (policy, platform) = (&self.policy, self.intent.sender.platform);
        let person = match account {
            None => self.person.id.clone(),
            Some(account) => match find_person(policy, platform, account) {
                Some(person) => person,
                None => return self.say(&said("Not unlinked", UNKNOWN)).await,
            },
        };
        let events = self.submit_plainly(Command::Unlink { person }).await?;
        self.engine.look_at_links().await?;
        let Some(Event::Unlinked { link }) = events.last() else {
            return Ok(());
        };
        let answer = self
            .engine
            .tell_plainly(|teller| teller.unlinked(link, &self.person.id));
        self.say(&answer).await
    }

    async fn submit_plainly(&self, command: Command) -> Result<Vec<Event>, SubmitError> {
        let own = [self.person.id.clone()];
        let roster = &self.engine.roster;
        let mut facts = Facts {
            members: roster.members(&self.policy).await,
            ..Facts::default()
        };
        roster.note_inactive(&self.policy, own, &mut facts).await;
        let committed = self
            .engine
            .submit(self.actor.clone(), command, facts)
            .await?;
        let events = committed.records.into_iter().map(|record| record.event);
        Ok(events.collect())
    }
}
