//! Ends what is over without the log: while it can't be trusted, and while the store doesn't answer.

use std::collections::BTreeMap;
use std::future;
use std::sync::Arc;

use breakglass_core::command::{Fault, Outcome, Removal};
use breakglass_core::dispatch::backoff_millis;
use breakglass_core::effect::STUCK_TRIES;
use breakglass_core::id::{HoldingId, ProvisionerId, RequestId};
use breakglass_core::notice::Notice;
use breakglass_core::port::provisioner::Presence;
use breakglass_core::time::{Length, Timestamp};
use breakglass_store::{Store, StoreError};
use tokio::task::JoinSet;

use crate::alarms::Alarms;
use crate::clock::{Clock, Steady};
use crate::database::clock_ahead_millis;
use crate::engine::{Target, take};
use crate::mirror::Mirror;

/// What is gone is taken away again after this, should a call that gave it have been under way.
const AGAIN_AFTER: Length = Length::from_mins(1);

/// So many ends are told one by one; the rest is only logged, lest the alarms drown.
const TOLD_MAX: usize = 20;

/// All it takes to end a grant without a store.
#[derive(Debug)]
pub struct Keeper {
    /// The targets' adapters.
    pub targets: BTreeMap<ProvisionerId, Target>,
    /// What dates go by.
    pub clock: Arc<dyn Clock>,
    /// What claims and pauses go by.
    pub steady: Arc<Steady>,
    /// Tells security.
    pub alarms: Alarms,
    /// What must end.
    pub mirror: Arc<Mirror>,
}

/// Why an end can't be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The log can't be trusted any more.
    Distrusted,
    /// The store doesn't answer, for now.
    Away,
}

/// How far the end of one holding is.
#[derive(Debug, Default)]
struct Ending {
    grants: Vec<RequestId>,
    busy: bool,
    tries: u32,
    next_at: Timestamp,
    told_gone: bool,
    told_stuck: bool,
}

/// Ends under way.
#[derive(Debug)]
pub struct Ends {
    keeper: Arc<Keeper>,
    why: Why,
    endings: BTreeMap<HoldingId, Ending>,
    calls: JoinSet<(HoldingId, Outcome)>,
}

impl Ends {
    /// None yet.
    pub fn new(keeper: Arc<Keeper>, why: Why) -> Self {
        Self {
            keeper,
            why,
            endings: BTreeMap::new(),
            calls: JoinSet::new(),
        }
    }

    /// Calls the targets of what must go, unless that is under way or it isn't time to try again.
    pub fn begin(&mut self, over: BTreeMap<HoldingId, Vec<RequestId>>) {
        let now = self.keeper.steady.now();
        for (id, grants) in over {
            let ending = self.endings.entry(id.clone()).or_default();
            ending.grants = grants;
            if ending.busy || ending.next_at > now {
                continue;
            }
            ending.busy = true;
            let (keeper, tries) = (self.keeper.clone(), ending.tries);
            self.calls.spawn(async move {
                let outcome = keeper.end(&id, tries).await;
                (id, outcome)
            });
        }
    }

    /// Waits for one of the calls, and tells what came of it. Never returns while there is none.
    pub async fn settle_next(&mut self) {
        match self.calls.join_next().await {
            Some(Ok((id, outcome))) => self.settle(&id, &outcome),
            Some(Err(error)) => tracing::error!(%error, "an end was broken off"),
            None => future::pending().await,
        }
    }

