//! What must happen outside because of an event: data, written in the same commit, carried out afterwards.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::command::Fault;
use crate::deadline::is_escalated_by_then;
use crate::event::{Difference, Event, Record};
use crate::id::{HoldingId, PagerId, RequestId};
use crate::notice::{Audience, CardKind};
use crate::state::{Phase, Request, State, Wanted};

/// Failures in a row after which people are told.
pub const STUCK_TRIES: u32 = 3;

/// Something to be done outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// Make the target look as the holding wants it, and report.
    Converge {
        /// Which.
        holding: HoldingId,
        /// Access is to be given there: what is to be taken away anywhere goes first.
        #[serde(default)]
        gives: bool,
    },
    /// Draw a card as its request is now, on every chat; rendered when it is sent.
    Draw {
        /// Which card.
        card: CardKind,
        /// Of which request.
        request: RequestId,
        /// Its access ends or is gone, so that nobody waits for the picture.
        #[serde(default)]
        over: bool,
    },
    /// Say something once, to somebody; worded when it is sent, from the event that caused it.
    Post {
        /// To whom.
        to: Audience,
        /// What about.
        topic: Topic,
        /// The request it is about.
        request: Option<RequestId>,
    },
    /// Wake somebody up; worded when it is sent, from the event that caused it.
    Page {
        /// By which pager.
        by: Wakes,
        /// What about.
        topic: Topic,
        /// The request it is about.
        request: Option<RequestId>,
    },
}

/// Which pagers an effect is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wakes {
    /// This one.
    Pager(PagerId),
    /// All that take alarms: the service config says which.
    Alarms,
}

impl Effect {
    /// The request it is about, if it is about one: a holding may be wanted by several.
    pub const fn request(&self) -> Option<RequestId> {
        match self {
            Self::Converge { .. } => None,
            Self::Draw { request, .. } => Some(*request),
            Self::Post { request, .. } | Self::Page { request, .. } => *request,
        }
    }
}

/// What a post is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Direct: it waits for approvers.
    Received,
    /// Direct: something stands in the way of giving it, should it be approved.
    Preflight,
    /// Direct: the beneficiary's own click is needed.
    ConfirmNeeded,
    /// Direct: you have it, or why not.
    Decided,
    /// Direct: it ends soon.
    EndingSoon,
    /// Direct: it is over.
    Over,
    /// Thread: one line on what happened.
    Progress,
    /// Thread: people who can decide now, mentioned.
    AskedToAct,
    /// Thread: those who didn't answer yet, mentioned.
    Unanswered,
    /// Direct: the glass may be broken instead.
    GlassOffered,
    /// Thread: who was skipped by break-glass.
    Skipped,
    /// Security: access was given without approval. Always a new post.
    BrokenGlass,
    /// Security: a review is due or late.
    ReviewDue,
    /// Security: access was not removed in time.
    NotRemoved,
    /// Direct: an account of theirs was linked, or isn't any more.
    Linked,
    /// Security: about the house.
    House,
    /// Security: somebody tried what they may not.
    Refused,
    /// Security: who holds access couldn't ask for it any more.
    RightLost,
    /// Security: a target has what no grant explains, or had.
    Reconciled,
}

