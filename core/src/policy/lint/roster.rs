//! Whom selectors surely mean, and what patterns are about, whatever chat may tell later.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{GroupId, PersonId, TargetId};
use crate::policy::draft::Draft;
use crate::policy::{Group, Person, RolePattern, Target};
use crate::ruling::Selector;

/// Everything that a selector or a pattern can stand for.
#[derive(Debug)]
pub(super) struct Roster<'d> {
    pub(super) people: BTreeMap<&'d PersonId, &'d Person>,
    pub(super) groups: BTreeMap<&'d GroupId, &'d Group>,
    pub(super) targets: BTreeMap<&'d TargetId, &'d Target>,
}

impl<'d> Roster<'d> {
    pub(super) fn new(draft: &'d Draft) -> Self {
        let people = draft
            .people
            .iter()
            .map(|placed| (&placed.value.id, &placed.value));
        let groups = draft
            .groups
            .iter()
            .map(|placed| (&placed.value.id, &placed.value));
        let targets = draft
            .targets
            .iter()
            .map(|placed| (&placed.value.id, &placed.value));
        Self {
            people: people.collect(),
            groups: groups.collect(),
            targets: targets.collect(),
        }
    }

    /// Everybody whom the selectors can mean on a target; `None` if chat may add to them, or if they name
    /// somebody who isn't there, which is told by itself.
    pub(super) fn people_of(
        &self,
        selectors: &[Selector],
        target: Option<&Target>,
    ) -> Option<BTreeSet<&'d PersonId>> {
        let mut people = BTreeSet::new();
        for selector in selectors {
            match selector {
                Selector::Person(id) => {
                    people.insert(self.people.get_key_value(id).map(|(id, _)| *id)?);
                }
                Selector::Group(id) => {
                    let group = self.groups.get(id)?;
                    if group.is_kept_in_chat() {
                        return None;
                    }
                    people.extend(&group.members);
                }
                Selector::Employment(kind) => {
                    let those = self
                        .people
                        .iter()
                        .filter(|(_, person)| person.employment == *kind);
                    people.extend(those.map(|(id, _)| *id));
                }
                Selector::OwnersOfTarget => {
                    let owners = target.map_or(&[][..], |target| target.owners.as_slice());
                    people.extend(self.people_of(owners, None)?);
                }
                Selector::Everyone => people.extend(self.people.keys()),
            }
        }
        Some(people)
    }

    /// The same without guests, who never decide.
    pub(super) fn deciders_of(
        &self,
        selectors: &[Selector],
        target: &Target,
    ) -> Option<BTreeSet<&'d PersonId>> {
        let mut people = self.people_of(selectors, Some(target))?;
        people.retain(|id| self.people.get(id).is_some_and(|person| !person.guest));
        Some(people)
    }

    /// Does `wide` mean everybody whom `narrow` means, for certain?
    pub(super) fn covers(&self, wide: &[Selector], narrow: &[Selector]) -> bool {
        narrow
            .iter()
            .all(|one| wide.iter().any(|other| self.covers_one(other, one)))
    }

    /// The selectors that cover this one: itself among them.
    pub(super) fn covering(&self, narrow: &Selector) -> Vec<Selector> {
        let mut covering = vec![narrow.clone(), Selector::Everyone];
        if let Selector::Person(id) = narrow {
            let groups = self
                .groups
                .values()
                .filter(|group| group.members.contains(id));
            covering.extend(groups.map(|group| Selector::Group(group.id.clone())));
            let person = self.people.get(id);
            covering.extend(person.map(|person| Selector::Employment(person.employment)));
        }
        covering
    }

    /// The targets that patterns are about.
    pub(super) fn targets_of(&self, patterns: &[RolePattern]) -> Vec<&'d Target> {
        let about = |target: &Target| {
            let mut roles = target.roles.iter();
            roles.any(|role| patterns.iter().any(|p| p.matches(&target.id, &role.id)))
        };
        if let [
            RolePattern {
                target: Some(id), ..
            },
        ] = patterns
        {
            return self
                .targets
                .get(id)
                .copied()
                .filter(|target| about(target))
                .into_iter()
                .collect();
        }
        self.targets
            .values()
            .copied()
            .filter(|target| about(target))
            .collect()
    }

    fn covers_one(&self, wide: &Selector, narrow: &Selector) -> bool {
        if wide == narrow || *wide == Selector::Everyone {
            return true;
        }
        let Selector::Person(id) = narrow else {
            return false;
        };
        match wide {
            Selector::Group(group) => self
                .groups
                .get(group)
                .is_some_and(|group| group.members.contains(id)),
            Selector::Employment(kind) => self
                .people
                .get(id)
                .is_some_and(|person| person.employment == *kind),
            Selector::Person(_) | Selector::OwnersOfTarget | Selector::Everyone => false,
        }
    }
}
