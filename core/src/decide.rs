//! The one door: what a command leads to, given the policy, the state, what was looked up, and the time.

mod approve;
mod ask;
mod clock;
mod confirm;
mod deny;
mod end;
mod house;
mod link;
mod reconcile;
mod report;
mod review;
mod rights;
mod terms;

#[cfg(test)]
pub(crate) mod tests;

use crate::command::{Actor, Command};
use crate::event::Event;
use crate::fact::Facts;
use crate::id::RequestId;
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::state::{Mode, Phase, Request, State};
use crate::time::{Length, Timestamp};

pub use terms::{digest, question};

/// How many requests of one person may wait at the same time.
pub const OPEN_REQUESTS_MAX: usize = 3;

/// How long a path without approvals can be confirmed.
pub const CONFIRM_WITHIN: Length = Length::from_mins(5);

/// How far the wall clock may be behind the newest event before nothing is granted any more.
pub const CLOCK_BEHIND_MAX: Length = Length::from_secs(2);

/// Everything a decision is made from, besides the command itself.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The policy in force.
    pub policy: &'a Policy,
    /// What is, as far as the command touches it.
    pub state: &'a State,
    /// What was looked up for it.
    pub facts: &'a Facts,
    /// The wall clock, in whole milliseconds.
    pub now: Timestamp,
}

/// What a command leads to: events of at most one request. No events: there is nothing to do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decision {
    /// The request they belong to; absent for events of the house, or of a holding without one.
    pub request: Option<RequestId>,
    /// What happened, in order.
    pub events: Vec<Event>,
}

/// Decides a command, or says why it is refused.
///
/// The same for every entrance: chat, command line, clock, worker. A deadline or a report that doesn't fit
/// the state any more is not an error, since it may be delivered late or twice.
pub fn decide(s: &Situation<'_>, actor: &Actor, command: &Command) -> Result<Decision, Refusal> {
    let request = match command {
        Command::Ask(_) => Some(RequestId::new(s.state.next_request)),
        Command::Report(report) => report::waiting(s, report).map(|request| request.id),
        Command::Reconcile(sighting) => reconcile::about(s, sighting).map(|request| request.id),
        Command::Confirm { .. }
        | Command::AskForApproval { .. }
        | Command::Approve { .. }
        | Command::Deny { .. }
        | Command::Withdraw { .. }
        | Command::GiveBack { .. }
        | Command::Revoke { .. }
        | Command::Attest { .. }
        | Command::CloseReview { .. }
        | Command::DescribeUse { .. }
        | Command::StartLockdown { .. }
        | Command::EndLockdown { .. }
        | Command::OfferLink { .. }
        | Command::Link { .. }
        | Command::Unlink { .. }
        | Command::LoadPolicy { .. }
        | Command::RuleAgain { .. }
        | Command::CheckRights { .. }
        | Command::Preflight { .. }
        | Command::FallDue { .. }
        | Command::RecordRemoval(_)
        | Command::ReportPage { .. }
        | Command::Start { .. }
        | Command::NoteRefusal(_) => command.request(),
    };
    Ok(Decision {
        request,
        events: events(s, actor, command)?,
    })
}

