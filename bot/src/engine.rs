//! The running server: takes in what people do, decides it in the core, and carries out what follows.

mod act;
mod admin;
mod agree;
mod ask;
mod clocks;
mod converge;
mod decider;
mod delivery;
mod desk;
mod home;
mod homes;
mod house;
mod inbox;
mod links;
mod outbox;
mod page;
mod preflight;
mod reconcile;
mod refusals;
mod sender;
mod strangers;
mod stray;
mod sweep;
mod ticker;
mod told;
mod turns;
mod unrecorded;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use breakglass_core::command::{Actor, Command};
use breakglass_core::event::AttemptRefused;
use breakglass_core::fact::{Facts, Known};
use breakglass_core::id::{PersonId, Platform, ProvisionerId, RequestId, TargetId};
use breakglass_core::policy::Policy;
use breakglass_core::port::chat::Chat;
use breakglass_core::port::provisioner::Provisioner;
use breakglass_core::refusal::Refusal;
use breakglass_core::state::Request;
use breakglass_core::text::{Text, TextError, TextHash};
use breakglass_core::time::Timestamp;
use breakglass_store::{Committed, Hold, Store, StoreError, Submission};
pub(crate) use converge::take;
pub use decider::Decider;
pub use desk::EngineDesk;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::alarms::Alarms;
use crate::clock::Clock;
use crate::keeper::Keeper;
use crate::mirror::Mirror;
use crate::resolve::Logins;
use crate::roster::Roster;
use crate::vitals::Vitals;

/// A configured provisioner.
#[derive(Debug, Clone)]
pub struct Target {
    /// The adapter.
    pub provisioner: Arc<dyn Provisioner>,
    /// How a person's login there is made from what the policy says of them.
    pub login: String,
}

/// What an engine is made of.
#[derive(Debug)]
pub struct Parts {
    /// Where everything is kept.
    pub store: Store,
    /// The policy in force; replaced when another one is loaded.
    pub policy: Arc<Policy>,
    /// The chats it serves.
    pub chats: Vec<Arc<dyn Chat>>,
    /// What ends grants without the store; it has the targets, the clocks and the alarms.
    pub keeper: Arc<Keeper>,
    /// Signs of life.
    pub vitals: Arc<Vitals>,
    /// Stops the workers.
    pub stop: CancellationToken,
    /// What runs until then.
    pub tasks: TaskTracker,
    /// Every message says TEST.
    pub test: bool,
}

/// The running server. Cheap to share behind an [`Arc`].
#[derive(Debug)]
pub struct Engine {
    store: Store,
    policy: RwLock<links::InForce>,
    chats: Vec<Arc<dyn Chat>>,
    targets: BTreeMap<ProvisionerId, Target>,
    turns: BTreeMap<ProvisionerId, turns::Turns>,
    logins: Logins,
    roster: Roster,
    clock: Arc<dyn Clock>,
    vitals: Arc<Vitals>,
    refusals: refusals::Refusals,
    strangers: strangers::Strangers,
    homes: homes::Homes,
    shared: home::Cache,
    /// A clone for each end that is being told.
    telling: Arc<()>,
    /// Held while a target is compared with the log.
    comparing: tokio::sync::Mutex<()>,
    arrivals: inbox::Arrivals,
    /// Where what came in is carried out, wherever it came in.
    work: Handle,
    keeper: Arc<Keeper>,
    demanded: unrecorded::Demanded,
    test: bool,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// Why a command came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// It may not be carried out.
    #[error("refused: {}", .0.code())]
    Refused(Box<Refusal>),
    /// It couldn't be written down.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Engine {
    /// An engine that doesn't run yet. It is made on the runtime that is to carry out what comes in.
    pub fn new(parts: Parts) -> Arc<Self> {
        let keeper = parts.keeper;
        let logins = keeper
            .targets
            .iter()
            .map(|(id, target)| (id.clone(), target.login.clone()));
        let turns = keeper.targets.iter();
        let turns = turns.map(|(id, target)| (id.clone(), turns::Turns::new(&*target.provisioner)));
        Arc::new(Self {
            logins: logins.collect(),
            roster: Roster::new(parts.chats.clone(), keeper.clock.clone()),
            store: parts.store,
            policy: RwLock::new(links::InForce::new(parts.policy)),
            chats: parts.chats,
            targets: keeper.targets.clone(),
            turns: turns.collect(),
            clock: keeper.clock.clone(),
            keeper,
            vitals: parts.vitals,
            refusals: refusals::Refusals::default(),
            strangers: strangers::Strangers::default(),
            homes: homes::Homes::default(),
            shared: home::Cache::default(),
            telling: Arc::default(),
            comparing: tokio::sync::Mutex::default(),
            arrivals: inbox::Arrivals::default(),
            work: Handle::current(),
            demanded: unrecorded::Demanded::default(),
            test: parts.test,
            stop: parts.stop,
            tasks: parts.tasks,
        })
    }

