//! What happened. Events are the only way the state changes, and the log keeps each for ever: fields are
//! added, never renamed or given another meaning.

#[cfg(test)]
pub(crate) mod tests;

use serde::{Deserialize, Serialize};

use crate::command::{Actor, Fault, Finding, Reach};
use crate::fact::Facts;
use crate::id::{
    Digest, HoldingId, PagerId, PersonId, Platform, PolicyHash, RequestId, RoleId, TargetId,
};
use crate::link::{Link, Offer};
use crate::port::provisioner::Presence;
use crate::ruling::{Denial, Risk, Severity, Terms};
use crate::text::TextHash;
use crate::time::{Length, Timestamp};

/// The version of the record format that is written.
pub const RECORD_VERSION: u8 = 1;

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// [`RECORD_VERSION`] when it was written.
    pub v: u8,
    /// Its place in the log, from 1: also the size of the log that ends with it.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// The request it belongs to.
    pub request: Option<RequestId>,
    /// Is it about emergency access, or about planned work?
    pub emergency: bool,
    /// The policy in force.
    pub policy: PolicyHash,
    /// What.
    #[serde(flatten)]
    pub event: Event,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// Somebody asked and the policy allows it: by approval, or once it is confirmed.
    Requested(Box<Requested>),
    /// Somebody asked and the policy says no.
    DeniedByPolicy(Box<DeniedByPolicy>),
    /// One of the people who must confirm a path without approvals did.
    Confirmed {
        /// Who.
        person: PersonId,
    },
    /// The terms of a pending request are others now: another path was chosen or the policy changed.
    /// Approvals given before are void.
    TermsChanged(Box<TermsChanged>),
    /// An approver said yes.
    ApprovalGiven {
        /// Who, to what, for how long.
        approval: Approval,
    },
    /// These approvals don't count any more: their givers lost the right.
    ApprovalsVoided {
        /// Whose.
        people: Vec<PersonId>,
    },
    /// While approvers are asked: what stands in the way of giving it, or nothing any more. Written when that changes.
    Preflighted {
        /// In words, such as `doesn't answer: …`.
        trouble: Option<String>,
    },
    /// The quorum is there, or none is needed: the decision to grant, written before any target is called.
    Approved(Box<Approved>),
    /// An approver, or a changed policy, said no.
    Denied {
        /// Why, in an approver's words.
        reason: Option<TextHash>,
        /// Why, in the policy's words.
        denial: Option<Box<Denial>>,
    },
    /// Taken back before it was decided.
    Withdrawn,
    /// Nobody answered, or nobody confirmed, in time.
    Lapsed,
    /// More people may decide now.
    Escalated {
        /// Which step of the terms, from 0.
        step: u8,
    },
    /// Nobody decided so far: who can is reminded.
    Unanswered,
    /// So its requester may break the glass instead: nothing is taken by that, and approvers are still asked.
    GlassOffered {
        /// The way that is offered.
        offer: Box<Offered>,
    },
    /// People were called by a pager. Whether anybody read it isn't known, and nothing follows from it.
    Paged {
        /// Which.
        pager: PagerId,
        /// The page's id, the same on every try.
        page: String,
    },
    /// A pager couldn't be reached. It is tried again as long as there is somebody to be called for it.
    PageFailed {
        /// Which.
        pager: PagerId,
        /// The page's id.
        page: String,
        /// In words.
        why: String,
        /// How many tries so far.
        tries: u32,
    },
    /// The access was read back at the target: the lease runs.
    Activated {
        /// When the attempt that gave it began.
        started_at: Timestamp,
        /// When it ends. Written once, never moved.
        expires_at: Timestamp,
    },
    /// The holder was told that it ends soon.
    Reminded,
    /// By its rule, whoever holds it couldn't ask for it any more: security is told, and nothing ends by that.
    RightLost,
    /// A call that should give access failed.
    ProvisionFailed {
        /// Of what kind.
        fault: Fault,
        /// In words.
        why: String,
        /// How many so far.
        tries: u32,
    },
    /// It is to be taken away. Written before the target is called.
    EndingStarted {
        /// Why it ends.
        cause: Cause,
        /// In a revoker's words.
        reason: Option<TextHash>,
        /// In ours.
        why: Option<String>,
    },
    /// A call that should take access away failed. It is tried again for ever.
    DeprovisionFailed {
        /// Of what kind.
        fault: Fault,
        /// In words.
        why: String,
        /// How many so far.
        tries: u32,
    },
    /// Taking it away takes too long: people are told, and it is still tried.
    Stuck {
        /// How many tries so far.
        tries: u32,
    },
    /// It was taken away earlier, while nothing could be recorded. The end itself follows, read back once more.
    RemovedUnrecorded {
        /// When.
        removed_at: Timestamp,
        /// What was seen afterwards.
        read_back: Presence,
        /// Open sessions that were ended.
        sessions_ended: u32,
    },
    /// Somebody answers for it by name that it was removed by hand. The target is tried all the same.
    Attested {
        /// How and why, in their words.
        reason: TextHash,
    },
    /// The target answers, and the access was still there all the same.
    AttestationRefuted,
    /// The access is not at the target any more, as far as it can be read back. Final.
    Ended {
        /// What was seen.
        seen: Seen,
        /// Open sessions that were ended.
        sessions_ended: u32,
        /// The same access by other paths, in words; not ours to take.
        remains: Vec<String>,
    },
    /// Somebody else must look at it now.
    ReviewOpened {
        /// By when.
        due_at: Timestamp,
    },
    /// Nobody did in time.
    ReviewOverdue,
    /// Somebody else looked at it.
    ReviewClosed {
        /// What they found.
        finding: Finding,
        /// In words.
        note: TextHash,
    },
    /// The holder said what they did.
    UseDescribed {
        /// In words.
        note: TextHash,
    },
    /// All granting stops.
    LockdownStarted {
        /// Why.
        reason: TextHash,
        /// Are live grants revoked too?
        reach: Reach,
    },
    /// Granting goes on.
    LockdownEnded {
        /// Why.
        reason: TextHash,
    },
    /// A person was given a code, to be entered on another chat.
    LinkOffered {
        /// To whom, from which account, until when.
        offer: Offer,
    },
    /// It was entered there: this account is that person's.
    Linked {
        /// Whose, and which.
        link: Link,
    },
    /// It is theirs no more.
    Unlinked {
        /// As it was.
        link: Link,
    },
    /// This policy is in force from here on. Its text lies beside the log.
    PolicyLoaded {
        /// Which.
        hash: PolicyHash,
    },
    /// The server started.
    Started {
        /// Its version.
        version: String,
        /// Digest of its configuration, without secrets.
        config: String,
        /// What differs from the last start.
        changes: Vec<String>,
    },
    /// Somebody tried what they may not do.
    AttemptRefused(AttemptRefused),
    /// A look at a whole target showed what no grant explains, or something came of that.
    Reconciled {
        /// Where.
        holding: HoldingId,
        /// What.
        difference: Difference,
    },
}

