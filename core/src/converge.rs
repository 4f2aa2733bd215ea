//! How a worker makes a target look as a holding wants it: a pure machine that names the next call, hears what came of
//! it, and ends with a report. The shell only drives it.
//!
//! Nothing is begun that could still go on when somebody else has taken the work over, or when the grant is over: a
//! worker that slept between looking and calling gives nothing and takes nothing away.

#[cfg(test)]
mod tests;

use crate::command::{Fault, Outcome, Report};
use crate::fact::Facts;
use crate::id::{HoldingId, PersonId, RequestId};
use crate::port::provisioner::{
    Capabilities, Deprovisioned, Observation, Presence, Provision, ProvisionError, Provisioned,
};
use crate::state::{Holding, Mode, Request, Wanted};
use crate::time::{Length, Timestamp};

/// The longest a single call to a target may take; under a third of [`CLAIM`].
pub const CALL_MAX: Length = Length::from_secs(18);

/// How long a worker holds an errand, beside the time that the target takes to show a change.
pub const CLAIM: Length = Length::from_secs(60);

/// How far the clocks of replicas and targets may differ before a fence has a gap: replicas that are more than a second
/// off the database's clock are not ready.
pub const CLOCKS_APART_MAX: Length = Length::from_secs(2);

/// What a worker knows when it begins.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// The holding, by the log itself.
    pub holding: &'a Holding,
    /// Do we grant?
    pub mode: &'a Mode,
    /// The request for which it is to be given, if it is.
    pub request: Option<&'a Request>,
    /// What was looked up: who is not active any more.
    pub facts: &'a Facts,
    /// What the target's adapter can do; absent, if none is configured any more.
    pub capabilities: Option<&'a Capabilities>,
    /// Tries that failed before.
    pub tries: u32,
    /// The errand is this worker's until then, by the clock that claims go by.
    pub claimed_until: Timestamp,
    /// How many milliseconds the clock that dates go by is ahead of the one that claims go by: the first may have been set
    /// meanwhile, the second never is.
    pub wall_ahead: i64,
}

/// What the shell does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Call this, and say what was heard.
    Provision(Provision),
    /// Call this, and say what was heard.
    Deprovision,
    /// Let the target come to rest, and say when that is over.
    Wait(Length),
    /// Call this, and say what was heard.
    Inspect,
    /// Tell it.
    Report(Box<Report>),
    /// The target looks as it should.
    Nothing,
    /// It is too late for this worker to do or to say anything: somebody else may be at work. Try again.
    Stale,
}

/// One attempt at one holding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Converge {
    holding: HoldingId,
    version: u64,
    started_at: Timestamp,
    tries: u32,
    claimed_until: Timestamp,
    wall_ahead: i64,
    settle: Length,
    errand: Errand,
    step: Step,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Errand {
    Give {
        request: RequestId,
        not_after: Timestamp,
    },
    Take,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Call,
    Settle(Called),
    Look(Called),
    Looking(Called, Timestamp),
    Tell(Outcome),
    Nothing,
    Stale,
}

/// What a call came to that is to be read back.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Called {
    Done {
        sessions_ended: u32,
    },
    /// Nobody knows whether it was done.
    Unheard(String),
}

impl Converge {
    /// Begins at `now`; this and all that follows by the clock that claims go by.
    pub fn begin(look: &Look<'_>, now: Timestamp) -> Self {
        let (errand, step) = match look.holding.wanted() {
            Wanted::Settled => (Errand::Take, Step::Nothing),
            Wanted::Present { request, not_after } => {
                (Errand::Give { request, not_after }, Step::Call)
            }
            Wanted::Absent { .. } => (Errand::Take, Step::Call),
        };
        let mut begun = Self {
            holding: look.holding.id.clone(),
            version: look.holding.version,
            started_at: moved(now, look.wall_ahead),
            tries: look.tries,
            claimed_until: look.claimed_until,
            wall_ahead: look.wall_ahead,
            settle: look
                .capabilities
                .map_or(Length::default(), |can| can.settle),
            errand,
            step,
        };
        if begun.step == Step::Call {
            begun.step = begun.first(look);
        }
        begun
    }

