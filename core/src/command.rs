//! What somebody or something wants changed, resolved to the policy's own ids.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::id::{Digest, HoldingId, PagerId, PersonId, Platform, PolicyHash, RequestId};
use crate::link::{Account, CodeHash};
use crate::port::provisioner::Presence;
use crate::ruling::Question;
use crate::text::Text;
use crate::time::{Length, Timestamp};

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Actor {
    /// A listed person, through an account that the platform vouches for.
    Person {
        /// Who.
        person: PersonId,
        /// Where.
        platform: Platform,
        /// The immutable account id there.
        account: String,
    },
    /// An account that belongs to nobody we know.
    Stranger {
        /// Where.
        platform: Platform,
        /// The immutable account id there.
        account: String,
    },
    /// Somebody at the server's own command line.
    Operator {
        /// The login, behind sudo the one who logged in.
        login: String,
        /// The machine.
        host: String,
    },
    /// A deadline fell due.
    Clock,
    /// The worker that calls targets tells what came of it.
    Worker,
    /// The server itself: start, policy.
    Server,
}

impl Actor {
    /// The listed person, if it is one.
    pub const fn person(&self) -> Option<&PersonId> {
        match self {
            Self::Person { person, .. } => Some(person),
            Self::Stranger { .. }
            | Self::Operator { .. }
            | Self::Clock
            | Self::Worker
            | Self::Server => None,
        }
    }

    /// The chat account it acts from, if it acts from one.
    pub fn account(&self) -> Option<Account> {
        match self {
            Self::Person {
                platform, account, ..
            }
            | Self::Stranger { platform, account } => Some(Account {
                platform: *platform,
                account: account.clone(),
            }),
            Self::Operator { .. } | Self::Clock | Self::Worker | Self::Server => None,
        }
    }
}

/// Everything that can be asked of `decide`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Ask for access.
    Ask(Box<Ask>),
    /// Take a path without approvals: the requester's or beneficiary's own click.
    Confirm {
        /// The unconfirmed request.
        request: RequestId,
        /// What was shown.
        digest: Digest,
    },
    /// Rather ask approvers than break the glass.
    AskForApproval {
        /// The unconfirmed request.
        request: RequestId,
    },
    /// Say yes.
    Approve {
        /// To which request.
        request: RequestId,
        /// What was shown.
        digest: Digest,
        /// For less time than was asked.
        cut: Option<Length>,
    },
    /// Say no.
    Deny {
        /// To which request.
        request: RequestId,
        /// What was shown.
        digest: Digest,
        /// Why.
        reason: Text,
    },
    /// Take a pending request back.
    Withdraw {
        /// Which.
        request: RequestId,
    },
    /// The holder ends the grant early.
    GiveBack {
        /// Which.
        request: RequestId,
    },
    /// Somebody with the power ends the grant.
    Revoke {
        /// Which.
        request: RequestId,
        /// Why.
        reason: Text,
    },
    /// Answer for it that access which can't be removed was removed by hand.
    Attest {
        /// Of which grant.
        request: RequestId,
        /// How and why.
        reason: Text,
    },
    /// Close the review.
    CloseReview {
        /// Of which grant.
        request: RequestId,
        /// What the reviewer found.
        finding: Finding,
        /// In words.
        note: Text,
    },
    /// The holder says what they did.
    DescribeUse {
        /// During which grant.
        request: RequestId,
        /// In a line or two.
        note: Text,
    },
    /// Stop all granting.
    StartLockdown {
        /// Why.
        reason: Text,
        /// Also end every live grant?
        reach: Reach,
    },
    /// Grant again.
    EndLockdown {
        /// Why.
        reason: Text,
    },
    /// Give out a code by which an account on a second chat is linked.
    OfferLink {
        /// The code's hash; the code itself is shown to the person alone.
        code: CodeHash,
    },
    /// Enter such a code, from the account to be linked.
    Link {
        /// The hash of what was typed.
        code: CodeHash,
    },
    /// Take the link of somebody's accounts back: one's own, or with the power that of anybody.
    Unlink {
        /// Whose.
        person: PersonId,
    },
    /// The policy in force is this one from now on.
    LoadPolicy {
        /// Its hash; the text lies in the store.
        hash: PolicyHash,
    },
    /// Rule a pending request again, after the policy or a person changed.
    RuleAgain {
        /// Which.
        request: RequestId,
    },
    /// The worker tells what stands in the way of giving what approvers are asked about.
    Preflight {
        /// Which.
        request: RequestId,
        /// In words; nothing, if nothing does.
        trouble: Option<String>,
    },
    /// Look again at the rights behind a live grant.
    CheckRights {
        /// Which.
        request: RequestId,
    },
    /// A deadline fell due.
    FallDue {
        /// Of which request.
        request: RequestId,
        /// Which deadline.
        deadline: crate::deadline::Deadline,
    },
    /// The worker tells what a call to a target came to.
    Report(Box<Report>),
    /// A look at a whole target differs from what the log says of a holding.
    Reconcile(Box<Sighting>),
    /// Access was taken away while nothing could be recorded; told once the log can be written again.
    RecordRemoval(Removal),
    /// The worker tells what a pager said to a page.
    ReportPage {
        /// What it was about, if about a request.
        request: Option<RequestId>,
        /// Which pager.
        pager: PagerId,
        /// The page's id.
        page: String,
        /// Why it couldn't be delivered, after how many tries; absent: it was.
        trouble: Option<(String, u32)>,
    },
    /// The server started.
    Start {
        /// Its version.
        version: String,
        /// Digest of its configuration, without secrets.
        config: String,
        /// What differs from the last start, a line each.
        changes: Vec<String>,
    },
    /// Something was refused before, or while, it was decided.
    NoteRefusal(Box<crate::event::AttemptRefused>),
}

