//! Targets that fail, hang, lie, forget, do it late, and do it without saying so.

use std::collections::{BTreeMap, BTreeSet};

use breakglass_core::converge::CALL_MAX;
use breakglass_core::id::HoldingId;
use breakglass_core::port::provisioner::{
    Capabilities, Deprovisioned, Observation, Presence, Provision, ProvisionError, Provisioned,
};
use breakglass_core::time::{Length, Timestamp};

use crate::step::Fate;

/// A call on its way.
#[derive(Debug, Clone)]
pub(crate) enum Call {
    Provision(Provision),
    Deprovision(HoldingId),
}

/// One target, with its own clock.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) can: Capabilities,
    /// What we gave.
    pub(crate) ours: BTreeMap<HoldingId, Timestamp>,
    /// What others gave.
    pub(crate) standing: BTreeSet<HoldingId>,
    /// What vanished by itself, or by a call of somebody who died meanwhile.
    pub(crate) lost: BTreeSet<HoldingId>,
    /// What was given by a call of somebody who died meanwhile.
    pub(crate) left_over: BTreeSet<HoldingId>,
    /// What was so before the newest change, for as long as it takes to show that.
    shown: BTreeMap<HoldingId, (Timestamp, bool)>,
    /// Calls that didn't arrive yet: by whom, sent when.
    pub(crate) late: Vec<(u64, Timestamp, Call)>,
}

impl Target {
    /// One that can be read back, and takes a while to show a change; or one that ends access by itself.
    pub(crate) fn new(orders: bool) -> Self {
        Self {
            can: Capabilities {
                reads_back: true,
                lists: true,
                ends_sessions: orders,
                expires_by_itself: !orders,
                settle: Length::from_secs(if orders { 0 } else { 2 }),
                parallel_max: 2,
            },
            ours: BTreeMap::new(),
            standing: BTreeSet::new(),
            lost: BTreeSet::new(),
            left_over: BTreeSet::new(),
            shown: BTreeMap::new(),
            late: Vec::new(),
        }
    }

    /// It can't be read back.
    pub(crate) fn hide(&mut self) {
        self.can.reads_back = false;
        self.can.lists = false;
    }

    fn set(&mut self, id: &HoldingId, until: Option<Timestamp>, now: Timestamp) {
        let before = self.ours.contains_key(id);
        if before != until.is_some() {
            self.shown.insert(id.clone(), (now, before));
        }
        self.lost.remove(id);
        self.left_over.remove(id);
        match until {
            Some(until) => {
                self.ours.insert(id.clone(), until);
            }
            None => {
                self.ours.remove(id);
            }
        }
    }

    /// Does it, if it isn't too late.
    fn does(&mut self, call: &Call, now: Timestamp) -> Result<Provisioned, ProvisionError> {
        match call {
            Call::Provision(call) if self.standing.contains(&call.holding) => {
                return Ok(Provisioned::AlreadyHeld {
                    how: "granted by postgres".to_owned(),
                });
            }
            Call::Provision(call) if now >= call.begin_by => return Err(ProvisionError::TooLate),
            Call::Provision(call) => self.set(&call.holding, Some(call.not_after), now),
            Call::Deprovision(id) => self.set(id, None, now),
        }
        Ok(Provisioned::Done)
    }

    /// What the worker hears; nothing, if it hears nothing.
    pub(crate) fn call(
        &mut self,
        call: Call,
        (worker, fate): (u64, Fate),
        now: Timestamp,
    ) -> Option<Result<Provisioned, ProvisionError>> {
        match fate {
            Fate::Good => Some(self.does(&call, now)),
            Fate::Fails => Some(Err(ProvisionError::Unavailable("away".to_owned()))),
            Fate::Refused => Some(Err(ProvisionError::Refused("no such role".to_owned()))),
            Fate::Unheard => {
                drop(self.does(&call, now));
                Some(Err(ProvisionError::Unknown("cut".to_owned())))
            }
            Fate::Hangs => None,
            Fate::Late => {
                self.late.push((worker, now, call));
                None
            }
            Fate::Lies => {
                self.is_believed(&call);
                Some(Ok(Provisioned::Done))
            }
        }
    }

