//! Lists for one person: status, what they may ask for, their home page.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use breakglass_core::fact::Facts;
use breakglass_core::id::{PersonId, RequestId};
use breakglass_core::notice::{Answer, HomeView};
use breakglass_core::policy::Policy;
use breakglass_core::state::{Mode, Request};
use breakglass_core::text::TextHash;
use breakglass_store::{StoreError, Which};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::act::Doing;
use super::{Engine, SubmitError};
use crate::resolve::form::Desk;
use crate::wording::Teller;
use crate::wording::lists::{LINES_MAX, Mine, may_ask};

/// Requests of one person that are looked through for the one that is meant.
pub(super) const OWN_MAX: u64 = 1_000;

/// Requests that wait for others, as far as anybody reads.
const WAITING_MAX: u64 = 2_000;

/// What some people have to do with: their own newest requests that aren't over, and those that wait for somebody.
#[derive(Debug)]
pub(super) struct Board {
    own: BTreeMap<RequestId, Request>,
    shared: Arc<Shared>,
    test: bool,
}

/// Requests that wait for approvers or reviewers, and who those are.
#[derive(Debug)]
struct Shared {
    /// Without what nobody is shown of them: there may be thousands.
    waiting: BTreeMap<RequestId, Request>,
    /// What each can do something about.
    theirs: BTreeMap<PersonId, Theirs>,
    mode: Mode,
    facts: Facts,
    /// Why granting is stopped, if it is.
    texts: BTreeMap<TextHash, String>,
    made: Made,
}

/// From what a look was had, when, and how long it took.
#[derive(Debug)]
struct Made {
    policy: Arc<Policy>,
    size: u64,
    at: Instant,
    took: Duration,
}

/// The last look at what is shared: many who ask at the same time get the same answer.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<Option<Arc<Shared>>>);

/// A look is had again only after so many times as long as it takes.
const LOOK_TIMES: u32 = 20;

/// Who is in which group may change without a word in the log.
const MEMBERS_FOR: Duration = Duration::from_secs(5);

/// Others' requests that somebody can do something about, oldest first.
#[derive(Debug, Default)]
struct Theirs {
    to_decide: Vec<RequestId>,
    to_review: Vec<RequestId>,
}

impl Board {
    /// As things are now, for these people.
    pub(super) async fn look(
        engine: &Engine,
        policy: &Arc<Policy>,
        people: Vec<PersonId>,
    ) -> Result<Self, StoreError> {
        let mut own = BTreeMap::new();
        // One more than is shown, so that it is said.
        let most = u64::try_from(LINES_MAX + 1).unwrap_or(u64::MAX);
        for person in people {
            for which in [Which::Pending, Which::Live] {
                let some = engine.store.requests_of(&person, which, most);
                own.extend(some.await?.into_iter().map(|one| (one.id, one)));
            }
        }
        let now = engine.clock.now();
        for request in own.values_mut() {
            request.offer = request.offer.take().filter(|offer| now < offer.until);
        }
        Ok(Self {
            own,
            shared: Shared::look(engine, policy).await?,
            test: engine.test,
        })
    }

    /// Somebody's home page.
    pub(super) fn home(&self, policy: &Policy, me: &PersonId) -> HomeView {
        self.teller(policy).home(&self.mine(me), &self.shared.mode)
    }

    fn mine(&self, me: &PersonId) -> Mine<'_> {
        let own = self.own.values().rev().filter(|one| one.concerns(me));
        let others = |ids: &[RequestId]| {
            let newest = ids.iter().rev();
            newest
                .filter_map(|id| self.shared.waiting.get(id))
                .collect()
        };
        let theirs = self.shared.theirs.get(me);
        Mine {
            to_decide: theirs.map_or_else(Vec::new, |theirs| others(&theirs.to_decide)),
            to_review: theirs.map_or_else(Vec::new, |theirs| others(&theirs.to_review)),
            ..Mine::of(own)
        }
    }

    fn teller<'a>(&'a self, policy: &'a Policy) -> Teller<'a> {
        Teller {
            policy,
            texts: &self.shared.texts,
            log: (0, ""),
            test: self.test,
        }
    }
}