    fn settle(&mut self, id: &HoldingId, outcome: &Outcome) {
        let now = self.keeper.steady.now();
        let told = self.endings.values().filter(|ending| ending.told_gone);
        let told = told.count();
        let ending = self.endings.entry(id.clone()).or_default();
        ending.busy = false;
        let request = ending.grants.first().copied();
        match outcome {
            Outcome::Failed { fault, why, tries } => {
                ending.tries = *tries;
                let pause = backoff_millis(*tries, rand::random());
                ending.next_at = Timestamp::from_millis(now.millis().saturating_add(pause));
                tracing::error!(holding = %id, why, tries, "what is over couldn't be taken away; trying again");
                let stuck = *tries >= STUCK_TRIES || *fault == Fault::Lasting;
                if stuck && !ending.told_stuck {
                    ending.told_stuck = true;
                    let notice = self.keeper.not_removed(id, request, (self.why, why));
                    self.keeper.alarms.raise(&notice);
                    let text = format!("Access NOT removed: {id}. It is still tried.");
                    self.keeper.alarms.wake(request, &text);
                }
            }
            Outcome::Taken {
                read_back,
                sessions_ended,
                ..
            } => {
                ending.tries = 0;
                ending.next_at = now.plus(AGAIN_AFTER);
                if ending.told_gone {
                    return;
                }
                ending.told_gone = true;
                tracing::error!(holding = %id, why = ?self.why, "taken away without a record");
                if self.why == Why::Away {
                    let seen = (*read_back, *sessions_ended);
                    let removed_at = self.keeper.clock.now();
                    self.keeper.write_down(&ending.grants, removed_at, seen);
                }
                if told < TOLD_MAX {
                    let notice = removed(id, request, (self.why, *read_back));
                    self.keeper.alarms.raise(&notice);
                }
            }
            Outcome::Given | Outcome::AlreadyHeld { .. } => {}
        }
    }
}

impl Keeper {
    /// Goes along with the clock of the store's server, where there is one. Gives how far we were ahead of it, in
    /// milliseconds.
    pub async fn follow(&self, store: &Store) -> Result<i64, StoreError> {
        let ours: Arc<dyn Clock> = self.steady.clone();
        let ahead = clock_ahead_millis(store.database(), &ours).await?;
        if store.database().is_postgres() {
            self.steady.follow(ahead);
        }
        Ok(ahead)
    }

    /// Takes it away once, whatever the clocks say. Gives what keeps it, if something does.
    pub async fn end_now(&self, id: &HoldingId) -> Option<String> {
        match self.end(id, 0).await {
            Outcome::Failed { why, .. } => Some(why),
            Outcome::Taken { .. } | Outcome::Given | Outcome::AlreadyHeld { .. } => None,
        }
    }

    async fn end(&self, id: &HoldingId, tries: u32) -> Outcome {
        let Some(target) = self.targets.get(&id.provisioner) else {
            let why = format!("no provisioner {} is configured any more", id.provisioner);
            return failed(why, tries);
        };
        let provisioner = target.provisioner.as_ref();
        let taken = take(&self.steady, provisioner, id, tries).await;
        taken.unwrap_or_else(|| failed("the target took too long".to_owned(), tries))
    }

    /// For the log, once it can be written.
    fn write_down(
        &self,
        grants: &[RequestId],
        removed_at: Timestamp,
        (read_back, sessions_ended): (Presence, u32),
    ) {
        for request in grants {
            let removal = Removal {
                request: *request,
                removed_at,
                read_back,
                sessions_ended,
            };
            if let Err(error) = self.mirror.spill.write(removal) {
                tracing::error!(%error, %request, "what was taken away couldn't be written down; the log will have its end, not this");
            }
        }
    }

    fn not_removed(
        &self,
        id: &HoldingId,
        request: Option<RequestId>,
        (why, trouble): (Why, &str),
    ) -> Notice {
        let target = self.targets.get(&id.provisioner);
        let record = match why {
            Why::Distrusted => "The log can't be trusted, so this stands in no record.",
            Why::Away => "The store doesn't answer, so this stands in no record yet.",
        };
        Notice::Alarm {
            request,
            title: "Access NOT removed".to_owned(),
            text: format!("{id} is over: {trouble}. {record} Still trying."),
            by_hand: target.map(|target| target.provisioner.by_hand(id)),
            loud: true,
            buttons: Vec::new(),
        }
    }
}

const fn failed(why: String, tries: u32) -> Outcome {
    Outcome::Failed {
        fault: Fault::Lasting,
        why,
        tries: tries + 1,
    }
}

fn removed(
    id: &HoldingId,
    request: Option<RequestId>,
    (why, read_back): (Why, Presence),
) -> Notice {
    let seen = match read_back {
        Presence::Absent => "read back, it is gone",
        Presence::Present | Presence::Unknowable => "this target can't be read back",
    };
    let record = match why {
        Why::Distrusted => "The log can't be trusted, so only this says so.",
        Why::Away => "The store doesn't answer; the log will have it when it does.",
    };
    Notice::Alarm {
        request,
        title: "Ended without a record".to_owned(),
        text: format!("{id} was over and was taken away; {seen}. {record}"),
        by_hand: None,
        loud: false,
        buttons: Vec::new(),
    }
}
