//! What operators see of a request, the grant it led to, and its review: flat, with names that scripts can rely on.

use std::fmt;

use breakglass_core::command::{Actor, Finding, Reach};
use breakglass_core::event::{Cause, Seen};
use breakglass_core::id::{PersonId, Platform, PolicyHash, RequestId, RoleId, TargetId};
use breakglass_core::ruling::{RuleKind, Severity};
use breakglass_core::state::{Ending, House, Mode, Phase, Request, Review};
use breakglass_core::text::TextHash;
use breakglass_core::time::{Length, Timestamp};
use serde::{Deserialize, Serialize};

/// Somebody who did something: `person:maya`, `operator:root@host`, `slack:U0123`, `clock`, `worker`, `server`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ActorLine(String);

impl From<&Actor> for ActorLine {
    fn from(actor: &Actor) -> Self {
        Self(match actor {
            Actor::Person { person, .. } => format!("person:{person}"),
            Actor::Stranger { platform, account } => format!("{platform}:{account}"),
            Actor::Operator { login, host } => format!("operator:{login}@{host}"),
            Actor::Clock => "clock".to_owned(),
            Actor::Worker => "worker".to_owned(),
            Actor::Server => "server".to_owned(),
        })
    }
}

impl fmt::Display for ActorLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A request, with what became of it. Keys that don't apply are absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestLine {
    /// `BG-4821`
    pub id: RequestId,
    /// `pending`, `approved`, `active`, `ending`, `ended`, `denied`, `withdrawn` or `lapsed`.
    pub state: String,
    /// Who asked.
    pub requester: PersonId,
    /// Who gets the access.
    pub beneficiary: PersonId,
    /// On which target.
    pub target: TargetId,
    /// Which role.
    pub role: RoleId,
    /// The account there.
    pub account: String,
    /// Where it was asked.
    pub platform: Platform,
    /// For how long it was asked; once decided, the lease.
    pub duration_secs: u32,
    /// Absent once it was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub justification: Option<String>,
    /// As claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
    /// As claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// 0 to 100.
    pub risk: u8,
    /// The rule that allows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// `emergency` or `planned`.
    pub kind: RuleKind,
    /// No approval beforehand.
    pub break_glass: bool,
    /// Approvals that count.
    pub approvals: Vec<ApprovalLine>,
    /// When it was asked.
    pub requested_at: Timestamp,
    /// Until when it can be answered, or given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// When the access began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When the access ends, or was to end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When it was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// `expired`, `given_back`, `revoked`, `not_granted` or `lost`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Cause>,
    /// Who ended, denied or withdrew it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<ActorLine>,
    /// Why it ended or was denied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What the read-back at the end saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// The same access by other paths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remains: Vec<String>,
    /// Tries at the target so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tries: Option<u32>,
    /// What kept the last try.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Taking it away takes too long: people were told.
    pub stuck: bool,
    /// The look at it afterwards, where one is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<ReviewLine>,
}

/// One approver's yes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalLine {
    /// Whose.
    pub person: PersonId,
    /// On which platform.
    pub platform: Platform,
    /// When.
    pub at: Timestamp,
    /// For less time than was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut_secs: Option<u32>,
}

/// A review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ReviewLine {
    /// Somebody must look.
    Open {
        /// By when.
        due_at: Timestamp,
        /// Is it late?
        overdue: bool,
    },
    /// Somebody did.
    Closed {
        /// Who.
        by: ActorLine,
        /// When.
        at: Timestamp,
        /// What they found.
        finding: Finding,
        /// In words; absent once erased.
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
}

/// What holds for every request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HouseLine {
    /// `open` or `lockdown`.
    pub mode: String,
    /// Who locked it down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<ActorLine>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Were live grants revoked too?
    pub revoke_all: bool,
    /// The policy in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyHash>,
}

impl HouseLine {
    /// The house, with `text` to look up what people typed.
    pub fn of(house: &House, text: impl Fn(&TextHash) -> Option<String>) -> Self {
        let open = Self {
            mode: "open".to_owned(),
            by: None,
            at: None,
            reason: None,
            revoke_all: false,
            policy: house.policy.clone(),
        };
        match &house.mode {
            Mode::Open => open,
            Mode::Lockdown {
                by,
                at,
                reason,
                reach,
            } => Self {
                mode: "lockdown".to_owned(),
                by: Some(by.into()),
                at: Some(*at),
                reason: text(reason),
                revoke_all: *reach == Reach::RevokeAll,
                ..open
            },
        }
    }
}