    /// Nobody can find out about a lie of one that can't be read back.
    fn is_believed(&mut self, call: &Call) {
        if self.can.reads_back {
            return;
        }
        match call {
            Call::Provision(call) if !self.ours.contains_key(&call.holding) => {
                self.lost.insert(call.holding.clone());
            }
            Call::Deprovision(id) if self.ours.contains_key(id) => {
                self.left_over.insert(id.clone());
            }
            Call::Provision(_) | Call::Deprovision(_) => {}
        }
    }

    /// A call that was late. Its sender may be dead; a call to take away is cut off with its sender's patience.
    pub(crate) fn arrive(&mut self, which: usize, alive: &[u64], now: Timestamp) {
        let (worker, sent_at, call) = self.late.remove(which);
        let in_time = now.millis_since(sent_at) < CALL_MAX.millis();
        if !in_time && matches!(call, Call::Deprovision(_)) {
            return;
        }
        let id = match &call {
            Call::Provision(call) => call.holding.clone(),
            Call::Deprovision(id) => id.clone(),
        };
        let before = self.ours.contains_key(&id);
        drop(self.does(&call, now));
        let is = self.ours.contains_key(&id);
        if before != is && !alive.contains(&worker) {
            let by_the_dead = if is {
                &mut self.left_over
            } else {
                &mut self.lost
            };
            by_the_dead.insert(id);
        }
    }

    /// What it shows. It never lies here.
    pub(crate) fn look(
        &self,
        id: &HoldingId,
        fate: Fate,
        now: Timestamp,
    ) -> Option<Result<Observation, ProvisionError>> {
        match fate {
            Fate::Good | Fate::Lies | Fate::Late => {}
            Fate::Fails => return Some(Err(ProvisionError::Unavailable("away".to_owned()))),
            Fate::Refused => return Some(Err(ProvisionError::Refused("no right".to_owned()))),
            Fate::Unheard => return Some(Err(ProvisionError::Unknown("cut".to_owned()))),
            Fate::Hangs => return None,
        }
        if !self.can.reads_back {
            return Some(Ok(Observation {
                ours: Presence::Unknowable,
                foreign: Vec::new(),
            }));
        }
        let is = self.ours.contains_key(id);
        let shown = match self.shown.get(id) {
            Some((at, before)) if now.millis_since(*at) < self.can.settle.millis() => *before,
            Some(_) | None => is,
        };
        let foreign = self
            .standing
            .contains(id)
            .then(|| "granted by postgres".to_owned());
        Some(Ok(Observation {
            ours: if shown {
                Presence::Present
            } else {
                Presence::Absent
            },
            foreign: foreign.into_iter().collect(),
        }))
    }

    /// Access that ends by itself does.
    pub(crate) fn pass(&mut self, now: Timestamp) {
        if !self.can.expires_by_itself {
            return;
        }
        let over: Vec<HoldingId> = self
            .ours
            .iter()
            .filter(|(_, until)| **until <= now)
            .map(|(id, _)| id.clone())
            .collect();
        for id in over {
            self.set(&id, None, now);
            self.lost.insert(id);
        }
    }

    pub(crate) fn forget(&mut self, now: Timestamp) {
        if let Some(id) = self.ours.keys().next().cloned() {
            self.set(&id, None, now);
            self.lost.insert(id);
        }
    }
}

/// As a deprovisioning is answered.
pub(crate) fn gone(
    answer: Result<Provisioned, ProvisionError>,
) -> Result<Deprovisioned, ProvisionError> {
    answer.map(|_| Deprovisioned { sessions_ended: 0 })
}
