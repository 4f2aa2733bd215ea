//! What follows from a change of the house for many requests: a new policy rules the pending ones again, a
//! lockdown that reaches further revokes the live ones; and the grants of people who left end. Each goes through the
//! door by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use breakglass_core::command::{Actor, Command, Reach};
use breakglass_core::decide::{Situation, decide};
use breakglass_core::fact::{Facts, Known};
use breakglass_core::id::{GroupId, PersonId, PolicyHash};
use breakglass_core::policy::Policy;
use breakglass_core::state::{Mode, Phase, Request, State};
use breakglass_store::{Pages, Which};
use futures_util::future::join_all;
use tokio::time::Instant;

use super::{Engine, SubmitError};

/// The rights behind live grants are looked at again that often: somebody who left has a minute.
const CHECK_EVERY: Duration = Duration::from_secs(15);

/// How often the house is looked at, should no news come.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The pause between two pages of live grants that are looked at: nobody waits for them.
const PAGE_EVERY: Duration = Duration::from_millis(500);

pub(super) async fn run(engine: Arc<Engine>) {
    let mut news = engine.store.status();
    let mut ruled = Ruled::default();
    let mut checked = None;
    let mut rights = Rights::default();
    loop {
        let trusted = news.borrow_and_update().distrust.is_none();
        if trusted {
            let ruled_before = ruled.by.clone();
            let mut swept = sweep(&engine, &mut ruled).await;
            let due = checked.is_none_or(|at: Instant| at.elapsed() >= CHECK_EVERY);
            if swept.is_ok() && (due || ruled.by != ruled_before) {
                checked = Some(Instant::now());
                swept = rights.check(&engine).await;
            }
            if swept.is_ok() {
                swept = rights.turn_page(&engine).await;
            }
            if let Err(error) = swept {
                tracing::error!(%error, "the requests couldn't be looked through; trying again");
                rights.policy = None;
            }
        }
        let pause = if trusted && rights.rest.is_some() {
            PAGE_EVERY
        } else {
            LOOK_EVERY
        };
        tokio::select! {
            () = engine.stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
            _ = news.changed(), if rights.rest.is_none() => {}
        }
    }
}

/// Which policy what waits was ruled by.
#[derive(Debug, Default)]
struct Ruled {
    by: Option<PolicyHash>,
    /// When that was last tried and not all could be.
    tried: Option<Instant>,
}

async fn sweep(engine: &Arc<Engine>, ruled: &mut Ruled) -> Result<(), SubmitError> {
    let house = engine.store.house().await?;
    let rests = ruled.tried.is_some_and(|at| at.elapsed() < CHECK_EVERY);
    if house.policy != ruled.by && !rests {
        if engine.rule_again_now().await? {
            ruled.by.clone_from(&house.policy);
            ruled.tried = None;
        } else {
            ruled.tried = Some(Instant::now());
        }
    }
    if let Mode::Lockdown {
        reach: Reach::RevokeAll,
        ..
    } = house.mode
    {
        let mut live = engine.store.pages(Which::Live).await?;
        while let Some(page) = live.next(&engine.store).await? {
            let revoke = page.iter().map(|one| revoke(engine, one, "lockdown"));
            for revoked in join_all(revoke).await {
                revoked?;
            }
        }
    }
    Ok(())
}

/// What became of a request that the policy was to rule again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ruling {
    Done,
    /// It can't be told whether somebody it is about has left.
    PersonUnknown,
    /// Groups or who is on call can't be told, for anybody.
    GroupsUnknown,
}

/// What can't be looked up denies who asks now, who can ask again. It denies nothing that waits already: its approvers' clicks
/// look it up once more.
async fn rule_again(engine: &Arc<Engine>, request: &Request) -> Result<Ruling, SubmitError> {
    let facts = engine.facts_for(request).await?;
    let unknown = |members: &Known<_>| members.value().is_none();
    if facts.members.values().any(unknown) || facts.on_call.value().is_none() {
        return Ok(Ruling::GroupsUnknown);
    }
    if !facts.unsure.is_empty() {
        return Ok(Ruling::PersonUnknown);
    }
    let command = Command::RuleAgain {
        request: request.id,
    };
    match engine.submit(Actor::Server, command, facts).await {
        Ok(_) | Err(SubmitError::Refused(_)) => Ok(Ruling::Done),
        Err(error) => Err(error),
    }
}

