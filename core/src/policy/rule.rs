//! Rules: what can be allowed, to whom, and what it takes.

use std::fmt;
use std::str::FromStr;

use regex::Regex;

use crate::document::{Field, Place, Table};
use crate::id::{RoleId, RuleId, TargetId};
use crate::ruling::{Escalation, Quorum, RuleKind, Selector, Terms};
use crate::time::Length;

use super::condition::{Condition, Side};
use super::defaults::{DAY, Defaults, JustificationBounds, Review};
use super::draft::{Draft, Mention, selectors, whole_pattern};
use super::paging;

/// How many groups may have to agree.
const QUORUMS_MAX: usize = 10;

/// `TARGET/ROLE`, where either side may be `*`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RolePattern {
    /// Absent: any.
    pub target: Option<TargetId>,
    /// Absent: any.
    pub role: Option<RoleId>,
}

impl RolePattern {
    /// Does it mean this role on this target?
    pub fn matches(&self, target: &TargetId, role: &RoleId) -> bool {
        self.target.as_ref().is_none_or(|own| own == target)
            && self.role.as_ref().is_none_or(|own| own == role)
    }

    /// Does it mean everything that the other means?
    pub(super) fn covers(&self, other: &Self) -> bool {
        (self.target.is_none() || self.target == other.target)
            && (self.role.is_none() || self.role == other.role)
    }

    pub(super) fn list(field: &Field<'_>, draft: &mut Draft) -> Vec<Self> {
        let mut patterns = Vec::new();
        let items = field.items().unwrap_or_default();
        if items.is_empty() && field.is_present() {
            field.fault("an empty list is no role");
        }
        for item in items {
            let Some(pattern) = item.parse::<Self>() else {
                continue;
            };
            let mention = match (&pattern.target, &pattern.role) {
                (Some(target), None) => Some(Mention::Target(target.clone())),
                (target, Some(role)) => Some(Mention::Role(target.clone(), role.clone())),
                (None, None) => None,
            };
            draft
                .mentions
                .extend(mention.map(|mention| (item.place(), mention)));
            patterns.push(pattern);
        }
        patterns
    }
}

impl fmt::Display for RolePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = self.target.as_ref().map_or("*", TargetId::as_str);
        let role = self.role.as_ref().map_or("*", RoleId::as_str);
        write!(f, "{target}/{role}")
    }
}

/// Why a text is not a role pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a role is written TARGET/ROLE, where either side may be *")]
pub struct RolePatternError;

impl FromStr for RolePattern {
    type Err = RolePatternError;

    fn from_str(text: &str) -> Result<Self, RolePatternError> {
        let (target, role) = text.split_once('/').ok_or(RolePatternError)?;
        let target = match target {
            "*" => None,
            id => Some(id.parse().map_err(|_| RolePatternError)?),
        };
        let role = match role {
            "*" => None,
            id => Some(id.parse().map_err(|_| RolePatternError)?),
        };
        Ok(Self { target, role })
    }
}

/// Which incident a rule wants to be named.
#[derive(Debug, Clone, Default)]
pub struct Incident {
    /// Without one, the rule is no way to the access.
    pub required: bool,
    /// For the whole id, anchored.
    pub pattern: Option<Regex>,
    /// The pattern as it is written.
    pub written: Option<String>,
}

impl Incident {
    /// Is what this rule wants there?
    pub fn is_met(&self, incident: Option<&str>) -> bool {
        if !self.required {
            return true;
        }
        let fits = |id| {
            self.pattern
                .as_ref()
                .is_none_or(|pattern| pattern.is_match(id))
        };
        incident.is_some_and(fits)
    }
}

/// One clause that can allow.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Named in the log and on cards.
    pub id: RuleId,
    /// Who may get the access.
    pub who: Vec<Selector>,
    /// Which access.
    pub roles: Vec<RolePattern>,
    /// Under which circumstances; absent: any.
    pub when: Option<Condition>,
    /// Who must agree; empty: nobody beforehand.
    pub approvals: Vec<Quorum>,
    /// Emergency or planned.
    pub kind: RuleKind,
    /// Which incident must be named.
    pub incident: Incident,
    /// Who may ask for somebody else.
    pub on_behalf: Vec<Selector>,
    /// Who may decide later, when nobody answers.
    pub escalate: Vec<Escalation>,
    /// Its author knows that it rests on what the requester claims.
    pub accept_claims: bool,
    /// Durations, justification and review: its own, else the policy's defaults.
    pub settings: Defaults,
}

impl Rule {
    /// Access that nobody approves beforehand, in an emergency: loud, short, always reviewed.
    pub fn is_break_glass(&self) -> bool {
        self.approvals.is_empty() && self.kind == RuleKind::Emergency
    }

    /// How many people must agree.
    pub fn approvals_needed(&self) -> u32 {
        self.approvals
            .iter()
            .map(|quorum| u32::from(quorum.count))
            .sum()
    }

    /// How much must be written.
    pub const fn justification(&self) -> JustificationBounds {
        self.settings.justification
    }