/// What must be done because of `record`, with `state` after it.
#[expect(
    clippy::too_many_lines,
    reason = "one arm for each event, read as a table"
)]
pub fn react(state: &State, record: &Record) -> Vec<Effect> {
    let Some(id) = record.request else {
        return react_house(record);
    };
    let Some(request) = state.requests.get(&id) else {
        return Vec::new();
    };
    let post = |to: Audience, topic: Topic| Effect::Post {
        to,
        topic,
        request: Some(id),
    };
    let direct = |topic| post(Audience::Person(request.asked.beneficiary.clone()), topic);
    // Who asked for somebody else waits for the answer too.
    let both = || {
        let people = BTreeSet::from([&request.asked.beneficiary, &request.asked.requester]);
        people.into_iter().cloned().map(Audience::Person)
    };
    let thread = |topic| post(Audience::ApproversThread(id), topic);
    let watch = |topic| post(Audience::SecurityThread(id), topic);
    let mut effects = draws(request);
    effects.extend(converge(state, request, record));
    match &record.event {
        Event::Requested(_) | Event::TermsChanged(_) => effects.extend(asked(request)),
        Event::Confirmed { .. } => effects.push(watch(Topic::Progress)),
        Event::ApprovalGiven { .. } | Event::ApprovalsVoided { .. } => {
            effects.extend([thread(Topic::Progress), watch(Topic::Progress)]);
        }
        Event::Escalated { step } => {
            effects.extend([thread(Topic::AskedToAct), watch(Topic::Progress)]);
            let terms = request.terms.iter();
            let reached = terms.filter_map(|terms| terms.escalate.get(usize::from(*step)));
            effects.extend(reached.flat_map(|reached| pages(request, &reached.page)));
        }
        Event::Unanswered => {
            // A step of the escalation asks everybody again anyway.
            let reminds = request
                .terms
                .as_ref()
                .is_some_and(|terms| !is_escalated_by_then(terms));
            effects.extend(reminds.then(|| thread(Topic::Unanswered)));
        }
        Event::GlassOffered { .. } => {
            let requester = Audience::Person(request.asked.requester.clone());
            effects.extend([post(requester, Topic::GlassOffered), watch(Topic::Progress)]);
        }
        Event::Paged { .. } => {}
        Event::PageFailed { .. } => effects.push(watch(Topic::Progress)),
        Event::Preflighted { trouble } => {
            let requester = Audience::Person(request.asked.requester.clone());
            effects.extend(trouble.is_some().then(|| post(requester, Topic::Preflight)));
        }
        Event::Approved(_) => effects.push(watch(Topic::Progress)),
        Event::Denied { .. } | Event::Lapsed => {
            effects.extend([thread(Topic::Progress), watch(Topic::Progress)]);
            effects.extend(both().map(|to| post(to, Topic::Decided)));
        }
        Event::Withdrawn => effects.extend([thread(Topic::Progress), watch(Topic::Progress)]),
        Event::Activated { .. } => {
            effects.extend([direct(Topic::Decided), thread(Topic::Progress)]);
            effects.push(watch(Topic::Progress));
            if request
                .terms
                .as_ref()
                .is_some_and(|terms| terms.break_glass)
            {
                effects.push(post(Audience::Security, Topic::BrokenGlass));
                effects.push(thread(Topic::Skipped));
            }
        }
        Event::Reminded => effects.push(direct(Topic::EndingSoon)),
        Event::RightLost => effects.push(post(Audience::Security, Topic::RightLost)),
        Event::ProvisionFailed { fault, tries, .. } => {
            if *tries == STUCK_TRIES || *fault == Fault::Lasting {
                effects.push(watch(Topic::Progress));
            }
        }
        Event::EndingStarted { .. } => effects.push(watch(Topic::Progress)),
        Event::DeprovisionFailed { .. } => {}
        Event::Stuck { .. } | Event::AttestationRefuted => {
            effects.push(post(Audience::Security, Topic::NotRemoved));
            effects.push(alarm(Some(id)));
        }
        Event::Attested { .. } => {
            effects.extend([thread(Topic::Progress), watch(Topic::Progress)]);
        }
        Event::RemovedUnrecorded { .. } => {
            effects.extend([thread(Topic::Progress), watch(Topic::Progress)]);
        }
        Event::Ended { .. } => {
            if request.lease.is_some() {
                effects.push(direct(Topic::Over));
            } else {
                effects.extend(both().map(|to| post(to, Topic::Decided)));
            }
            effects.extend([thread(Topic::Progress), watch(Topic::Progress)]);
        }
        Event::ReviewOpened { .. } | Event::ReviewOverdue => {
            effects.push(post(Audience::Security, Topic::ReviewDue));
        }
        Event::ReviewClosed { .. } | Event::UseDescribed { .. } => {
            effects.push(watch(Topic::Progress));
        }
        Event::DeniedByPolicy(_)
        | Event::LockdownStarted { .. }
        | Event::LockdownEnded { .. }
        | Event::LinkOffered { .. }
        | Event::Linked { .. }
        | Event::Unlinked { .. }
        | Event::PolicyLoaded { .. }
        | Event::Started { .. }
        | Event::AttemptRefused(_)
        | Event::Reconciled { .. } => {}
    }
    if is_hidden(request) {
        // Only the people it waits for are told.
        effects.retain(|effect| {
            matches!(
                effect,
                Effect::Post {
                    topic: Topic::ConfirmNeeded,
                    ..
                }
            )
        });
    }
    effects
}

fn react_house(record: &Record) -> Vec<Effect> {
    let house = |topic| Effect::Post {
        to: Audience::Security,
        topic,
        request: None,
    };
    match &record.event {
        Event::LockdownStarted { .. }
        | Event::LockdownEnded { .. }
        | Event::PolicyLoaded { .. }
        | Event::Started { .. } => vec![house(Topic::House)],
        Event::Linked { link } | Event::Unlinked { link } => vec![
            Effect::Post {
                to: Audience::Person(link.person.clone()),
                topic: Topic::Linked,
                request: None,
            },
            house(Topic::House),
        ],
        Event::AttemptRefused(attempt) if attempt.refusal == "no_approvers" => {
            vec![house(Topic::Refused)]
        }
        Event::Reconciled {
            holding,
            difference,
        } => reconciled(holding, difference, house),
        Event::AttemptRefused(_)
        | Event::LinkOffered { .. }
        | Event::Requested(_)
        | Event::DeniedByPolicy(_)
        | Event::Confirmed { .. }
        | Event::TermsChanged(_)
        | Event::ApprovalGiven { .. }
        | Event::ApprovalsVoided { .. }
        | Event::Approved(_)
        | Event::Denied { .. }
        | Event::Withdrawn
        | Event::Lapsed
        | Event::Escalated { .. }
        | Event::Unanswered
        | Event::GlassOffered { .. }
        | Event::Paged { .. }
        | Event::PageFailed { .. }
        | Event::Activated { .. }
        | Event::Reminded
        | Event::RightLost
        | Event::Preflighted { .. }
        | Event::ProvisionFailed { .. }
        | Event::EndingStarted { .. }
        | Event::DeprovisionFailed { .. }
        | Event::Stuck { .. }
        | Event::Attested { .. }
        | Event::AttestationRefuted
        | Event::Ended { .. }
        | Event::RemovedUnrecorded { .. }
        | Event::ReviewOpened { .. }
        | Event::ReviewOverdue
        | Event::ReviewClosed { .. }
        | Event::UseDescribed { .. } => Vec::new(),
    }
}