/// How a target differs from what the log says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Difference {
    /// Access that we gave, and that no grant covers. Written before it is taken away.
    Leftover,
    /// Taking it away fails: people are told, and it is tried again for ever.
    LeftoverKept {
        /// Of what kind the last failure was.
        fault: Fault,
        /// In words.
        why: String,
        /// How many so far.
        tries: u32,
    },
    /// It was taken away.
    LeftoverTaken {
        /// What was seen.
        seen: Seen,
        /// Open sessions that were ended.
        sessions_ended: u32,
        /// The same access by other paths, in words; not ours to take.
        remains: Vec<String>,
    },
    /// Access that somebody else gave, not seen before: people are told, and it isn't touched.
    Foreign {
        /// How, in words.
        how: Vec<String>,
    },
    /// Such access isn't there any more.
    ForeignGone {
        /// How it was there.
        how: Vec<String>,
    },
}

/// A refused attempt; the same one repeated within a minute is counted, not written again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptRefused {
    /// Which command.
    pub command: String,
    /// On which request.
    pub on: Option<RequestId>,
    /// The refusal's code.
    pub refusal: String,
    /// How often since it was last written; 1 the first time.
    pub count: u32,
    /// For whom or what, when that is all there is: `orders-db/admin`.
    pub about: Option<String>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Who asked.
    pub requester: PersonId,
    /// Who gets the access.
    pub beneficiary: PersonId,
    /// Where it was asked.
    pub platform: Platform,
    /// On which target.
    pub target: TargetId,
    /// Which role.
    pub role: RoleId,
    /// All that is needed to undo it, frozen.
    pub holding: HoldingId,
    /// For how long.
    pub duration: Length,
    /// Why.
    pub justification: TextHash,
    /// The incident, as claimed.
    pub incident: Option<String>,
    /// The severity, as claimed.
    pub severity: Option<Severity>,
    /// A link to the message it was raised from.
    pub source: Option<String>,
}

/// A request that the policy allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requested {
    /// Its id.
    pub id: RequestId,
    /// What was asked for.
    pub asked: Asked,
    /// What the policy asks in return.
    pub terms: Terms,
    /// How dangerous it is.
    pub risk: Risk,
    /// Over all that an approver agrees to.
    pub digest: Digest,
    /// When it lapses.
    pub lapses_at: Timestamp,
    /// Who must confirm first; empty where approvers are asked.
    pub confirm: Vec<PersonId>,
    /// What was known.
    pub facts: Facts,
}

