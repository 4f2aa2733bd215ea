//! Who is meant by a selector, who may decide, who has a power.

use std::collections::BTreeSet;

use crate::fact::{Facts, Known};
use crate::id::{GroupId, PersonId, TargetId};
use crate::ruling::Selector;

use super::{Person, Policy, Power};

impl Policy {
    /// Does the selector mean this person? Unknown only where membership of a group couldn't be looked up.
    /// Without a target, `owners-of-target` is nobody. Somebody who isn't listed is never meant.
    pub fn selects(
        &self,
        selector: &Selector,
        person: &PersonId,
        target: Option<&TargetId>,
        facts: &Facts,
    ) -> Known<bool> {
        let Some(listed) = self.person(person) else {
            return Known::Known(false);
        };
        match selector {
            Selector::Person(id) => Known::Known(id == person),
            Selector::Group(group) => self.is_member(group, person, facts),
            Selector::Employment(kind) => Known::Known(listed.employment == *kind),
            Selector::OwnersOfTarget => {
                self.selects_any(self.owners_of(target), person, target, facts)
            }
            Selector::Everyone => Known::Known(true),
        }
    }

    /// Does any of the selectors mean this person? Unknown if none surely does and one may.
    pub fn selects_any(
        &self,
        selectors: &[Selector],
        person: &PersonId,
        target: Option<&TargetId>,
        facts: &Facts,
    ) -> Known<bool> {
        let mut unknown = None;
        for selector in selectors {
            match self.selects(selector, person, target, facts) {
                Known::Known(true) => return Known::Known(true),
                Known::Known(false) => {}
                Known::Unknown(why) => unknown = unknown.or(Some(why)),
            }
        }
        unknown.map_or(Known::Known(false), Known::Unknown)
    }

    /// Everybody who may decide by these selectors: listed, active, no guest. Unknown membership is none.
    pub fn eligible(
        &self,
        selectors: &[Selector],
        target: &TargetId,
        facts: &Facts,
    ) -> BTreeSet<PersonId> {
        self.candidates(selectors, Some(target), facts)
            .cloned()
            .collect()
    }

    /// Has this person the power? Never a guest or somebody inactive. The owners of a target may also revoke
    /// grants on it; that whoever approved a request may revoke its grant is for the caller to see.
    pub fn may(
        &self,
        power: Power,
        person: &PersonId,
        target: Option<&TargetId>,
        facts: &Facts,
    ) -> Known<bool> {
        if !self.may_decide(person, facts) {
            return Known::Known(false);
        }
        let named = self.selects_any(self.powers().of(power), person, target, facts);
        match (power, &named) {
            (Power::Revoke, Known::Known(false) | Known::Unknown(_)) => {
                match self.selects_any(self.owners_of(target), person, target, facts) {
                    Known::Known(false) => named,
                    owner @ (Known::Known(true) | Known::Unknown(_)) => owner,
                }
            }
            (Power::See | Power::Deny | Power::Revoke | Power::Lockdown, _) => named,
        }
    }

    /// Listed, active and no guest.
    pub fn may_decide(&self, person: &PersonId, facts: &Facts) -> bool {
        self.person(person).is_some_and(|listed| !listed.guest) && !facts.inactive.contains(person)
    }

    /// The same as [`eligible`](Self::eligible), one after the other, some perhaps more than once.
    pub(super) fn candidates<'p>(
        &'p self,
        selectors: &'p [Selector],
        target: Option<&'p TargetId>,
        facts: &'p Facts,
    ) -> Box<dyn Iterator<Item = &'p PersonId> + 'p> {
        let meant = selectors.iter().flat_map(move |selector| match selector {
            Selector::OwnersOfTarget => {
                let owners = self.owners_of(target);
                Box::new(
                    owners
                        .iter()
                        .flat_map(move |owner| self.named_by(owner, facts)),
                )
            }
            Selector::Person(_)
            | Selector::Group(_)
            | Selector::Employment(_)
            | Selector::Everyone => self.named_by(selector, facts),
        });
        Box::new(meant.filter(|person| self.may_decide(person, facts)))
    }

    fn named_by<'p>(
        &'p self,
        selector: &'p Selector,
        facts: &'p Facts,
    ) -> Box<dyn Iterator<Item = &'p PersonId> + 'p> {
        let listed_if = |fits: fn(&Person, &Selector) -> bool| {
            let people = self.people().filter(move |person| fits(person, selector));
            Box::new(people.map(|person| &person.id))
        };
        match selector {
            Selector::Person(id) => Box::new(std::iter::once(id)),
            Selector::Group(group) => {
                let written = self
                    .group(group)
                    .into_iter()
                    .flat_map(|group| &group.members);
                let told = facts
                    .members
                    .get(group)
                    .and_then(Known::value)
                    .into_iter()
                    .flatten();
                Box::new(written.chain(told))
            }
            Selector::Employment(_) => {
                listed_if(|person, selector| Selector::Employment(person.employment) == *selector)
            }
            Selector::Everyone => listed_if(|_, _| true),
            // Owners are people and groups, so this can't come round to itself.
            Selector::OwnersOfTarget => Box::new(std::iter::empty()),
        }
    }

    fn is_member(&self, group: &GroupId, person: &PersonId, facts: &Facts) -> Known<bool> {
        if self
            .group(group)
            .is_some_and(|group| group.members.contains(person))
        {
            return Known::Known(true);
        }
        match facts.members.get(group) {
            Some(Known::Known(members)) => Known::Known(members.contains(person)),
            Some(Known::Unknown(why)) => Known::Unknown(why.clone()),
            None => Known::Known(false),
        }
    }

    fn owners_of(&self, target: Option<&TargetId>) -> &[Selector] {
        let target = target.and_then(|target| self.target(target));
        target.map_or(&[], |target| target.owners.as_slice())
    }
}
