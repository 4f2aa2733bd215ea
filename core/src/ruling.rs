//! The question put to the policy, and its answer.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::{GroupId, GuardId, PagerId, PersonId, Platform, RoleId, RuleId, TargetId};
use crate::time::Length;

/// How urgent the incident is, 1 (worst) to 5; as the requester says, until something verifies it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Severity(u8);

/// Why a number is not a severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a severity is 1 (worst) to 5")]
pub struct SeverityError;

impl Severity {
    /// The severity of a request that names none.
    pub const LEAST: Self = Self(5);

    /// Takes 1 to 5.
    pub const fn new(level: u8) -> Result<Self, SeverityError> {
        if matches!(level, 1..=5) {
            Ok(Self(level))
        } else {
            Err(SeverityError)
        }
    }

    /// 1 (worst) to 5.
    pub const fn level(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Severity {
    type Error = SeverityError;
    fn try_from(level: u8) -> Result<Self, SeverityError> {
        Self::new(level)
    }
}

impl From<Severity> for u8 {
    fn from(severity: Severity) -> Self {
        severity.0
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SEV{}", self.0)
    }
}

/// Whom a rule, a slot or a power is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Selector {
    /// `person:ID`
    Person(PersonId),
    /// `group:ID`
    Group(GroupId),
    /// `employment:KIND`
    Employment(Employment),
    /// `owners-of-target`
    OwnersOfTarget,
    /// `everyone`: every listed person.
    Everyone,
}

/// How somebody is employed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Employment {
    /// On our payroll.
    #[default]
    Employee,
    /// On somebody else's.
    Contractor,
}

impl Employment {
    /// The word used in selectors and conditions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Employee => "employee",
            Self::Contractor => "contractor",
        }
    }
}

/// Why a text is not a selector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a selector is person:ID, group:ID, employment:employee, employment:contractor, owners-of-target or everyone"
)]
pub struct SelectorError;

impl TryFrom<String> for Selector {
    type Error = SelectorError;

    fn try_from(text: String) -> Result<Self, SelectorError> {
        match text.as_str() {
            "everyone" => return Ok(Self::Everyone),
            "owners-of-target" => return Ok(Self::OwnersOfTarget),
            "employment:employee" => return Ok(Self::Employment(Employment::Employee)),
            "employment:contractor" => return Ok(Self::Employment(Employment::Contractor)),
            _ => {}
        }
        match text.split_once(':') {
            Some(("person", id)) => id.parse().map(Self::Person).map_err(|_| SelectorError),
            Some(("group", id)) => id.parse().map(Self::Group).map_err(|_| SelectorError),
            _ => Err(SelectorError),
        }
    }
}

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, SelectorError> {
        text.to_owned().try_into()
    }
}

impl From<Selector> for String {
    fn from(selector: Selector) -> Self {
        selector.to_string()
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(id) => write!(f, "person:{id}"),
            Self::Group(id) => write!(f, "group:{id}"),
            Self::Employment(kind) => write!(f, "employment:{}", kind.as_str()),
            Self::OwnersOfTarget => f.write_str("owners-of-target"),
            Self::Everyone => f.write_str("everyone"),
        }
    }
}

/// What is asked of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Who asks.
    pub requester: PersonId,
    /// Who would get the access.
    pub beneficiary: PersonId,
    /// On which target.
    pub target: TargetId,
    /// Which role.
    pub role: RoleId,
    /// For how long; absent: the policy's default.
    pub duration: Option<Length>,
    /// As claimed; absent counts as [`Severity::LEAST`].
    pub severity: Option<Severity>,
    /// The incident's id, as claimed.
    pub incident: Option<String>,
    /// Where it was asked.
    pub platform: Platform,
}

/// Planned work, or an emergency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleKind {
    /// Something is burning.
    #[default]
    Emergency,
    /// Just-in-time access for planned work.
    Planned,
}

/// So many distinct people out of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quorum {
    /// Groups and `owners-of-target`.
    pub from: Vec<Selector>,
    /// 1 to 10.
    pub count: u8,
}

/// More people who may fill any open slot, once `after` has passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalation {
    /// Counted from the request.
    pub after: Length,
    /// Who may then decide too.
    pub to: Vec<Selector>,
    /// What wakes them up: the step's own pagers and those of the groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub page: Vec<PagerId>,
}

/// What a rule asks of a request it allows; frozen in the request and part of its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The rule that allows it.
    pub rule: RuleId,
    /// Emergency or planned.
    pub kind: RuleKind,
    /// Access without anybody's approval beforehand, which needs the requester's own confirmation.
    pub break_glass: bool,
    /// Who must approve; empty means nobody beforehand.
    pub approvals: Vec<Quorum>,
    /// The longest lease.
    pub max_duration: Length,
    /// How long approvers have to answer.
    pub window: Length,
    /// How long an approved request may take to become access.
    pub provision_within: Length,
    /// Who may decide later, when nobody answers.
    pub escalate: Vec<Escalation>,
    /// Must somebody look at it afterwards?
    pub reviewed: bool,
    /// How long after the end the review is due.
    pub review_within: Length,
    /// Who may review.
    pub reviewers: Vec<Selector>,
    /// What wakes the approvers up: the pagers of the groups that are asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub page: Vec<PagerId>,
}

/// One reason for the risk score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskFactor {
    /// `sensitivity`, `blast_radius`, `first_time`, `odd_hour`, `denied_1h` or `burst`.
    pub name: String,
    /// What it adds.
    pub points: u8,
    /// In words.
    pub why: String,
}

/// How dangerous a request is, 0 to 100.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Risk {
    /// The sum of the factors, at most 100.
    pub score: u8,
    /// What it is made of.
    pub factors: Vec<RiskFactor>,
}

/// A way to the access: a rule that allows the request as it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// What it asks for.
    pub terms: Terms,
    /// Can listed, active people other than requester and beneficiary fill the quorum?
    pub fillable: bool,
}

/// The policy's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// The lease that is asked for, given or by default.
    pub duration: Length,
    /// How dangerous it is.
    pub risk: Risk,
    /// Why, in words, for people.
    pub reasons: Vec<String>,
    /// Yes or no.
    pub answer: Answer,
}

/// Yes by these paths, best first; or no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Never empty; the first is the answer.
    Allow(Vec<Path>),
    /// No.
    Deny(Denial),
}

/// Why the policy says no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denial {
    /// The guard that forbids it, if one does.
    pub guard: Option<GuardId>,
    /// The longest duration that a matching rule would allow, if only the duration is too long.
    pub longest: Option<Length>,
    /// Roles of the same target, then others, that the person could ask for instead.
    pub could_ask: Vec<(TargetId, RoleId)>,
    /// Facts that were unknown and mattered, with why.
    pub unknown: BTreeMap<String, String>,
    /// In words.
    pub reasons: Vec<String>,
}

impl Denial {
    /// A denial for a reason that no rule or guard names.
    pub fn because(reason: &str) -> Self {
        Self {
            guard: None,
            longest: None,
            could_ask: Vec::new(),
            unknown: BTreeMap::new(),
            reasons: vec![reason.to_owned()],
        }
    }
}