    /// Starts the workers.
    pub fn start(self: &Arc<Self>) {
        self.tasks.spawn(ticker::run(self.clone()));
        self.tasks.spawn(unrecorded::run(self.clone()));
        self.tasks.spawn(agree::run(self.clone()));
        self.tasks.spawn(clocks::run(self.clone()));
        self.tasks.spawn(inbox::run(self.clone()));
        self.tasks.spawn(outbox::run(self.clone()));
        self.tasks.spawn(sweep::run(self.clone()));
        for id in self.targets.keys() {
            self.tasks.spawn(reconcile::run(self.clone(), id.clone()));
        }
        self.tasks.spawn(preflight::run(self.clone()));
        self.tasks.spawn(homes::run(self.clone()));
        self.tasks.spawn(links::run(self.clone()));
    }

    /// Stops taking in and starting anything, and waits for what is in hand, at most `within`.
    pub async fn stop(&self, within: std::time::Duration) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(within, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("stopped with work in hand; it goes on after the next start");
        }
    }

    /// The policy in force, with the accounts that people linked.
    pub fn policy(&self) -> Arc<Policy> {
        self.policy
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .with_links
            .clone()
    }

    /// The store behind it.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What must end, kept beside the store.
    pub fn mirror(&self) -> &Mirror {
        &self.keeper.mirror
    }

    /// What tells people that stands in no outbox.
    pub fn alarms(&self) -> &Alarms {
        &self.keeper.alarms
    }

    /// The clocks it goes by.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The one door: decides a command and commits what follows.
    pub async fn submit(
        &self,
        actor: Actor,
        command: Command,
        facts: Facts,
    ) -> Result<Committed, SubmitError> {
        let now = self.clock.now();
        self.submit_at((now, None), actor, command, facts).await
    }

    /// With the hold on the errand that it reports on, if it is to be settled with the report.
    async fn submit_at(
        &self,
        (now, hold): (Timestamp, Option<Hold>),
        actor: Actor,
        command: Command,
        facts: Facts,
    ) -> Result<Committed, SubmitError> {
        let name = command.name();
        let on = command.request();
        let submission = Submission {
            actor: actor.clone(),
            command,
            facts,
            now,
        };
        let since = tokio::time::Instant::now();
        let verdict = match hold {
            Some(hold) => self.store.submit_report(submission.clone(), hold).await,
            None => self.store.submit(submission.clone()).await,
        };
        told::tell(name, since, &verdict);
        if let Err(StoreError::Untrusted(_)) = &verdict {
            unrecorded::demand(self, &submission).await?;
        }
        match verdict? {
            Ok(committed) => {
                self.vitals.log_written(self.clock.now());
                self.vitals.store_written(self.clock.now());
                if let Some(request) = &committed.request {
                    self.keeper.mirror.note(request);
                }
                Ok(committed)
            }
            Err(refusal) => {
                self.note_refusal(&actor, name, on, &refusal).await;
                Err(SubmitError::Refused(Box::new(refusal)))
            }
        }
    }

    /// Refused attempts are recorded too; the same one again within a minute is only counted.
    pub(crate) async fn note_refusal(
        &self,
        actor: &Actor,
        command: &'static str,
        on: Option<RequestId>,
        refusal: &Refusal,
    ) {
        let code = refusal.code();
        let Some(count) = self
            .refusals
            .count((actor, command, on, code), self.clock.now())
        else {
            return;
        };
        let about = if let Refusal::NoApprovers { about, .. } = refusal {
            Some(about.clone())
        } else {
            None
        };
        let attempt = AttemptRefused {
            command: command.to_owned(),
            on,
            refusal: code.to_owned(),
            count,
            about,
        };
        let submission = Submission {
            actor: actor.clone(),
            command: Command::NoteRefusal(Box::new(attempt)),
            facts: Facts::default(),
            now: self.clock.now(),
        };
        if let Err(error) = self.store.submit(submission).await {
            tracing::warn!(%error, "a refused attempt couldn't be recorded");
        }
    }

    /// Looks up what a decision on this request may use.
    pub(crate) async fn facts_for(&self, request: &Request) -> Result<Facts, StoreError> {
        let asked = &request.asked;
        let people = request
            .approvals
            .iter()
            .map(|approval| approval.person.clone());
        let about = About {
            requester: &asked.requester,
            beneficiary: &asked.beneficiary,
            target: &asked.target,
            before: Some(request.id),
        };
        self.facts(about, people.collect()).await
    }

    /// Looks up what a decision may use; `also` are people whose accounts matter beside the two.
    pub(crate) async fn facts(
        &self,
        about: About<'_>,
        also: Vec<PersonId>,
    ) -> Result<Facts, StoreError> {
        let policy = self.policy();
        let history = self
            .store
            .history(
                about.requester,
                about.beneficiary,
                about.target,
                self.clock.now(),
            )
            .await?;
        let mut people = also;
        people.extend([about.requester.clone(), about.beneficiary.clone()]);
        people.sort_unstable();
        people.dedup();
        let own = u32::from(about.before.is_some());
        let unverified = || Known::Unknown("no incident tracker is configured".to_owned());
        let mut facts = Facts {
            members: self.roster.members(&policy).await,
            on_call: self.roster.on_call(&policy, about.beneficiary).await,
            severity_verified: Known::Known(false),
            incident_verified: Known::Known(false),
            incident_open: unverified(),
            first_time: Known::Known(history.first_time),
            open_grants: Known::Known(history.open_grants),
            requests_24h: Known::Known(history.requests_24h.saturating_sub(own)),
            denied_1h: Known::Known(history.denied_1h),
            ..Facts::default()
        };
        self.roster.note_inactive(&policy, people, &mut facts).await;
        Ok(facts)
    }

    /// Text that somebody typed, with a salt of its own.
    pub(crate) fn text(typed: &str) -> Result<Text, TextError> {
        Text::new(typed, hex::encode(rand::random::<[u8; 16]>()))
    }

    /// Those of these texts that were not erased.
    pub(crate) async fn texts(
        &self,
        hashes: &[TextHash],
    ) -> Result<BTreeMap<TextHash, String>, StoreError> {
        let mut texts = BTreeMap::new();
        for hash in hashes {
            if let Some(text) = self.store.text(hash).await? {
                texts.insert(hash.clone(), text.body().to_owned());
            }
        }
        Ok(texts)
    }

    /// The chat of a platform.
    pub(crate) fn chat(&self, platform: Platform) -> Option<&Arc<dyn Chat>> {
        self.chats.iter().find(|chat| chat.platform() == platform)
    }
}

/// Whom and what facts are about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About<'a> {
    /// Who asks.
    pub(crate) requester: &'a PersonId,
    /// Who gets the access.
    pub(crate) beneficiary: &'a PersonId,
    /// On which target.
    pub(crate) target: &'a TargetId,
    /// The request itself doesn't count in its own history.
    pub(crate) before: Option<RequestId>,
}
