//! A policy as it was read, with the places that lints point to, before it is known to be sound.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use regex::{Regex, RegexBuilder};

use crate::document::{Document, Fault, Faults, Field, Place, SourceFile, Table, nearest};
use crate::id::{GroupId, PersonId, RoleId, TargetId};
use crate::ruling::Selector;
use crate::text;

use super::condition::Grammar;
use super::guard::GuardDraft;
use super::rule::RuleDraft;
use super::{Defaults, Group, Person, Powers, Standing, Target, source};

/// How an incident's id looks unless the policy says otherwise.
const INCIDENT_PATTERN: &str = "[A-Z][A-Z0-9]+-[0-9]+";

/// The longest title, note or login, in characters: what fits a card.
const LINE_CHARS_MAX: usize = 300;

/// What a regular expression may grow to when compiled, so that no pattern can fill the memory.
const PATTERN_BYTES_MAX: usize = 1 << 18;

/// Something with the place where its table begins.
#[derive(Debug)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

/// A name that must stand for something in the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mention {
    Person(PersonId),
    Group(GroupId),
    Target(TargetId),
    /// On this target, or on any.
    Role(Option<TargetId>, RoleId),
}

/// Everything that was read.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// There unless it is faulty.
    pub(super) incident_pattern: Option<Regex>,
    pub(super) timezone: Tz,
    pub(super) defaults: Defaults,
    pub(super) powers: Powers,
    pub(super) people: Vec<Placed<Person>>,
    pub(super) groups: Vec<Placed<Group>>,
    pub(super) targets: Vec<Placed<Target>>,
    pub(super) rules: Vec<RuleDraft>,
    pub(super) guards: Vec<GuardDraft>,
    pub(super) mentions: Vec<(Place, Mention)>,
    pub(super) person_ids: BTreeSet<PersonId>,
    pub(super) group_ids: BTreeSet<GroupId>,
    pub(super) target_ids: BTreeSet<TargetId>,
    pub(super) role_ids: BTreeSet<(TargetId, RoleId)>,
    grammar: Grammar,
}

impl Draft {
    /// Nothing yet.
    pub(super) fn new(standing: Standing) -> Self {
        Self {
            grammar: Grammar::new(standing),
            ..Self::default()
        }
    }

    /// Reads all files and gives what is wrong with each by itself.
    pub(super) fn read(&mut self, files: &[SourceFile]) -> Vec<Fault> {
        let ordered = source::in_order(files);
        let documents: Vec<_> = ordered
            .iter()
            .map(|file| Document::parse(&file.name, &file.text))
            .collect();
        for (index, document) in documents.iter().enumerate() {
            let root = document.root();
            if index == 0 {
                self.read_settings(&root);
            }
            self.read_tables(&root);
        }
        documents
            .into_iter()
            .flat_map(|document| document.finish().0)
            .collect()
    }

    fn read_settings(&mut self, root: &Table<'_>) {
        root.need("version");
        root.get("include").list::<String>();
        let pattern = root.get("incident_pattern");
        let text = pattern.string();
        self.incident_pattern = compile(&pattern, text.as_deref().unwrap_or(INCIDENT_PATTERN));
        if let Some(timezone) = timezone(&root.get("timezone")) {
            self.timezone = timezone;
        }
        if let Some(table) = root.get("defaults").table() {
            self.defaults = Defaults::read(&table, &Defaults::default(), self);
        }
        if let Some(table) = root.get("powers").table() {
            self.powers = Powers::read(&table, self);
        }
    }

    fn read_tables(&mut self, root: &Table<'_>) {
        let version = root.get("version");
        if version
            .integer(0..=i64::MAX)
            .is_some_and(|version| version != 1)
        {
            version.fault("this breakglass reads version 1");
        }
        for table in root.get("person").tables() {
            let person = Person::read(&table, self);
            self.people.extend(person);
        }
        for table in root.get("group").tables() {
            let group = Group::read(&table, self);
            self.groups.extend(group);
        }
        for table in root.get("target").tables() {
            let target = Target::read(&table, self);
            self.targets.extend(target);
        }
        for table in root.get("rule").tables() {
            let rule = RuleDraft::read(&table, self);
            self.rules.extend(rule);
        }
        for table in root.get("guard").tables() {
            let guard = GuardDraft::read(&table, self);
            self.guards.extend(guard);
        }
    }

    pub(super) const fn grammar(&mut self) -> &mut Grammar {
        &mut self.grammar
    }
}

/// The globs in `include`.
pub(super) fn includes(main: &SourceFile) -> Result<Vec<String>, Faults> {
    let document = Document::parse(&main.name, &main.text);
    let globs = {
        let root = document.root();
        // Only `include` is of interest here; the whole file is read, and judged, by `Policy::parse`.
        root.keys().into_iter().for_each(|key| drop(root.get(key)));
        root.get("include").list::<String>().unwrap_or_default()
    };
    let faults = document.finish();
    if faults.is_empty() {
        Ok(globs)
    } else {
        Err(faults)
    }
}

/// One line of text to be shown to people.
pub(super) fn line(field: &Field<'_>) -> Option<String> {
    let text = field.string()?;
    if text.is_empty() || text.chars().count() > LINE_CHARS_MAX {
        field.fault(format!("must have 1 to {LINE_CHARS_MAX} characters"));
    } else if text.contains(['\n', '\t']) || text::clean(&text) != text {
        field.fault("has control or invisible characters, or space around it");
    }
    Some(text)
}

/// A list of selectors; what they name is checked later, when everything was read.
pub(super) fn selectors(field: &Field<'_>, draft: &mut Draft) -> Option<Vec<Selector>> {
    let mut selectors = Vec::new();
    for item in field.items()? {
        let Some(selector) = item.parse::<Selector>() else {
            continue;
        };
        let mention = match &selector {
            Selector::Person(id) => Some(Mention::Person(id.clone())),
            Selector::Group(id) => Some(Mention::Group(id.clone())),
            Selector::Employment(_) | Selector::OwnersOfTarget | Selector::Everyone => None,
        };
        draft
            .mentions
            .extend(mention.map(|mention| (item.place(), mention)));
        selectors.push(selector);
    }
    Some(selectors)
}

/// A regular expression for the whole of a text.
pub(super) fn whole_pattern(field: &Field<'_>) -> Option<Regex> {
    let text = field.string()?;
    compile(field, &text)?;
    compile(field, &format!("^(?:{text})$"))
}

fn compile(field: &Field<'_>, text: &str) -> Option<Regex> {
    let built = RegexBuilder::new(text)
        .size_limit(PATTERN_BYTES_MAX)
        .build();
    built
        .map_err(|_| field.fault("is not a regular expression that can be used here"))
        .ok()
}

fn timezone(field: &Field<'_>) -> Option<Tz> {
    let name = field.string()?;
    let known = || chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    let zone = name.parse().ok();
    if zone.is_none() {
        field.fault_suggesting("is not a time zone's name", nearest(&name, known()));
    }
    zone
}
