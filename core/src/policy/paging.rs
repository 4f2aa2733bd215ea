//! Whom a request wakes up: the pagers of the groups that are asked to decide it.

use std::collections::BTreeSet;

use crate::document::Field;
use crate::id::PagerId;
use crate::ruling::{Selector, Terms};

use super::{Policy, Rule, Target};

/// How many pagers may stand in one place.
const PAGERS_MAX: usize = 8;

/// `page = "ID"` or `page = ["ID", …]`; absent is none. Which there are is the service config's, so that `check` tells.
pub(super) fn read(field: &Field<'_>) -> Vec<PagerId> {
    if field.is_string() {
        return field.parse().into_iter().collect();
    }
    let pagers = field.list::<PagerId>().unwrap_or_default();
    if pagers.len() > PAGERS_MAX {
        field.fault(format!("takes at most {PAGERS_MAX} pagers"));
    }
    pagers
}

impl Policy {
    /// What a rule asks of a request on this target, with the pagers of the groups that it asks.
    pub(super) fn terms(&self, rule: &Rule, target: &Target) -> Terms {
        let mut terms = rule.terms();
        let asked = terms.approvals.iter().flat_map(|quorum| &quorum.from);
        terms.page = self.pagers_of(asked, target).into_iter().collect();
        for step in &mut terms.escalate {
            let mut all = self.pagers_of(&step.to, target);
            all.extend(step.page.iter().cloned());
            step.page = all.into_iter().collect();
        }
        terms
    }

    fn pagers_of<'a>(
        &self,
        selectors: impl IntoIterator<Item = &'a Selector>,
        target: &Target,
    ) -> BTreeSet<PagerId> {
        let of = |selector: &Selector| match selector {
            Selector::Group(id) => self
                .group(id)
                .map_or_else(Vec::new, |group| group.page.clone()),
            Selector::OwnersOfTarget => target
                .owners
                .iter()
                .filter_map(|owner| match owner {
                    Selector::Group(id) => self.group(id),
                    Selector::Person(_)
                    | Selector::Employment(_)
                    | Selector::OwnersOfTarget
                    | Selector::Everyone => None,
                })
                .flat_map(|group| group.page.clone())
                .collect(),
            Selector::Person(_) | Selector::Employment(_) | Selector::Everyone => Vec::new(),
        };
        selectors.into_iter().flat_map(of).collect()
    }

    /// Every pager that it names, with what names it: `group "dba"`, `rule "two-people"`.
    pub fn pagers(&self) -> impl Iterator<Item = (String, &PagerId)> {
        let of_groups = self.groups().flat_map(|group| {
            let named = format!("group {:?}", group.id);
            group.page.iter().map(move |id| (named.clone(), id))
        });
        let of_rules = self.rules().iter().flat_map(|rule| {
            let named = format!("an escalation of rule {:?}", rule.id);
            let pagers = rule.escalate.iter().flat_map(|step| &step.page);
            pagers.map(move |id| (named.clone(), id))
        });
        of_groups.chain(of_rules)
    }
}