/// How far a lockdown goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// No new grants.
    StopGranting,
    /// No new grants, and every live one is revoked.
    RevokeAll,
}

/// A request for access, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// What is put to the policy.
    pub question: Question,
    /// What the grant would be at the target.
    pub holding: HoldingId,
    /// Why.
    pub justification: Text,
    /// A link to the message it was raised from.
    pub source: Option<String>,
    /// The person knows that they hold it and wants another grant.
    pub again: bool,
}

/// What came of a call to a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// For which holding.
    pub holding: HoldingId,
    /// The holding's version that the attempt went by: it says nothing of what was decided after that.
    pub version: u64,
    /// When the attempt began: a lease is counted from here.
    pub started_at: Timestamp,
    /// What was seen.
    pub outcome: Outcome,
}

/// What a worker saw at the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Provisioned, and read back as far as the target can be.
    Given,
    /// Held already, not from us: nothing was changed.
    AlreadyHeld {
        /// How, in words.
        how: String,
    },
    /// Deprovisioned, and read back.
    Taken {
        /// What the read-back saw.
        read_back: Presence,
        /// Open sessions that were ended.
        sessions_ended: u32,
        /// The same access by other paths.
        remains: Vec<String>,
    },
    /// It could not be done.
    Failed {
        /// Does it need a person to mend it, or will trying again do?
        fault: Fault,
        /// In words for operators.
        why: String,
        /// How many tries there were so far, this one included.
        tries: u32,
    },
}

/// What was seen of a holding, twice, in a look at its whole target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Which holding.
    pub holding: HoldingId,
    /// Its version before the last look: it says nothing of what was decided after that.
    pub version: u64,
    /// What was seen.
    pub sight: Sight,
}

/// What a look at a whole target can show of a holding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// Access that we gave is there.
    Ours,
    /// It isn't.
    Missing,
    /// So it is there from somebody else; empty: it isn't.
    Foreign(BTreeSet<String>),
}

/// Access that was taken away while nothing could be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// Whose.
    pub request: RequestId,
    /// When.
    pub removed_at: Timestamp,
    /// What the read-back saw.
    pub read_back: Presence,
    /// Open sessions that were ended.
    pub sessions_ended: u32,
}

/// What kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Try again.
    Passing,
    /// Somebody must mend something first.
    Lasting,
}

/// What a reviewer found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// It was needed and used as said.
    Justified,
    /// An exercise.
    Drill,
    /// It could have been done without.
    Avoidable,
    /// It was not used as said.
    Misuse,
}

impl Finding {
    /// All, in the order people see.
    pub const ALL: [Self; 4] = [Self::Justified, Self::Drill, Self::Avoidable, Self::Misuse];

    /// The word people pick.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Justified => "justified",
            Self::Drill => "drill",
            Self::Avoidable => "avoidable",
            Self::Misuse => "misuse",
        }
    }

    /// The finding of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|finding| finding.as_str() == name)
    }
}

