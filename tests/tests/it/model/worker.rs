//! Workers that go by the convergence machine, one of which may fall asleep, and a target that does as it is told,
//! fails, or does it and can't say so.

use breakglass_core::command::{Actor, Command, Outcome, Report};
use breakglass_core::converge::{CLAIM, Converge, Look, Next};
use breakglass_core::effect::STUCK_TRIES;
use breakglass_core::fact::Facts;
use breakglass_core::port::provisioner::{
    Capabilities, Deprovisioned, Observation, Presence, Provision, ProvisionError, Provisioned,
};
use breakglass_core::time::{Length, Timestamp};

use super::town::{Again, Fence, Plot, Step, Story, Town, Worker};

const TARGET: Capabilities = Capabilities {
    reads_back: true,
    ends_sessions: true,
    lists: false,
    expires_by_itself: false,
    settle: Length::from_secs(0),
    parallel_max: 1,
};

/// How far an errand is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hand {
    claimed_until: Timestamp,
    step: Progress,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Progress {
    Looked(Converge),
    /// On its way to the target.
    Sent(Converge, Provision),
    Called(Box<Report>),
    Reported {
        again: bool,
    },
}

/// What the target makes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    /// It does it, and shows it.
    Done,
    /// It does nothing.
    Fails,
    /// It does it, but nobody hears so.
    Unheard,
}

impl Town {
    /// What the workers can do now.
    pub(super) fn errands(&self, story: Story) -> Vec<Step> {
        let mut steps = Vec::new();
        if self.hand.is_none() && self.errand.is_some() {
            steps.push(Step::Begin);
        }
        for (who, hand) in [
            (Worker::Awake, &self.hand),
            (Worker::Sleeper, &self.sleeper),
        ] {
            let Some(hand) = hand else { continue };
            match &hand.step {
                Progress::Looked(_) if story.plot == Plot::Sleeper => steps.push(Step::Send(who)),
                Progress::Looked(_) | Progress::Sent(..) => {
                    steps.push(Step::Call(who, Call::Done));
                    if self.failures < story.failures {
                        steps.push(Step::Call(who, Call::Fails));
                        steps.push(Step::Call(who, Call::Unheard));
                    }
                }
                Progress::Called(_) => steps.push(Step::Report(who)),
                Progress::Reported { .. } => steps.push(Step::Settle(who)),
            }
        }
        if self.hand.is_some() {
            steps.push(Step::Crash);
            if story.plot == Plot::Sleeper && !self.slept {
                steps.push(Step::FallAsleep);
            }
        }
        if self.told.is_some() && story.plot != Plot::Sleeper {
            steps.push(Step::ReportAgain);
        }
        steps
    }

    fn hand(&mut self, who: Worker) -> &mut Option<Hand> {
        match who {
            Worker::Awake => &mut self.hand,
            Worker::Sleeper => &mut self.sleeper,
        }
    }

    pub(super) fn begin(&mut self) {
        let Some(holding) = self.holding() else {
            return;
        };
        let claimed_until = self.now.plus(CLAIM);
        let look = Look {
            holding,
            mode: &self.state.house.mode,
            request: None,
            facts: &Facts::default(),
            capabilities: Some(&TARGET),
            tries: self.failures,
            claimed_until,
            wall_ahead: 0,
        };
        let mut machine = Converge::begin(&look, self.now);
        self.errand = Some(Again::No);
        if machine.next(self.now) == Next::Nothing {
            self.errand = None;
        } else {
            self.hand = Some(Hand {
                claimed_until,
                step: Progress::Looked(machine),
            });
        }
    }

    /// From here on only the target can refuse what was sent. A call that takes away isn't sent: it arrives at once.
    pub(super) fn send(&mut self, who: Worker) {
        let now = self.now;
        let Some(mut hand) = self.hand(who).take() else {
            return;
        };
        let Progress::Looked(mut machine) = hand.step else {
            return;
        };
        hand.step = match machine.next(now) {
            Next::Provision(call) => Progress::Sent(machine, call),
            Next::Stale => return,
            Next::Deprovision | Next::Wait(_) | Next::Inspect | Next::Report(_) | Next::Nothing => {
                match self.go_on(machine, Call::Done, Fence::Kept) {
                    Some(report) => Progress::Called(report),
                    None => return,
                }
            }
        };
        *self.hand(who) = Some(hand);
    }