    /// Takes away whatever is there, whoever else is at work: for when there is no log to go by.
    pub fn taking(holding: &HoldingId, capabilities: &Capabilities, tries: u32) -> Self {
        Self {
            holding: holding.clone(),
            version: 0,
            started_at: Timestamp::default(),
            tries,
            claimed_until: Timestamp::from_millis(i64::MAX),
            wall_ahead: 0,
            settle: capabilities.settle,
            errand: Errand::Take,
            step: Step::Call,
        }
    }

    fn first(&self, look: &Look<'_>) -> Step {
        if look.capabilities.is_none() {
            let id = &look.holding.id.provisioner;
            return self.failed(
                Fault::Passing,
                format!("no provisioner {id} is configured any more"),
            );
        }
        let gives = matches!(self.errand, Errand::Give { .. });
        if gives && !matches!(look.mode, Mode::Open) {
            return self.failed(Fault::Lasting, "granting is stopped".to_owned());
        }
        let concerns = |id: &PersonId| look.request.is_some_and(|request| request.concerns(id));
        if gives && look.facts.unsure.iter().any(concerns) {
            let why = "whether everybody it concerns is active can't be looked up";
            return self.failed(Fault::Passing, why.to_owned());
        }
        if gives && look.facts.inactive.iter().any(concerns) {
            let why = "somebody it concerns is not active any more";
            return self.failed(Fault::Lasting, why.to_owned());
        }
        Step::Call
    }

    /// What to do at `now`.
    pub fn next(&mut self, now: Timestamp) -> Next {
        if self.step == Step::Call {
            return self.call(now);
        }
        // Whoever has it by now may have changed what was seen.
        let over = self.claimed_until.minus(CLOCKS_APART_MAX);
        if matches!(self.step, Step::Tell(_)) && now >= over {
            self.step = Step::Stale;
        }
        if let Step::Look(called) = &self.step {
            self.step = Step::Looking(called.clone(), now);
        }
        match &self.step {
            Step::Settle(_) => Next::Wait(self.settle),
            Step::Call | Step::Look(_) | Step::Looking(..) => Next::Inspect,
            Step::Tell(outcome) => Next::Report(Box::new(Report {
                holding: self.holding.clone(),
                version: self.version,
                started_at: self.started_at,
                outcome: outcome.clone(),
            })),
            Step::Nothing => Next::Nothing,
            Step::Stale => Next::Stale,
        }
    }

    /// A call is made only if it will be over before anybody else begins.
    fn call(&mut self, now: Timestamp) -> Next {
        let last = self.claimed_until.minus(CALL_MAX).minus(CLOCKS_APART_MAX);
        match self.errand {
            Errand::Give { not_after, .. } if moved(now, self.wall_ahead) >= not_after => {
                let why = "it was too late to give this access".to_owned();
                self.step = self.failed(Fault::Lasting, why);
                self.next(now)
            }
            Errand::Give { .. } | Errand::Take if now >= last => {
                self.step = Step::Stale;
                Next::Stale
            }
            Errand::Give { request, not_after } => {
                // Once we don't wait for an answer any more, it must not come to life either.
                let unheard = now.plus(CALL_MAX).minus(CLOCKS_APART_MAX);
                Next::Provision(Provision {
                    holding: self.holding.clone(),
                    request,
                    begin_by: not_after.min(moved(last.min(unheard), self.wall_ahead)),
                    not_after,
                })
            }
            // No target is told when to refuse this: one whose clock is wrong would keep the access for ever.
            Errand::Take => Next::Deprovision,
        }
    }

    /// The target answered [`Next::Provision`].
    pub fn provisioned(&mut self, answer: Result<Provisioned, ProvisionError>, now: Timestamp) {
        self.step = match answer {
            Ok(Provisioned::Done) => self.settled(Called::Done { sessions_ended: 0 }),
            Ok(Provisioned::AlreadyHeld { how }) => Step::Tell(Outcome::AlreadyHeld { how }),
            Err(ProvisionError::TooLate) => self.too_late(now),
            Err(error) => self.after(error),
        };
    }

