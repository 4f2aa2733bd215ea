//! The one worker, and a target that does as it is told, fails, or does it and can't say so.

use breakglass_core::command::{Actor, Command, Fault, Outcome, Report};
use breakglass_core::id::HoldingId;
use breakglass_core::port::provisioner::Presence;
use breakglass_core::state::Wanted;
use breakglass_core::time::Timestamp;

use super::town::{Again, Step, Town};

/// How far an errand is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hand {
    holding: HoldingId,
    version: u64,
    started_at: Timestamp,
    wanted: Wanted,
    step: Progress,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Progress {
    Looked,
    Called(Outcome),
    Reported { again: bool },
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
    /// What the worker can do now.
    pub(super) fn errands(&self, failures: u32) -> Vec<Step> {
        let mut steps = match &self.hand {
            None if self.errand.is_some() => vec![Step::Begin],
            None => Vec::new(),
            Some(hand) => match &hand.step {
                Progress::Looked => self.calls(failures),
                Progress::Called(_) => vec![Step::Report, Step::Crash],
                Progress::Reported { .. } => vec![Step::Settle, Step::Crash],
            },
        };
        if self.told.is_some() {
            steps.push(Step::ReportAgain);
        }
        steps
    }

    fn calls(&self, failures: u32) -> Vec<Step> {
        let mut steps = vec![Step::Call(Call::Done), Step::Crash];
        if self.failures < failures {
            steps.extend([Step::Call(Call::Fails), Step::Call(Call::Unheard)]);
        }
        steps
    }

    pub(super) fn begin(&mut self) {
        let Some(holding) = self.holding() else {
            return;
        };
        let hand = Hand {
            holding: holding.id.clone(),
            version: holding.version,
            started_at: self.now,
            wanted: holding.wanted(),
            step: Progress::Looked,
        };
        self.errand = Some(Again::No);
        if hand.wanted == Wanted::Settled {
            self.errand = None;
        } else {
            self.hand = Some(hand);
        }
    }

    pub(super) fn call(&mut self, call: Call) {
        let Some(mut hand) = self.hand.take() else {
            return;
        };
        let done = match (&hand.wanted, call) {
            (_, Call::Fails) => None,
            // The target looks at its own clock.
            (Wanted::Present { not_after, .. }, _) if self.now >= *not_after => None,
            (Wanted::Present { .. }, _) => {
                self.access = true;
                Some(Outcome::Given)
            }
            (Wanted::Absent { .. }, _) => {
                self.access = false;
                Some(Outcome::Taken {
                    read_back: Presence::Absent,
                    sessions_ended: 0,
                    remains: Vec::new(),
                })
            }
            (Wanted::Settled, _) => None,
        };
        hand.step = Progress::Called(match (done, call) {
            (Some(outcome), Call::Done) => outcome,
            (Some(_), Call::Unheard | Call::Fails) | (None, _) => self.failed(),
        });
        self.hand = Some(hand);
    }

    fn failed(&mut self) -> Outcome {
        self.failures += 1;
        Outcome::Failed {
            fault: Fault::Passing,
            why: "no answer".to_owned(),
            tries: self.failures,
        }
    }

    pub(super) fn report(&mut self) {
        let Some(mut hand) = self.hand.take() else {
            return;
        };
        let Progress::Called(outcome) = hand.step else {
            return;
        };
        let again = matches!(outcome, Outcome::Failed { .. });
        let report = Report {
            holding: hand.holding.clone(),
            version: hand.version,
            started_at: hand.started_at,
            outcome,
        };
        self.give(&Actor::Worker, &Command::Report(Box::new(report.clone())));
        self.told = Some(report);
        hand.step = Progress::Reported { again };
        self.hand = Some(hand);
    }

    pub(super) fn report_again(&mut self) {
        if let Some(report) = self.told.take() {
            self.give(&Actor::Worker, &Command::Report(Box::new(report)));
        }
    }

    /// An errand that failed, or that was demanded again meanwhile, stays.
    pub(super) fn settle(&mut self) {
        let hand = self.hand.take();
        let again = hand.is_some_and(|hand| hand.step == Progress::Reported { again: true });
        if self.errand == Some(Again::No) && !again {
            self.errand = None;
        }
    }
}