impl Shared {
    async fn look(engine: &Engine, policy: &Arc<Policy>) -> Result<Arc<Self>, StoreError> {
        // Whoever else asks meanwhile waits for this look.
        let mut cache = engine.shared.0.lock().await;
        let size = engine.store.status().borrow().size;
        if let Some(shared) = &*cache
            && shared.made.serves(policy, size)
        {
            return Ok(shared.clone());
        }
        let at = Instant::now();
        let store = &engine.store;
        let mut waiting = store.requests(Which::Pending, WAITING_MAX).await?;
        waiting.extend(store.requests(Which::ToReview, WAITING_MAX).await?);
        let mode = store.house().await?.mode;
        let facts = Facts {
            members: engine.roster.members(policy).await,
            ..Facts::default()
        };
        let reason = match &mode {
            Mode::Open => Vec::new(),
            Mode::Lockdown { reason, .. } => vec![reason.clone()],
        };
        let mut waiting: BTreeMap<RequestId, Request> =
            waiting.into_iter().map(|one| (one.id, one)).collect();
        let mut theirs: BTreeMap<PersonId, Theirs> = BTreeMap::new();
        for (id, request) in &mut waiting {
            let is_pending = request.is_pending();
            for person in who_can(policy, request, &facts) {
                let theirs = theirs.entry(person).or_default();
                let ids = if is_pending {
                    &mut theirs.to_decide
                } else {
                    &mut theirs.to_review
                };
                ids.push(*id);
            }
            (request.facts, request.terms) = (Facts::default(), None);
        }
        let shared = Arc::new(Self {
            waiting,
            theirs,
            mode,
            texts: engine.texts(&reason).await?,
            facts,
            made: Made {
                policy: policy.clone(),
                size,
                at,
                took: at.elapsed(),
            },
        });
        *cache = Some(shared.clone());
        Ok(shared)
    }
}

impl Made {
    /// Nothing was written since, or only in the time that looks must leave for other things.
    fn serves(&self, policy: &Arc<Policy>, size: u64) -> bool {
        let age = self.at.elapsed();
        let is_same = self.size == size && age < MEMBERS_FOR;
        Arc::ptr_eq(&self.policy, policy) && (is_same || age < self.took * LOOK_TIMES)
    }
}

/// Who can decide it and hasn't, while it waits; who can review it without having taken part, once it is over.
fn who_can(policy: &Policy, request: &Request, facts: &Facts) -> BTreeSet<PersonId> {
    let Some(terms) = &request.terms else {
        return BTreeSet::new();
    };
    let target = &request.asked.target;
    let mut people = if request.is_pending() {
        let quorums = terms.approvals.iter();
        let from: Vec<_> = quorums.flat_map(|quorum| quorum.from.clone()).collect();
        let mut deciders = policy.eligible(&from, target, facts);
        for approval in &request.approvals {
            deciders.remove(&approval.person);
        }
        deciders
    } else {
        let mut reviewers = policy.eligible(&terms.reviewers, target, facts);
        reviewers.retain(|person| {
            !request.approvers.contains(person) && request.revoked_by.as_ref() != Some(person)
        });
        reviewers
    };
    people.retain(|person| !request.concerns(person));
    people
}

impl Doing<'_> {
    pub(super) async fn status(&self) -> Result<(), SubmitError> {
        let board = Board::look(self.engine, &self.policy, vec![self.person.id.clone()]).await?;
        let mine = board.mine(&self.person.id);
        let lists = board.teller(&self.policy).status(&mine);
        self.say(&Answer::Lists(lists)).await
    }

    pub(super) async fn list(&self) -> Result<(), SubmitError> {
        let board = Board::look(self.engine, &self.policy, vec![self.person.id.clone()]).await?;
        let desk = Desk {
            policy: &self.policy,
            person: &self.person,
            facts: &board.shared.facts,
            now: self.engine.clock.now(),
        };
        let mut lists = vec![may_ask(&self.policy, &desk.may_ask())];
        lists.extend(board.home(&self.policy, &self.person.id).lists);
        self.say(&Answer::Lists(lists)).await
    }

    /// The page is drawn by those who draw all of them.
    pub(super) fn home(&self) {
        let sender = &self.intent.sender;
        let now = self.engine.clock.now();
        let homes = &self.engine.homes;
        homes.opened(sender.platform, &sender.account, now);
    }
}