/// Revokes it, if it is live.
pub(super) async fn revoke(
    engine: &Engine,
    request: &Request,
    reason: &str,
) -> Result<(), SubmitError> {
    if !matches!(request.phase, Phase::Approved { .. } | Phase::Active { .. }) {
        return Ok(());
    }
    let Ok(reason) = Engine::text(reason) else {
        return Ok(());
    };
    let command = Command::Revoke {
        request: request.id,
        reason,
    };
    match engine
        .submit(Actor::Server, command, Facts::default())
        .await
    {
        Ok(_) | Err(SubmitError::Refused(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

impl Engine {
    /// Rules everything that waits by the policy in force now. Says whether all of it could be: what chats know must be known.
    pub async fn rule_again_now(self: &Arc<Self>) -> Result<bool, SubmitError> {
        let mut all = true;
        let mut pending = self.store.pages(Which::Pending).await?;
        while let Some(page) = pending.next(&self.store).await? {
            for request in page {
                match rule_again(self, &request).await? {
                    Ruling::Done => {}
                    Ruling::PersonUnknown => all = false,
                    Ruling::GroupsUnknown => return Ok(false),
                }
            }
        }
        Ok(all)
    }

    /// Looks at the rights behind all live grants now.
    pub async fn check_rights_now(self: &Arc<Self>) -> Result<(), SubmitError> {
        let mut rights = Rights::default();
        rights.check(self).await?;
        while rights.rest.is_some() {
            rights.turn_page(self).await?;
        }
        Ok(())
    }
}

/// Ends the grants of people who surely left, and tells who couldn't ask any more: at once where something changed for
/// somebody, and of everybody, page by page, where it may have for anybody.
#[derive(Debug, Default)]
struct Rights {
    /// By what all were looked at, or are.
    policy: Option<Arc<Policy>>,
    members: BTreeMap<GroupId, BTreeSet<PersonId>>,
    facts: Facts,
    /// Live grants that are still to be looked at.
    rest: Option<Pages>,
}

impl Rights {
    async fn check(&mut self, engine: &Arc<Engine>) -> Result<(), SubmitError> {
        let holders = engine.store.holders().await?;
        if holders.is_empty() {
            return Ok(());
        }
        let policy = engine.policy();
        self.facts = Facts {
            members: engine.roster.members(&policy).await,
            inactive: engine.roster.left(&policy, holders.iter().cloned()).await,
            ..Facts::default()
        };
        let mut changed = self.facts.inactive.clone();
        let mut is_new = !self
            .policy
            .as_ref()
            .is_some_and(|old| Arc::ptr_eq(old, &policy));
        for (group, members) in &self.facts.members {
            let Known::Known(members) = members else {
                continue;
            };
            match self.members.insert(group.clone(), members.clone()) {
                Some(old) => changed.extend(old.symmetric_difference(members).cloned()),
                None => is_new = true,
            }
        }
        self.policy = Some(policy);
        for person in changed.intersection(&holders) {
            let live = engine.store.requests_of(person, Which::Live, u64::MAX >> 1);
            check(engine, (self.policy.as_deref(), &self.facts), live.await?).await?;
        }
        if is_new {
            self.rest = Some(engine.store.pages(Which::Live).await?);
        }
        Ok(())
    }

    /// Looks at some of those that are still to be looked at.
    async fn turn_page(&mut self, engine: &Arc<Engine>) -> Result<(), SubmitError> {
        let Some(rest) = &mut self.rest else {
            return Ok(());
        };
        if let Some(page) = rest.next(&engine.store).await? {
            return check(engine, (self.policy.as_deref(), &self.facts), page).await;
        }
        self.rest = None;
        Ok(())
    }
}

async fn check(
    engine: &Arc<Engine>,
    (policy, facts): (Option<&Policy>, &Facts),
    live: Vec<Request>,
) -> Result<(), SubmitError> {
    let Some(policy) = policy else { return Ok(()) };
    for request in live {
        let command = Command::CheckRights {
            request: request.id,
        };
        let state = State {
            requests: [(request.id, request)].into(),
            ..State::default()
        };
        let situation = Situation {
            policy,
            state: &state,
            facts,
            now: engine.clock.now(),
        };
        let decided = decide(&situation, &Actor::Server, &command);
        if decided.is_ok_and(|decision| !decision.events.is_empty()) {
            match engine.submit(Actor::Server, command, facts.clone()).await {
                Ok(_) | Err(SubmitError::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}
