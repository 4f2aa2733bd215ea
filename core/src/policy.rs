//! The rules written in advance: who may get which access, when, for how long, and who must agree.
//!
//! A policy is one or more TOML files, read strictly and checked as a whole: [`Policy::parse`] gives either
//! a policy without faults or all the faults. It is immutable, and named by the hash of its whole text.

mod answer;
pub mod cases;
mod circumstances;
pub mod condition;
mod defaults;
mod draft;
pub mod explain;
mod fill;
mod group;
mod guard;
mod index;
mod linked;
mod lint;
mod membership;
mod paging;
mod person;
mod power;
mod risk;
mod rule;
mod source;
pub mod supposed;
mod target;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono_tz::Tz;
use regex::Regex;

use crate::document::{Fault, Faults, SourceFile};
use crate::id::{GroupId, GuardId, PersonId, Platform, PolicyHash, RoleId, RuleId, TargetId};

use draft::Draft;
use index::Index;
use lint::Findings;

pub use condition::{Condition, Key};
pub use defaults::{Defaults, JustificationBounds, Review};
pub use group::Group;
pub use guard::Guard;
pub use person::{AccountError, Person, account};
pub use power::{Power, Powers};
pub use rule::{Incident, RolePattern, Rule};
pub use target::{BlastRadius, Role, Sensitivity, Target};

/// A checked policy.
#[derive(Debug, Clone)]
pub struct Policy {
    text: String,
    hash: PolicyHash,
    incident_pattern: Regex,
    timezone: Tz,
    defaults: Defaults,
    powers: Powers,
    people: BTreeMap<PersonId, Person>,
    accounts: BTreeMap<(Platform, String), PersonId>,
    groups: BTreeMap<GroupId, Group>,
    targets: BTreeMap<TargetId, Target>,
    rules: Vec<Rule>,
    rules_by: Index,
    guards: Vec<Guard>,
    guards_by: Index,
    warnings: Vec<Fault>,
}

/// Whether a policy is to be judged, or was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Standing {
    /// It isn't in force: everything that is wrong with it is told.
    #[default]
    Proposed,
    /// It was put in force by the version of its time.
    Accepted,
}

impl Policy {
    /// Reads and checks a policy: the main file first, then those it includes, in any order. Names are
    /// part of what is hashed, so give them relative to the main file.
    pub fn parse(files: &[SourceFile]) -> Result<Self, Faults> {
        Self::read(files, Standing::Proposed)
    }

    /// Reads back what [`text`](Self::text) gave; the hash is the same.
    ///
    /// A policy that was accepted is read for ever, as old records are: what today's lints and type checker say
    /// of it no longer matters, only whether it can be evaluated. So whatever is to be refused in addition
    /// belongs into the lints, or comes with a new `version`.
    pub fn from_text(text: &str) -> Result<Self, Faults> {
        Self::read(&source::from_text(text)?, Standing::Accepted)
    }

    fn read(files: &[SourceFile], standing: Standing) -> Result<Self, Faults> {
        let mut draft = Draft::new(standing);
        let mut faults = draft.read(files);
        let findings = match standing {
            Standing::Proposed => lint::check(&draft),
            Standing::Accepted => Findings::default(),
        };
        faults.extend(findings.errors);
        match draft.incident_pattern.take() {
            Some(incident_pattern) if faults.is_empty() => {
                let text = source::to_text(files);
                Ok(Self::assemble(
                    draft,
                    incident_pattern,
                    text,
                    findings.warnings,
                ))
            }
            _ => Err(Faults::sorted(faults)),
        }
    }

    /// The globs in `include` of a main file, relative to it.
    pub fn includes(main: &SourceFile) -> Result<Vec<String>, Faults> {
        draft::includes(main)
    }

    /// All files in one text, for the log.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The SHA-256 of [`text`](Self::text), which names this policy.
    pub const fn hash(&self) -> &PolicyHash {
        &self.hash
    }

    /// What is allowed but probably not meant, sorted by place.
    pub fn warnings(&self) -> &[Fault] {
        &self.warnings
    }

    /// How an incident's id looks among other words; not anchored.
    pub const fn incident_pattern(&self) -> &Regex {
        &self.incident_pattern
    }

    /// Where hours and weekdays are counted.
    pub const fn timezone(&self) -> Tz {
        self.timezone
    }

    /// What a rule has unless it says otherwise.
    pub const fn defaults(&self) -> &Defaults {
        &self.defaults
    }

    /// Who may do what beside deciding requests.
    pub const fn powers(&self) -> &Powers {
        &self.powers
    }

    /// A listed person.
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.people.get(id)
    }

    /// All listed people, by id.
    pub fn people(&self) -> impl ExactSizeIterator<Item = &Person> {
        self.people.values()
    }

    /// Whose platform account this is.
    pub fn person_by(&self, platform: Platform, account: &str) -> Option<&Person> {
        self.people
            .get(self.accounts.get(&(platform, account.to_owned()))?)
    }

    /// A group.
    pub fn group(&self, id: &GroupId) -> Option<&Group> {
        self.groups.get(id)
    }

    /// All groups, by id.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = &Group> {
        self.groups.values()
    }

    /// A target.
    pub fn target(&self, id: &TargetId) -> Option<&Target> {
        self.targets.get(id)
    }

    /// All targets, by id.
    pub fn targets(&self) -> impl ExactSizeIterator<Item = &Target> {
        self.targets.values()
    }

    /// A role of a target.
    pub fn role(&self, target: &TargetId, role: &RoleId) -> Option<&Role> {
        self.target(target)?.role(role)
    }

    /// A rule.
    pub fn rule(&self, id: &RuleId) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == *id)
    }

    /// All rules, in file order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// A guard.
    pub fn guard(&self, id: &GuardId) -> Option<&Guard> {
        self.guards.iter().find(|guard| guard.id == *id)
    }

    /// All guards, in file order.
    pub fn guards(&self) -> &[Guard] {
        &self.guards
    }

    fn assemble(draft: Draft, incident_pattern: Regex, text: String, warnings: Vec<Fault>) -> Self {
        let people: BTreeMap<_, _> = draft
            .people
            .into_iter()
            .map(|placed| (placed.value.id.clone(), placed.value))
            .collect();
        let accounts = people
            .values()
            .flat_map(|person| {
                let of = |platform| {
                    Some((
                        (platform, person.account_on(platform)?.to_owned()),
                        person.id.clone(),
                    ))
                };
                [of(Platform::Slack), of(Platform::Discord)]
                    .into_iter()
                    .flatten()
            })
            .collect();
        let rules: Vec<_> = draft
            .rules
            .into_iter()
            .map(|drafted| drafted.rule)
            .collect();
        let guards: Vec<_> = draft
            .guards
            .into_iter()
            .map(|drafted| drafted.guard)
            .collect();
        Self {
            hash: source::hash(&text),
            text,
            incident_pattern,
            timezone: draft.timezone,
            defaults: draft.defaults,
            powers: draft.powers,
            accounts,
            people,
            groups: draft
                .groups
                .into_iter()
                .map(|g| (g.value.id.clone(), g.value))
                .collect(),
            targets: draft
                .targets
                .into_iter()
                .map(|t| (t.value.id.clone(), t.value))
                .collect(),
            rules_by: Index::new(rules.iter().map(|rule| rule.roles.as_slice())),
            rules,
            guards_by: Index::new(guards.iter().map(|guard| guard.roles.as_slice())),
            guards,
            warnings,
        }
    }
}