    /// The target answered [`Next::Deprovision`].
    pub fn deprovisioned(&mut self, answer: Result<Deprovisioned, ProvisionError>) {
        self.step = match answer {
            Ok(Deprovisioned { sessions_ended }) => self.settled(Called::Done { sessions_ended }),
            Err(error) => self.after(error),
        };
    }

    /// The time of [`Next::Wait`] is over.
    pub fn waited(&mut self) {
        if let Step::Settle(called) = &self.step {
            self.step = Step::Look(called.clone());
        }
    }

    /// The target answered [`Next::Inspect`].
    pub fn inspected(&mut self, answer: Result<Observation, ProvisionError>, now: Timestamp) {
        let Step::Looking(called, asked_at) = &self.step else {
            return;
        };
        // What was seen long ago says nothing when others may have been at work since. A time-out is heard a little late.
        let patience = CALL_MAX.millis() + CLOCKS_APART_MAX.millis();
        let fresh = now.millis_since(*asked_at) <= patience;
        self.step = match answer {
            Err(error) => self.failed(fault(&error), error.to_string()),
            Ok(_) if !fresh => Step::Stale,
            Ok(seen) => self.seen(called, seen),
        };
    }

    fn seen(&self, called: &Called, seen: Observation) -> Step {
        match (&self.errand, seen.ours, called) {
            (Errand::Give { .. }, Presence::Present, _)
            | (Errand::Give { .. }, Presence::Unknowable, Called::Done { .. }) => {
                Step::Tell(Outcome::Given)
            }
            (
                Errand::Take,
                Presence::Absent | Presence::Unknowable,
                Called::Done { sessions_ended },
            ) => Step::Tell(Outcome::Taken {
                read_back: seen.ours,
                sessions_ended: *sessions_ended,
                remains: seen.foreign,
            }),
            // It may go on yet: only a call that was heard to the end ends a grant.
            (_, _, Called::Unheard(why)) => self.failed(Fault::Passing, why.clone()),
            (Errand::Give { .. }, Presence::Absent, Called::Done { .. }) => self.failed(
                Fault::Passing,
                "the target doesn't show the access".to_owned(),
            ),
            (Errand::Take, Presence::Present, Called::Done { .. }) => self.failed(
                Fault::Passing,
                "the target still shows the access".to_owned(),
            ),
        }
    }

    fn settled(&self, called: Called) -> Step {
        if self.settle > Length::default() {
            Step::Settle(called)
        } else {
            Step::Look(called)
        }
    }

    /// By its own clock. If by ours there is time left, it is tried again for as long as there is.
    fn too_late(&self, now: Timestamp) -> Step {
        match self.errand {
            Errand::Give { not_after, .. } if moved(now, self.wall_ahead) < not_after => {
                let why = "the call reached the target too late, or its clock is ahead";
                self.failed(Fault::Passing, why.to_owned())
            }
            Errand::Give { .. } | Errand::Take => {
                let why = "it was too late to give this access";
                self.failed(Fault::Lasting, why.to_owned())
            }
        }
    }

    /// What nobody knows is looked at before it is tried again.
    fn after(&self, error: ProvisionError) -> Step {
        match error {
            ProvisionError::Unknown(why) => self.settled(Called::Unheard(why)),
            ProvisionError::Unavailable(_)
            | ProvisionError::Refused(_)
            | ProvisionError::TooLate => self.failed(fault(&error), error.to_string()),
        }
    }

    fn failed(&self, fault: Fault, why: String) -> Step {
        Step::Tell(Outcome::Failed {
            fault,
            why,
            tries: self.tries.saturating_add(1),
        })
    }
}

const fn moved(at: Timestamp, millis: i64) -> Timestamp {
    Timestamp::from_millis(at.millis().saturating_add(millis))
}

const fn fault(error: &ProvisionError) -> Fault {
    match error {
        ProvisionError::Unavailable(_) | ProvisionError::Unknown(_) => Fault::Passing,
        ProvisionError::Refused(_) | ProvisionError::TooLate => Fault::Lasting,
    }
}