fn reconciled(
    holding: &HoldingId,
    difference: &Difference,
    tell: impl Fn(Topic) -> Effect,
) -> Vec<Effect> {
    match difference {
        Difference::Leftover => vec![
            Effect::Converge {
                holding: holding.clone(),
                gives: false,
            },
            tell(Topic::Reconciled),
        ],
        Difference::LeftoverKept { .. } => vec![tell(Topic::NotRemoved), alarm(None)],
        Difference::LeftoverTaken { .. } | Difference::Foreign { .. } => {
            vec![tell(Topic::Reconciled)]
        }
        Difference::ForeignGone { .. } => Vec::new(),
    }
}

/// Access that isn't removed wakes security up, however quiet the channel is at night.
const fn alarm(request: Option<RequestId>) -> Effect {
    Effect::Page {
        by: Wakes::Alarms,
        topic: Topic::NotRemoved,
        request,
    }
}

/// Who is asked to decide is woken up for it.
fn pages(request: &Request, pagers: &[PagerId]) -> impl Iterator<Item = Effect> {
    pagers.iter().map(|pager| Effect::Page {
        by: Wakes::Pager(pager.clone()),
        topic: Topic::AskedToAct,
        request: Some(request.id),
    })
}

/// Whatever changed what a holding wants of its target makes the target be looked after.
fn converge(state: &State, request: &Request, record: &Record) -> Option<Effect> {
    let moved = matches!(
        record.event,
        Event::Approved(_)
            | Event::Activated { .. }
            | Event::EndingStarted { .. }
            | Event::Ended { .. }
    );
    let holding = state.holdings.get(&request.asked.holding)?;
    // What another grant keeps is over in the same commit: there is nothing to do for it.
    let kept = matches!(record.event, Event::EndingStarted { .. })
        && holding.kept_by(request.id).is_some();
    (moved && !kept && holding.wanted() != Wanted::Settled).then(|| Effect::Converge {
        holding: holding.id.clone(),
        gives: matches!(holding.wanted(), Wanted::Present { .. }),
    })
}

/// Nobody but the requester sees a request that isn't confirmed, and nobody else one that the policy denied.
fn is_hidden(request: &Request) -> bool {
    request.terms.is_none() || awaits_confirmation(request) || never_shown(request)
}

fn draws(request: &Request) -> Vec<Effect> {
    let over = matches!(request.phase, Phase::Ending(_) | Phase::Ended { .. });
    let draw = |card| Effect::Draw {
        card,
        request: request.id,
        over,
    };
    vec![draw(CardKind::Approvers), draw(CardKind::Security)]
}

fn asked(request: &Request) -> Vec<Effect> {
    let post = |to, topic| Effect::Post {
        to,
        topic,
        request: Some(request.id),
    };
    if awaits_confirmation(request) {
        let beneficiary = &request.asked.beneficiary;
        if *beneficiary == request.asked.requester {
            return Vec::new();
        }
        return vec![post(
            Audience::Person(beneficiary.clone()),
            Topic::ConfirmNeeded,
        )];
    }
    let mut effects = vec![
        post(Audience::ApproversThread(request.id), Topic::AskedToAct),
        post(
            Audience::Person(request.asked.requester.clone()),
            Topic::Received,
        ),
    ];
    let terms = request.terms.as_ref();
    effects.extend(
        terms
            .into_iter()
            .flat_map(|terms| pages(request, &terms.page)),
    );
    effects
}

fn awaits_confirmation(request: &Request) -> bool {
    matches!(&request.phase, Phase::Pending { confirm, .. } if !confirm.is_empty())
}

/// A request for a path without approvals that came to nothing before it was confirmed.
fn never_shown(request: &Request) -> bool {
    let confirmed_first = request
        .terms
        .as_ref()
        .is_some_and(|terms| terms.approvals.is_empty());
    confirmed_first
        && matches!(
            request.phase,
            Phase::Withdrawn { .. } | Phase::Lapsed { .. } | Phase::Denied { .. }
        )
}