impl RequestLine {
    /// The request, with `text` to look up what people typed.
    pub fn of(request: &Request, text: impl Fn(&TextHash) -> Option<String>) -> Self {
        let (asked, terms) = (&request.asked, request.terms.as_ref());
        let line = Self {
            id: request.id,
            state: request.phase_name().to_owned(),
            requester: asked.requester.clone(),
            beneficiary: asked.beneficiary.clone(),
            target: asked.target.clone(),
            role: asked.role.clone(),
            account: asked.holding.account.clone(),
            platform: asked.platform,
            duration_secs: request.granted.unwrap_or(asked.duration).secs(),
            justification: text(&asked.justification),
            incident: asked.incident.clone(),
            severity: asked.severity,
            risk: request.risk.score,
            rule: terms.map(|terms| terms.rule.to_string()),
            kind: terms.map(|terms| terms.kind).unwrap_or_default(),
            break_glass: terms.is_some_and(|terms| terms.break_glass),
            approvals: request.approvals.iter().map(ApprovalLine::from).collect(),
            requested_at: request.requested_at,
            until: None,
            started_at: request.lease.map(|(started_at, _)| started_at),
            expires_at: request.lease.map(|(_, expires_at)| expires_at),
            ended_at: None,
            outcome: None,
            by: None,
            why: None,
            seen: None,
            remains: Vec::new(),
            tries: None,
            trouble: None,
            stuck: false,
            review: ReviewLine::of(&request.review, &text),
        };
        line.in_phase(&request.phase, &text)
    }

    fn in_phase(self, phase: &Phase, text: &impl Fn(&TextHash) -> Option<String>) -> Self {
        match phase {
            Phase::Pending { lapses_at, .. } => Self {
                until: Some(*lapses_at),
                ..self
            },
            Phase::Approved {
                provision_by,
                tries,
                trouble,
                ..
            } => Self {
                until: Some(*provision_by),
                tries: Some(*tries),
                trouble: trouble.clone(),
                ..self
            },
            Phase::Active { .. } => self,
            Phase::Ending(ending) => self.ending(ending, text),
            Phase::Ended {
                ending,
                at,
                seen,
                remains,
                ..
            } => Self {
                ended_at: Some(*at),
                seen: Some(seen.clone()),
                remains: remains.clone(),
                trouble: None,
                stuck: false,
                ..self.ending(ending, text)
            },
            Phase::Denied {
                by,
                at,
                reason,
                denial,
            } => Self {
                by: Some(by.into()),
                ended_at: Some(*at),
                why: reason
                    .as_ref()
                    .and_then(text)
                    .or_else(|| denial.as_ref().map(|denial| denial.reasons.join(" "))),
                ..self
            },
            Phase::Withdrawn { by, at } => Self {
                by: Some(by.into()),
                ended_at: Some(*at),
                ..self
            },
            Phase::Lapsed { at } => Self {
                ended_at: Some(*at),
                ..self
            },
        }
    }

    fn ending(self, ending: &Ending, text: &impl Fn(&TextHash) -> Option<String>) -> Self {
        Self {
            outcome: Some(ending.cause),
            by: Some((&ending.by).into()),
            why: ending
                .reason
                .as_ref()
                .and_then(text)
                .or_else(|| ending.why.clone()),
            tries: Some(ending.tries),
            trouble: ending.trouble.clone(),
            stuck: ending.stuck,
            ..self
        }
    }
}

impl From<&breakglass_core::event::Approval> for ApprovalLine {
    fn from(approval: &breakglass_core::event::Approval) -> Self {
        Self {
            person: approval.person.clone(),
            platform: approval.platform,
            at: approval.at,
            cut_secs: approval.cut.map(Length::secs),
        }
    }
}

impl ReviewLine {
    fn of(review: &Review, text: &impl Fn(&TextHash) -> Option<String>) -> Option<Self> {
        match review {
            Review::None => None,
            Review::Open { due_at, overdue } => Some(Self::Open {
                due_at: *due_at,
                overdue: *overdue,
            }),
            Review::Closed {
                by,
                at,
                finding,
                note,
            } => Some(Self::Closed {
                by: by.into(),
                at: *at,
                finding: *finding,
                note: text(note),
            }),
        }
    }
}
