//! Which rules or guards can apply to a role, without looking at the others.

use std::collections::HashMap;

use crate::id::{RoleId, TargetId};

use super::rule::RolePattern;

/// Positions by target, by role for any target, and the rest.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    by_target: HashMap<TargetId, Vec<(usize, Option<RoleId>)>>,
    by_role: HashMap<RoleId, Vec<usize>>,
    rest: Vec<usize>,
}

impl Index {
    /// Indexes lists of patterns by their position.
    pub(super) fn new<'p>(clauses: impl Iterator<Item = &'p [RolePattern]>) -> Self {
        let mut index = Self::default();
        for (position, patterns) in clauses.enumerate() {
            for RolePattern { target, role } in patterns {
                match (target, role) {
                    (Some(target), role) => {
                        let entry = index.by_target.entry(target.clone()).or_default();
                        entry.push((position, role.clone()));
                    }
                    (None, Some(role)) => {
                        index
                            .by_role
                            .entry(role.clone())
                            .or_default()
                            .push(position);
                    }
                    (None, None) => index.rest.push(position),
                }
            }
        }
        index
    }

    /// The positions of all clauses with a pattern that matches, in order, each once.
    pub(super) fn candidates(&self, target: &TargetId, role: &RoleId) -> Vec<usize> {
        let of_target = self.by_target.get(target).into_iter().flatten();
        let mut found: Vec<_> = of_target
            .filter(|(_, own)| own.as_ref().is_none_or(|own| own == role))
            .map(|(position, _)| *position)
            .chain(self.by_role.get(role).into_iter().flatten().copied())
            .chain(self.rest.iter().copied())
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}