impl Command {
    /// The request it is about, if it names one.
    pub const fn request(&self) -> Option<RequestId> {
        match self {
            Self::Confirm { request, .. }
            | Self::AskForApproval { request }
            | Self::Approve { request, .. }
            | Self::Deny { request, .. }
            | Self::Withdraw { request }
            | Self::GiveBack { request }
            | Self::Revoke { request, .. }
            | Self::Attest { request, .. }
            | Self::CloseReview { request, .. }
            | Self::DescribeUse { request, .. }
            | Self::RuleAgain { request }
            | Self::CheckRights { request }
            | Self::Preflight { request, .. }
            | Self::FallDue { request, .. }
            | Self::RecordRemoval(Removal { request, .. }) => Some(*request),
            Self::ReportPage { request, .. } => *request,
            Self::Ask(_)
            | Self::StartLockdown { .. }
            | Self::EndLockdown { .. }
            | Self::OfferLink { .. }
            | Self::Link { .. }
            | Self::Unlink { .. }
            | Self::LoadPolicy { .. }
            | Self::Report(_)
            | Self::Reconcile(_)
            | Self::Start { .. }
            | Self::NoteRefusal(_) => None,
        }
    }

    /// The holding it is about, if it names one itself.
    pub const fn holding(&self) -> Option<&HoldingId> {
        match self {
            Self::Ask(ask) => Some(&ask.holding),
            Self::Report(report) => Some(&report.holding),
            Self::Reconcile(sighting) => Some(&sighting.holding),
            Self::Confirm { .. }
            | Self::AskForApproval { .. }
            | Self::Approve { .. }
            | Self::Deny { .. }
            | Self::Withdraw { .. }
            | Self::GiveBack { .. }
            | Self::Revoke { .. }
            | Self::Attest { .. }
            | Self::CloseReview { .. }
            | Self::DescribeUse { .. }
            | Self::RuleAgain { .. }
            | Self::CheckRights { .. }
            | Self::Preflight { .. }
            | Self::FallDue { .. }
            | Self::RecordRemoval(_)
            | Self::ReportPage { .. }
            | Self::StartLockdown { .. }
            | Self::EndLockdown { .. }
            | Self::OfferLink { .. }
            | Self::Link { .. }
            | Self::Unlink { .. }
            | Self::LoadPolicy { .. }
            | Self::Start { .. }
            | Self::NoteRefusal(_) => None,
        }
    }

    /// The free text that goes beside the log when it is accepted.
    pub fn text(&self) -> Option<&Text> {
        match self {
            Self::Ask(ask) => Some(&ask.justification),
            Self::Deny { reason, .. }
            | Self::Revoke { reason, .. }
            | Self::Attest { reason, .. }
            | Self::StartLockdown { reason, .. }
            | Self::EndLockdown { reason } => Some(reason),
            Self::CloseReview { note, .. } | Self::DescribeUse { note, .. } => Some(note),
            Self::Confirm { .. }
            | Self::AskForApproval { .. }
            | Self::Approve { .. }
            | Self::Withdraw { .. }
            | Self::GiveBack { .. }
            | Self::OfferLink { .. }
            | Self::Link { .. }
            | Self::Unlink { .. }
            | Self::LoadPolicy { .. }
            | Self::RuleAgain { .. }
            | Self::CheckRights { .. }
            | Self::Preflight { .. }
            | Self::FallDue { .. }
            | Self::Report(_)
            | Self::Reconcile(_)
            | Self::RecordRemoval(_)
            | Self::ReportPage { .. }
            | Self::Start { .. }
            | Self::NoteRefusal(_) => None,
        }
    }

    /// Its name in the log of refused attempts and in metrics.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ask(_) => "ask",
            Self::Confirm { .. } => "confirm",
            Self::AskForApproval { .. } => "ask_for_approval",
            Self::Approve { .. } => "approve",
            Self::Deny { .. } => "deny",
            Self::Withdraw { .. } => "withdraw",
            Self::GiveBack { .. } => "give_back",
            Self::Revoke { .. } => "revoke",
            Self::Attest { .. } => "attest",
            Self::CloseReview { .. } => "close_review",
            Self::DescribeUse { .. } => "describe_use",
            Self::StartLockdown { .. } => "start_lockdown",
            Self::EndLockdown { .. } => "end_lockdown",
            Self::OfferLink { .. } => "offer_link",
            Self::Link { .. } => "link",
            Self::Unlink { .. } => "unlink",
            Self::LoadPolicy { .. } => "load_policy",
            Self::RuleAgain { .. } => "rule_again",
            Self::Preflight { .. } => "preflight",
            Self::CheckRights { .. } => "check_rights",
            Self::FallDue { .. } => "fall_due",
            Self::Report(_) => "report",
            Self::Reconcile(_) => "reconcile",
            Self::RecordRemoval(_) => "record_removal",
            Self::ReportPage { .. } => "report_page",
            Self::Start { .. } => "start",
            Self::NoteRefusal(_) => "note_refusal",
        }
    }
}