/// A request that the policy denies at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeniedByPolicy {
    /// Its id.
    pub id: RequestId,
    /// What was asked for.
    pub asked: Asked,
    /// How dangerous it would have been.
    pub risk: Risk,
    /// Over what was asked.
    pub digest: Digest,
    /// Why not.
    pub denial: Denial,
    /// What was known.
    pub facts: Facts,
}

/// New terms for a pending request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsChanged {
    /// What the policy asks now.
    pub terms: Terms,
    /// How dangerous it is now.
    pub risk: Risk,
    /// Over all that an approver agrees to now.
    pub digest: Digest,
    /// When it lapses now.
    pub lapses_at: Timestamp,
    /// Who must confirm first.
    pub confirm: Vec<PersonId>,
    /// What was known.
    pub facts: Facts,
}

/// A way without approvals, offered after silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// What the policy asks of it.
    pub terms: Terms,
    /// Over what was asked and those terms: what its button carries.
    pub digest: Digest,
    /// Until when it can be taken.
    pub until: Timestamp,
}

/// One approver's yes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Whose.
    pub person: PersonId,
    /// On which platform.
    pub platform: Platform,
    /// What they saw.
    pub digest: Digest,
    /// For less time than was asked.
    pub cut: Option<Length>,
    /// When.
    pub at: Timestamp,
}

/// The decision to grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    /// How long: the least of what was asked, the rule's maximum, and the approvers' cuts.
    pub lease: Length,
    /// Without access by then it is given up.
    pub provision_by: Timestamp,
    /// No access of this grant may be there at or after this instant, whatever happens.
    pub end_by: Timestamp,
    /// Who fills which slot of the quorum.
    pub filled: Vec<(PersonId, u8)>,
    /// What was known.
    pub facts: Facts,
}

/// Why a grant ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Its time was up.
    Expired,
    /// By its holder.
    GivenBack,
    /// By somebody with the power.
    Revoked,
    /// It never became access.
    NotGranted,
    /// It vanished from the target before its time.
    Lost,
    /// Its holder, or who asked for it, is not active any more.
    Left,
}

/// What a read-back saw at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// It is gone.
    Gone,
    /// Another grant on the same holding keeps it there.
    KeptBy(RequestId),
    /// This target can't be read back.
    Unread,
    /// The person held it before, not from us; we changed nothing.
    Standing,
}

impl Seen {
    /// What a presence at the end means; `None` where it is still there.
    pub const fn of(presence: Presence) -> Option<Self> {
        match presence {
            Presence::Absent => Some(Self::Gone),
            Presence::Unknowable => Some(Self::Unread),
            Presence::Present => None,
        }
    }
}

impl Event {
    /// Its name in the log.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Requested(_) => "requested",
            Self::DeniedByPolicy(_) => "denied_by_policy",
            Self::Confirmed { .. } => "confirmed",
            Self::TermsChanged(_) => "terms_changed",
            Self::ApprovalGiven { .. } => "approval_given",
            Self::ApprovalsVoided { .. } => "approvals_voided",
            Self::Preflighted { .. } => "preflighted",
            Self::Approved(_) => "approved",
            Self::Denied { .. } => "denied",
            Self::Withdrawn => "withdrawn",
            Self::Lapsed => "lapsed",
            Self::Escalated { .. } => "escalated",
            Self::Unanswered => "unanswered",
            Self::GlassOffered { .. } => "glass_offered",
            Self::Paged { .. } => "paged",
            Self::PageFailed { .. } => "page_failed",
            Self::Activated { .. } => "activated",
            Self::Reminded => "reminded",
            Self::RightLost => "right_lost",
            Self::ProvisionFailed { .. } => "provision_failed",
            Self::EndingStarted { .. } => "ending_started",
            Self::DeprovisionFailed { .. } => "deprovision_failed",
            Self::Stuck { .. } => "stuck",
            Self::Attested { .. } => "attested",
            Self::AttestationRefuted => "attestation_refuted",
            Self::RemovedUnrecorded { .. } => "removed_unrecorded",
            Self::Ended { .. } => "ended",
            Self::ReviewOpened { .. } => "review_opened",
            Self::ReviewOverdue => "review_overdue",
            Self::ReviewClosed { .. } => "review_closed",
            Self::UseDescribed { .. } => "use_described",
            Self::LockdownStarted { .. } => "lockdown_started",
            Self::LockdownEnded { .. } => "lockdown_ended",
            Self::LinkOffered { .. } => "link_offered",
            Self::Linked { .. } => "linked",
            Self::Unlinked { .. } => "unlinked",
            Self::PolicyLoaded { .. } => "policy_loaded",
            Self::Started { .. } => "started",
            Self::AttemptRefused(_) => "attempt_refused",
            Self::Reconciled { .. } => "reconciled",
        }
    }
}