    pub(super) fn call(&mut self, who: Worker, call: Call, fence: Fence) {
        let Some(mut hand) = self.hand(who).take() else {
            return;
        };
        let machine = match hand.step {
            Progress::Looked(machine) => machine,
            Progress::Sent(mut machine, sent) => {
                let answer = self.provision(&sent, call, fence);
                machine.provisioned(answer, self.now);
                machine
            }
            Progress::Called(_) | Progress::Reported { .. } => return,
        };
        if let Some(report) = self.go_on(machine, call, fence) {
            hand.step = Progress::Called(report);
            *self.hand(who) = Some(hand);
        }
    }

    /// Until there is something to report, if there is.
    fn go_on(&mut self, mut machine: Converge, call: Call, fence: Fence) -> Option<Box<Report>> {
        loop {
            match machine.next(self.now) {
                Next::Provision(sent) => {
                    let answer = self.provision(&sent, call, fence);
                    machine.provisioned(answer, self.now);
                }
                Next::Deprovision => machine.deprovisioned(self.deprovision(call)),
                Next::Wait(_) => machine.waited(),
                Next::Inspect => machine.inspected(self.inspect(call), self.now),
                Next::Report(report) => {
                    let failed = matches!(report.outcome, Outcome::Failed { .. });
                    // From then on more of them change nothing, and a call that comes too late may come again for ever.
                    self.failures = (self.failures + u32::from(failed)).min(STUCK_TRIES);
                    return Some(report);
                }
                Next::Nothing | Next::Stale => return None,
            }
        }
    }

    /// The target looks at its own clock.
    fn provision(
        &mut self,
        sent: &Provision,
        call: Call,
        fence: Fence,
    ) -> Result<Provisioned, ProvisionError> {
        let last = match fence {
            Fence::Kept => sent.begin_by,
            Fence::Missing => sent.not_after,
        };
        if call == Call::Fails {
            return Err(ProvisionError::Unavailable("no answer".to_owned()));
        }
        if self.now >= last {
            return Err(ProvisionError::TooLate);
        }
        self.access = true;
        heard(call, Provisioned::Done)
    }

    fn deprovision(&mut self, call: Call) -> Result<Deprovisioned, ProvisionError> {
        if call == Call::Fails {
            return Err(ProvisionError::Unavailable("no answer".to_owned()));
        }
        self.access = false;
        heard(call, Deprovisioned::default())
    }

    fn inspect(&self, call: Call) -> Result<Observation, ProvisionError> {
        let ours = if self.access {
            Presence::Present
        } else {
            Presence::Absent
        };
        heard(
            call,
            Observation {
                ours,
                foreign: Vec::new(),
            },
        )
    }

    pub(super) fn report(&mut self, who: Worker) {
        let Some(mut hand) = self.hand(who).take() else {
            return;
        };
        let Progress::Called(report) = hand.step else {
            return;
        };
        let again = matches!(report.outcome, Outcome::Failed { .. });
        self.give(&Actor::Worker, &Command::Report(report.clone()));
        self.told = Some(*report);
        hand.step = Progress::Reported { again };
        *self.hand(who) = Some(hand);
    }

    pub(super) fn report_again(&mut self) {
        if let Some(report) = self.told.take() {
            self.give(&Actor::Worker, &Command::Report(Box::new(report)));
        }
    }

    /// An errand that failed, or that was demanded again meanwhile, stays; and whatever a sleeper says of it.
    pub(super) fn settle(&mut self, who: Worker) {
        let hand = self.hand(who).take();
        let again = hand.is_some_and(|hand| hand.step == Progress::Reported { again: true });
        if who == Worker::Awake && self.errand == Some(Again::No) && !again {
            self.errand = None;
        }
    }

    pub(super) fn fall_asleep(&mut self) {
        self.sleeper = self.hand.take();
        self.slept = true;
        if let Some(sleeper) = &self.sleeper {
            self.now = self.now.max(sleeper.claimed_until);
        }
    }
}

fn heard<T>(call: Call, answer: T) -> Result<T, ProvisionError> {
    match call {
        Call::Done | Call::Fails => Ok(answer),
        Call::Unheard => Err(ProvisionError::Unknown("no answer".to_owned())),
    }
}