fn events(s: &Situation<'_>, actor: &Actor, command: &Command) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::Ask(ask) => ask::ask(s, actor, ask),
        Command::Confirm { request, digest } => confirm::confirm(s, actor, *request, digest),
        Command::AskForApproval { request } => confirm::ask_for_approval(s, actor, *request),
        Command::Approve {
            request,
            digest,
            cut,
        } => approve::approve(s, actor, *request, (digest, *cut)),
        Command::Deny {
            request,
            digest,
            reason,
        } => deny::deny(s, actor, *request, (digest, reason)),
        Command::Withdraw { request } => deny::withdraw(s, actor, *request),
        Command::GiveBack { request } => end::give_back(s, actor, *request),
        Command::Revoke { request, reason } => end::revoke(s, actor, *request, reason),
        Command::Attest { request, reason } => end::attest(s, actor, *request, reason),
        Command::CloseReview {
            request,
            finding,
            note,
        } => review::close(s, actor, *request, (*finding, note)),
        Command::DescribeUse { request, note } => review::describe(s, actor, *request, note),
        Command::StartLockdown { reason, reach } => house::lock(s, actor, reason, *reach),
        Command::EndLockdown { reason } => house::unlock(s, actor, reason),
        Command::OfferLink { code } => link::offer(s, actor, code),
        Command::Link { code } => link::link(s, actor, code),
        Command::Unlink { person } => link::unlink(s, actor, person),
        Command::LoadPolicy { hash } => Ok(house::load_policy(s, hash)),
        Command::RuleAgain { request } => terms::rule_again(s, *request),
        Command::Preflight { request, trouble } => {
            Ok(report::preflight(s, *request, trouble.as_deref()))
        }
        Command::CheckRights { request } => Ok(end::check_rights(s, *request)),
        Command::FallDue { request, deadline } => Ok(clock::fall_due(s, *request, *deadline)),
        Command::Report(report) => Ok(report::report(s, report)),
        Command::Reconcile(sighting) => Ok(reconcile::reconcile(s, sighting)),
        Command::RecordRemoval(removal) => Ok(report::removed(s, removal)),
        Command::ReportPage {
            request,
            pager,
            page,
            trouble,
        } => Ok(report::paged(s, *request, (pager, page), trouble.as_ref())),
        Command::Start {
            version,
            config,
            changes,
        } => Ok(vec![Event::Started {
            version: version.clone(),
            config: config.clone(),
            changes: changes.clone(),
        }]),
        Command::NoteRefusal(attempt) => Ok(vec![Event::AttemptRefused((**attempt).clone())]),
    }
}

/// The request, if it is part of the state.
fn find<'a>(s: &Situation<'a>, id: RequestId) -> Result<&'a Request, Refusal> {
    s.state.requests.get(&id).ok_or(Refusal::UnknownRequest(id))
}

/// Granting goes on only in an open house whose clock is not behind its log.
fn check_open(s: &Situation<'_>) -> Result<(), Refusal> {
    if s.now.plus(CLOCK_BEHIND_MAX) < s.state.newest_at {
        return Err(Refusal::ClockBehind);
    }
    match &s.state.house.mode {
        Mode::Open => Ok(()),
        Mode::Lockdown { by, at, .. } => Err(Refusal::Closed {
            by: by.clone(),
            at: *at,
        }),
    }
}

/// Refuses what comes after a request was decided, naming who decided it; also once its window is over,
/// whether or not anybody wrote that down yet.
fn check_pending(s: &Situation<'_>, request: &Request) -> Result<(), Refusal> {
    let id = request.id;
    let late = |what, by: Option<&Actor>, at| {
        Err(Refusal::TooLate {
            request: id,
            what,
            by: by.cloned(),
            at,
        })
    };
    match &request.phase {
        Phase::Pending { lapses_at, .. } if s.now < *lapses_at => Ok(()),
        Phase::Pending { lapses_at, .. } => late("lapsed", None, *lapses_at),
        Phase::Approved { at, .. } => late("was approved already", approver(request).as_ref(), *at),
        Phase::Active { .. } => {
            let at = request
                .lease
                .map_or(request.requested_at, |(started_at, _)| started_at);
            late("was approved already", approver(request).as_ref(), at)
        }
        Phase::Ending(ending) | Phase::Ended { ending, .. } => {
            late("is over already", Some(&ending.by), ending.since)
        }
        Phase::Denied { by, at, .. } => late("was denied", Some(by), *at),
        Phase::Withdrawn { by, at } => late("was withdrawn", Some(by), *at),
        Phase::Lapsed { at } => late("lapsed", None, *at),
    }
}

fn approver(request: &Request) -> Option<Actor> {
    request.approvals.last().map(|approval| Actor::Person {
        person: approval.person.clone(),
        platform: approval.platform,
        account: String::new(),
    })
}
