//! Lists for one person: status, what they may ask for, their home page.

use std::collections::{BTreeMap, BTreeSet};

use breakglass_core::fact::Facts;
use breakglass_core::id::{PersonId, RequestId};
use breakglass_core::notice::{Answer, HomeView};
use breakglass_core::policy::Policy;
use breakglass_core::state::{Mode, Request};
use breakglass_core::text::TextHash;
use breakglass_store::StoreError;

use super::act::Doing;
use super::{Engine, SubmitError};
use crate::resolve::form::Desk;
use crate::wording::Teller;
use crate::wording::lists::{Mine, may_ask};

/// All requests that aren't over, and who can do something about each.
#[derive(Debug)]
pub(super) struct Board {
    open: Vec<Request>,
    rights: BTreeMap<RequestId, Rights>,
    mode: Mode,
    facts: Facts,
    /// Why granting is stopped, if it is.
    texts: BTreeMap<TextHash, String>,
    test: bool,
}

#[derive(Debug)]
struct Rights {
    deciders: BTreeSet<PersonId>,
    reviewers: BTreeSet<PersonId>,
}

impl Board {
    /// As things are now.
    pub(super) async fn look(engine: &Engine, policy: &Policy) -> Result<Self, StoreError> {
        let open = engine.open_requests().await?;
        let mode = engine.store.house().await?.mode;
        let facts = Facts {
            members: engine.roster.members(policy).await,
            ..Facts::default()
        };
        let reason = match &mode {
            Mode::Open => Vec::new(),
            Mode::Lockdown { reason, .. } => vec![reason.clone()],
        };
        let rights = open.iter().map(|one| (one.id, rights(policy, one, &facts)));
        Ok(Self {
            rights: rights.collect(),
            open,
            mode,
            texts: engine.texts(&reason).await?,
            facts,
            test: engine.test,
        })
    }

    /// Somebody's home page.
    pub(super) fn home(&self, policy: &Policy, me: &PersonId) -> HomeView {
        self.teller(policy).home(&self.mine(me), &self.mode)
    }

    fn mine(&self, me: &PersonId) -> Mine<'_> {
        let may = |request: &Request, who: fn(&Rights) -> &BTreeSet<PersonId>| {
            let rights = self.rights.get(&request.id);
            rights.is_some_and(|rights| who(rights).contains(me))
        };
        let decides = |request: &Request| may(request, |rights| &rights.deciders);
        let reviews = |request: &Request| may(request, |rights| &rights.reviewers);
        Mine::sort(&self.open, me, decides, reviews)
    }

    fn teller<'a>(&'a self, policy: &'a Policy) -> Teller<'a> {
        Teller {
            policy,
            texts: &self.texts,
            log: (0, ""),
            test: self.test,
        }
    }
}

/// Who can decide it and hasn't, and who could review it without having taken part.
fn rights(policy: &Policy, request: &Request, facts: &Facts) -> Rights {
    let target = &request.asked.target;
    let Some(terms) = &request.terms else {
        return Rights {
            deciders: BTreeSet::new(),
            reviewers: BTreeSet::new(),
        };
    };
    let quorums = terms.approvals.iter();
    let from: Vec<_> = quorums.flat_map(|quorum| quorum.from.clone()).collect();
    let mut deciders = policy.eligible(&from, target, facts);
    for approval in &request.approvals {
        deciders.remove(&approval.person);
    }
    let mut reviewers = policy.eligible(&terms.reviewers, target, facts);
    reviewers.retain(|person| {
        !request.approvers.contains(person) && request.revoked_by.as_ref() != Some(person)
    });
    Rights {
        deciders,
        reviewers,
    }
}

impl Doing<'_> {
    pub(super) async fn status(&self) -> Result<(), SubmitError> {
        let board = Board::look(self.engine, &self.policy).await?;
        let mine = board.mine(&self.person.id);
        let lists = board.teller(&self.policy).status(&mine);
        self.say(&Answer::Lists(lists)).await
    }

    pub(super) async fn list(&self) -> Result<(), SubmitError> {
        let board = Board::look(self.engine, &self.policy).await?;
        let desk = Desk {
            policy: &self.policy,
            person: &self.person,
            facts: &board.facts,
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
