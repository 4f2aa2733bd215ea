//! One case: who asks for what, and what is so.

use std::str::FromStr;

use chrono::TimeZone as _;
use chrono_tz::Tz;

use crate::document::{Field, Table, nearest};
use crate::fact::Facts;
use crate::id::{GroupId, PersonId, Platform, RoleId, TargetId};
use crate::policy::Policy;
use crate::policy::supposed::{FACTS, Fact};
use crate::ruling::{Question, Severity};
use crate::time::Timestamp;

use super::Expected;

/// A question with facts and the answer that is expected.
#[derive(Debug, Clone)]
pub struct Case {
    /// As it is reported.
    pub name: String,
    /// What is asked.
    pub question: Question,
    /// What is so. Whatever the case doesn't say is false, 0, or as the policy says.
    pub facts: Facts,
    /// When; if the case doesn't say, on a Monday at noon in the policy's time zone.
    pub at: Timestamp,
    /// What should come out.
    pub expected: Expected,
}

impl Case {
    /// What came out otherwise; empty if nothing did.
    pub fn differences(&self, policy: &Policy) -> Vec<String> {
        let ruling = policy.answer(&self.question, &self.facts, self.at);
        self.expected.differences(policy, self, &ruling)
    }

    pub(super) fn read(table: &Table<'_>, policy: &Policy) -> Option<Self> {
        let name = table.need("name").string();
        let requester = person(&table.need("as"), policy);
        let beneficiary = table.get("for");
        let beneficiary = if beneficiary.is_present() {
            person(&beneficiary, policy)
        } else {
            requester.clone()
        };
        let role = role(&table.need("role"), policy);
        let duration = table.get("duration").length();
        let severity = table.get("severity").integer(1..=5_u8);
        let incident = table.get("incident").string();
        let platforms = [
            Platform::Slack,
            Platform::Discord,
            Platform::Cli,
            Platform::Http,
        ];
        let platforms = platforms.map(|platform| (platform.as_str(), platform));
        let platform = table
            .get("platform")
            .one_of(&platforms)
            .unwrap_or(Platform::Slack);
        let facts = facts(table, policy);
        let at = table
            .get("at")
            .instant()
            .unwrap_or_else(|| monday_noon(policy.timezone()));
        let expected = Expected::read(table, policy);
        let (target, role) = role?;
        let question = Question {
            requester: requester?,
            beneficiary: beneficiary?,
            target,
            role,
            duration,
            severity: severity.and_then(|level| Severity::new(level).ok()),
            incident,
            platform,
        };
        Some(Self {
            name: name?,
            question,
            facts,
            at,
            expected: expected?,
        })
    }
}

/// A listed person.
pub(super) fn person(field: &Field<'_>, policy: &Policy) -> Option<PersonId> {
    let id: PersonId = field.parse()?;
    if policy.person(&id).is_none() {
        let known = policy.people().map(|person| person.id.as_str());
        field.fault_suggesting(
            format!("there is no person {id}"),
            nearest(id.as_str(), known),
        );
    }
    Some(id)
}

fn role(field: &Field<'_>, policy: &Policy) -> Option<(TargetId, RoleId)> {
    let text = field.string()?;
    let ids = text.split_once('/').and_then(|(target, role)| {
        Some((
            TargetId::from_str(target).ok()?,
            RoleId::from_str(role).ok()?,
        ))
    });
    let known = ids.filter(|(target, role)| policy.role(target, role).is_some());
    if known.is_none() {
        let roles: Vec<_> = policy
            .targets()
            .flat_map(|target| {
                target
                    .roles
                    .iter()
                    .map(|role| format!("{}/{}", target.id, role.id))
            })
            .collect();
        let near = nearest(&text, roles.iter().map(String::as_str));
        field.fault_suggesting(format!("there is no role {}", text.escape_debug()), near);
    }
    known
}

fn facts(table: &Table<'_>, policy: &Policy) -> Facts {
    let mut facts = Facts::default();
    for key in ["on_call", "incident_open"] {
        suppose(&mut facts, key, &table.get(key));
    }
    if let Some(more) = table.get("facts").table() {
        for (key, _) in FACTS {
            suppose(&mut facts, key, &more.get(key));
        }
    }
    if let Some(groups) = table.get("groups").table() {
        for key in groups.keys() {
            members(&mut facts, key, &groups.get(key), policy);
        }
    }
    for item in table.get("unknown").items().unwrap_or_default() {
        let Some(name) = item.string() else { continue };
        if let Err(error) = facts.suppose_unknown(&name) {
            item.fault(error.to_string());
        }
    }
    facts
}

fn suppose(facts: &mut Facts, name: &str, field: &Field<'_>) {
    use crate::fact::Known;
    match crate::policy::supposed::fact(name) {
        Ok(Fact::YesNo(key)) => {
            if let Some(value) = field.bool() {
                *facts.yes_no(key) = Known::Known(value);
            }
        }
        Ok(Fact::Count(key)) => {
            if let Some(value) = field.integer(0..=u32::MAX) {
                *facts.count(key) = Known::Known(value);
            }
        }
        Err(error) => field.fault(error.to_string()),
    }
}

fn members(facts: &mut Facts, group: &str, field: &Field<'_>, policy: &Policy) {
    let known = GroupId::from_str(group)
        .ok()
        .filter(|id| policy.group(id).is_some());
    let Some(id) = known else {
        let near = nearest(group, policy.groups().map(|group| group.id.as_str()));
        field.fault_suggesting(format!("there is no group {}", group.escape_debug()), near);
        return;
    };
    for item in field.items().unwrap_or_default() {
        if let Some(person) = person(&item, policy) {
            facts.suppose_member(id.clone(), person);
        }
    }
}

fn monday_noon(timezone: Tz) -> Timestamp {
    let noon = timezone.with_ymd_and_hms(2026, 3, 2, 12, 0, 0).earliest();
    noon.map(|noon| noon.to_utc().into()).unwrap_or_default()
}
