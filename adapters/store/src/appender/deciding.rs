//! Deciding a batch: pure, command after command, each on the state that the ones before it left.

use std::collections::{BTreeMap, BTreeSet};

use breakglass_core::effect::{Effect, react};
use breakglass_core::event::{Event, RECORD_VERSION, Record};
use breakglass_core::id::{HoldingId, PolicyHash, RequestId};
use breakglass_core::log::{Frontier, TreeHash, canonical};
use breakglass_core::ruling::RuleKind;
use breakglass_core::state::{Request, State};
use breakglass_core::text::Text;

use super::Verdict;
use crate::error::StoreError;
use crate::outbox::{Draft, Reached};
use crate::policies::Policies;
use crate::submission::{Committed, Decide, LogMark, Submission};

/// A record with its place in the tree.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) record: Record,
    pub(super) bytes: Vec<u8>,
    pub(super) nodes: Vec<TreeHash>,
}

/// A batch that is being decided.
#[derive(Debug)]
pub(super) struct Deciding<'a> {
    state: State,
    frontier: Frontier,
    reached: &'a Reached,
    before: Versions,
    records: Vec<Written>,
    effects: BTreeMap<String, Draft>,
    texts: Vec<Text>,
}

/// A batch that was decided: all that must be written.
#[derive(Debug)]
pub(super) struct Decided {
    pub(super) state: State,
    pub(super) frontier: Frontier,
    pub(super) records: Vec<Written>,
    pub(super) requests: BTreeSet<RequestId>,
    pub(super) holdings: BTreeSet<HoldingId>,
    pub(super) house: bool,
    pub(super) effects: Vec<Draft>,
    pub(super) texts: Vec<Text>,
}

/// What the state was, to tell what changed.
#[derive(Debug)]
struct Versions {
    requests: BTreeMap<RequestId, u64>,
    holdings: BTreeMap<HoldingId, u64>,
    house: u64,
}

impl Versions {
    fn of(state: &State) -> Self {
        Self {
            requests: state
                .requests
                .iter()
                .map(|(id, request)| (*id, request.version))
                .collect(),
            holdings: state
                .holdings
                .iter()
                .map(|(id, holding)| (id.clone(), holding.version))
                .collect(),
            house: state.house.version,
        }
    }
}

impl<'a> Deciding<'a> {
    pub(super) fn new(state: State, frontier: Frontier, reached: &'a Reached) -> Self {
        Self {
            before: Versions::of(&state),
            state,
            frontier,
            reached,
            records: Vec::new(),
            effects: BTreeMap::new(),
            texts: Vec::new(),
        }
    }

    /// Decides one command. Its answer may be given only after the commit.
    pub(super) fn decide(
        &mut self,
        decide: &dyn Decide,
        policies: &Policies,
        submission: &Submission,
    ) -> Result<Result<Verdict, StoreError>, StoreError> {
        if let breakglass_core::command::Command::LoadPolicy { hash } = &submission.command
            && policies.get(hash).is_none()
        {
            return Ok(Err(StoreError::Missing("policy")));
        }
        let policy = self
            .state
            .house
            .policy
            .as_ref()
            .and_then(|hash| policies.get(hash));
        let decision = match decide.decide(policy, &self.state, submission) {
            Ok(decision) => decision,
            Err(refusal) => return Ok(Ok(Err(refusal))),
        };
        if !decision.events.is_empty() {
            self.texts.extend(submission.command.text().cloned());
        }
        let mut records = Vec::new();
        for event in decision.events {
            records.push(self.append(submission, decision.request, event)?);
        }
        let request = decision
            .request
            .and_then(|id| self.state.requests.get(&id))
            .cloned();
        let mark = records.last().map(|record: &Record| LogMark {
            seq: record.seq,
            hash: self.frontier.root().short(),
        });
        Ok(Ok(Ok(Committed {
            request,
            records,
            mark,
            settled: None,
        })))
    }

    fn append(
        &mut self,
        submission: &Submission,
        request: Option<RequestId>,
        event: Event,
    ) -> Result<Record, StoreError> {
        let in_force = self.state.house.policy.clone();
        let record = Record {
            v: RECORD_VERSION,
            seq: self.frontier.size() + 1,
            at: submission.now,
            actor: submission.actor.clone(),
            request,
            emergency: self.is_emergency(request, &event),
            policy: in_force.unwrap_or_else(PolicyHash::none),
            event,
        };
        let bytes = canonical(&record).map_err(|_| StoreError::Malformed("a record"))?;
        let nodes = self.frontier.append(TreeHash::of_leaf(&bytes));
        self.state.apply(&record);
        for (index, effect) in react(&self.state, &record).iter().enumerate() {
            self.put_effect(&record, index, effect)?;
        }
        self.records.push(Written {
            record: record.clone(),
            bytes,
            nodes,
        });
        Ok(record)
    }

    fn is_emergency(&self, request: Option<RequestId>, event: &Event) -> bool {
        if let Event::Requested(requested) = event {
            return requested.terms.kind == RuleKind::Emergency;
        }
        let Some(id) = request else { return false };
        self.state
            .requests
            .get(&id)
            .is_none_or(Request::is_emergency)
    }

    /// A later effect with the same key takes the place of an earlier one: the state is looked at when it is
    /// carried out.
    fn put_effect(
        &mut self,
        record: &Record,
        index: usize,
        effect: &Effect,
    ) -> Result<(), StoreError> {
        for draft in Draft::of(record, index, effect, self.reached)? {
            self.effects.insert(draft.key.clone(), draft);
        }
        Ok(())
    }

    pub(super) fn end(self) -> Decided {
        let requests = self.state.requests.values();
        let requests = requests
            .filter(|request| self.before.requests.get(&request.id) != Some(&request.version))
            .map(|request| request.id)
            .collect();
        let holdings = self.state.holdings.values();
        let holdings = holdings
            .filter(|holding| self.before.holdings.get(&holding.id) != Some(&holding.version))
            .map(|holding| holding.id.clone())
            .collect();
        let mut effects: Vec<Draft> = self.effects.into_values().collect();
        effects.sort_by_key(|draft| (draft.seq, draft.index));
        Decided {
            house: self.before.house != self.state.house.version,
            requests,
            holdings,
            frontier: self.frontier,
            records: self.records,
            effects,
            texts: self.texts,
            state: self.state,
        }
    }
}