    /// Is a grant of this rule looked at afterwards?
    pub fn is_reviewed(&self) -> bool {
        let by_setting = match self.settings.review {
            Review::Emergency => self.kind == RuleKind::Emergency,
            Review::BreakGlass | Review::Never => false,
            Review::Always => true,
        };
        by_setting || self.is_break_glass()
    }

    /// What it asks of a request it allows; whom to page is up to the groups.
    pub fn terms(&self) -> Terms {
        Terms {
            rule: self.id.clone(),
            kind: self.kind,
            break_glass: self.is_break_glass(),
            approvals: self.approvals.clone(),
            max_duration: self.settings.max_duration,
            window: self.settings.window,
            provision_within: self.settings.provision_within,
            escalate: self.escalate.clone(),
            reviewed: self.is_reviewed(),
            review_within: self.settings.review_within,
            reviewers: self.settings.reviewers.clone(),
            page: Vec::new(),
        }
    }
}

/// A rule with the places that lints point to.
#[derive(Debug)]
pub(super) struct RuleDraft {
    pub(super) rule: Rule,
    pub(super) place: Place,
    pub(super) when: Place,
    pub(super) approvals: Vec<Place>,
    pub(super) max_duration: Place,
    pub(super) review: Place,
    pub(super) escalate: Vec<Place>,
}

impl RuleDraft {
    pub(super) fn read(table: &Table<'_>, draft: &mut Draft) -> Option<Self> {
        let id = table.need("id").parse::<RuleId>();
        let who = some_selectors(&table.need("who"), draft);
        let roles = RolePattern::list(&table.need("roles"), draft);
        let when = table.get("when");
        let condition = Condition::read(&when, Side::Rule, draft.grammar());
        let (approvals, places) = approvals(&table.need("approvals"), draft);
        let kinds = [
            ("emergency", RuleKind::Emergency),
            ("planned", RuleKind::Planned),
        ];
        let kind = table.get("kind").one_of(&kinds).unwrap_or_default();
        let incident = incident(&table.get("incident"));
        let on_behalf = selectors(&table.get("on_behalf"), draft).unwrap_or_default();
        let (escalate, escalate_places) = escalations(&table.get("escalate"), draft);
        let accept_claims = table.get("accept_claims").bool().unwrap_or_default();
        let defaults = draft.defaults.clone();
        let settings = Defaults::read(table, &defaults, draft);
        let rule = Rule {
            id: id?,
            who,
            roles,
            when: condition,
            approvals,
            kind,
            incident,
            on_behalf,
            escalate,
            accept_claims,
            settings,
        };
        Some(Self {
            rule,
            place: table.place(),
            when: when.place(),
            approvals: places,
            max_duration: table.get("max_duration").place(),
            review: table.get("review").place(),
            escalate: escalate_places,
        })
    }
}

/// Selectors that must be somebody.
pub(super) fn some_selectors(field: &Field<'_>, draft: &mut Draft) -> Vec<Selector> {
    let items = selectors(field, draft);
    if items.as_ref().is_some_and(Vec::is_empty) {
        field.fault("an empty list is nobody");
    }
    items.unwrap_or_default()
}

fn approvals(field: &Field<'_>, draft: &mut Draft) -> (Vec<Quorum>, Vec<Place>) {
    const WHAT: &str =
        "must be \"none\" or a list like [{ from = [\"group:security\"], count = 1 }]";
    if field.is_string() {
        if field.string().as_deref() != Some("none") {
            field.fault(WHAT);
        }
        return Default::default();
    }
    let tables = field.tables();
    if tables.is_empty() && field.is_present() || tables.len() > QUORUMS_MAX {
        field.fault(format!("{WHAT}, of 1 to {QUORUMS_MAX}"));
    }
    let quorum = |table: Table<'_>| {
        let from = table.need("from");
        let who = some_selectors(&from, draft);
        if !who
            .iter()
            .all(|who| matches!(who, Selector::Group(_) | Selector::OwnersOfTarget))
        {
            from.fault("takes group:ID and owners-of-target only");
        }
        let count = table.need("count").integer(1..=10_u8).unwrap_or(1);
        (Quorum { from: who, count }, table.get("count").place())
    };
    tables.into_iter().map(quorum).unzip()
}

fn incident(field: &Field<'_>) -> Incident {
    let Some(table) = field.table() else {
        return Incident::default();
    };
    let pattern = table.get("pattern");
    Incident {
        required: table.get("required").bool().unwrap_or_default(),
        pattern: whole_pattern(&pattern),
        written: pattern.string(),
    }
}

fn escalations(field: &Field<'_>, draft: &mut Draft) -> (Vec<Escalation>, Vec<Place>) {
    let escalation = |table: Table<'_>| {
        let after = table
            .need("after")
            .length_in(DAY)
            .unwrap_or(Length::from_mins(1));
        let to = some_selectors(&table.need("to"), draft);
        let page = paging::read(&table.get("page"));
        let place = table.get("after").place();
        (Escalation { after, to, page }, place)
    };
    field.tables().into_iter().map(escalation).unzip()
}
