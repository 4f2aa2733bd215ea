//! What is done in one commit, and what is answered afterwards.

use std::collections::{BTreeMap, BTreeSet};

use breakglass_core::command::Command;
use breakglass_core::id::{HoldingId, PersonId, PolicyHash, RequestId};
use tokio::sync::oneshot;

use super::{Fold, Folded, Task, Verdict};
use crate::error::StoreError;
use crate::outbox::{Handed, Hands, Hold, Settled};
use crate::submission::Submission;

type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

/// Tasks that are done together.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) submissions: Vec<Submission>,
    /// For each, the hold on the errand that it reports on.
    pub(super) holds: Vec<Option<Hold>>,
    pub(super) folds: Vec<HoldingId>,
    /// What to answer once it is committed, in the order of the submissions.
    pub(super) verdicts: Vec<Result<Verdict, StoreError>>,
    /// The same for the folds.
    pub(super) folded: Vec<Folded>,
    /// The first record that was being committed, with its bytes.
    pub(super) committing: Option<(u64, Vec<u8>)>,
    /// What that commit claims for this process; in hand already.
    pub(super) handing: Vec<Handed>,
    submitters: Vec<Answer<Verdict>>,
    folders: Vec<Answer<Folded>>,
}

/// The parts of the state that a batch touches.
#[derive(Debug, Default)]
pub(super) struct Touched {
    pub(super) requests: BTreeSet<RequestId>,
    pub(super) holdings: BTreeSet<HoldingId>,
    /// People whose open requests matter: whoever asks, and for whom.
    pub(super) people: BTreeSet<PersonId>,
    pub(super) policies: BTreeSet<PolicyHash>,
}

impl Batch {
    pub(super) fn new(tasks: Vec<Task>, folds: Vec<Fold>) -> Self {
        let mut batch = Self {
            submissions: Vec::new(),
            holds: Vec::new(),
            folds: Vec::new(),
            verdicts: Vec::new(),
            folded: Vec::new(),
            committing: None,
            handing: Vec::new(),
            submitters: Vec::new(),
            folders: Vec::new(),
        };
        for task in tasks {
            match task {
                Task::Submit(submission, hold, answer) => {
                    batch.submissions.push(*submission);
                    batch.holds.push(hold);
                    batch.submitters.push(answer);
                }
                Task::Distrust(_) | Task::Close => {}
            }
        }
        for Fold(holding, answer) in folds {
            batch.folds.push(holding);
            batch.folders.push(answer);
        }
        batch
    }

    pub(super) fn is_empty(&self) -> bool {
        self.submissions.is_empty() && self.folds.is_empty()
    }

    pub(super) fn touched(&self) -> Touched {
        let mut touched = Touched::default();
        touched.holdings.extend(self.folds.iter().cloned());
        for Submission { command, .. } in &self.submissions {
            touched.requests.extend(command.request());
            touched.holdings.extend(command.holding().cloned());
            if let Command::Ask(ask) = command {
                touched.people.insert(ask.question.requester.clone());
                touched.people.insert(ask.question.beneficiary.clone());
            }
            if let Command::LoadPolicy { hash } = command {
                touched.policies.insert(hash.clone());
            }
        }
        touched
    }

    /// The holds of those whose report was not refused.
    pub(super) fn to_settle(&self) -> Vec<Hold> {
        let held = self.verdicts.iter().zip(&self.holds);
        let taken = held.filter(|(verdict, _)| matches!(verdict, Ok(Ok(_))));
        taken.filter_map(|(_, hold)| *hold).collect()
    }

    /// Tells each what became of its errand.
    pub(super) fn note_settled(&mut self, settled: &BTreeMap<i64, Settled>) {
        for (verdict, hold) in self.verdicts.iter_mut().zip(&self.holds) {
            if let (Ok(Ok(committed)), Some(hold)) = (verdict, hold) {
                committed.settled = settled.get(&hold.id).copied();
            }
        }
    }

    /// What was claimed goes to whoever carries it out, if it was committed.
    pub(super) fn hand_over(&mut self, hands: &Hands, outcome: &Result<(), StoreError>) {
        let handing = self.handing.split_off(0);
        if outcome.is_ok() {
            hands.hand_over(handing);
        } else {
            for handed in &handing {
                hands.let_go(handed.claimed.hold.id);
            }
        }
    }

    /// Answers everybody: as decided if it was committed, else all with the same error.
    pub(super) fn answer(self, outcome: Result<(), StoreError>) {
        // Whoever went away meanwhile needs no answer, so a failed send is none.
        match outcome {
            Ok(()) => {
                for (answer, verdict) in self.submitters.into_iter().zip(self.verdicts) {
                    drop(answer.send(verdict));
                }
                for (answer, folded) in self.folders.into_iter().zip(self.folded) {
                    drop(answer.send(Ok(folded)));
                }
            }
            Err(error) => {
                for answer in self.submitters {
                    drop(answer.send(Err(error.clone())));
                }
                for answer in self.folders {
                    drop(answer.send(Err(error.clone())));
                }
            }
        }
    }
}
