//! What some people may do beside deciding requests.

use crate::document::Table;
use crate::ruling::Selector;

use super::draft::{Draft, selectors};

/// A power.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Power {
    /// See everything; others see their own and what they may decide.
    See,
    /// Deny any pending request.
    Deny,
    /// Revoke any grant.
    Revoke,
    /// Stop all granting, and start it again.
    Lockdown,
}

/// Who has which power. Whoever isn't named has none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Powers {
    /// [`Power::See`]
    pub see: Vec<Selector>,
    /// [`Power::Deny`]
    pub deny: Vec<Selector>,
    /// [`Power::Revoke`]
    pub revoke: Vec<Selector>,
    /// [`Power::Lockdown`]
    pub lockdown: Vec<Selector>,
}

impl Powers {
    /// Who has this power.
    pub fn of(&self, power: Power) -> &[Selector] {
        match power {
            Power::See => &self.see,
            Power::Deny => &self.deny,
            Power::Revoke => &self.revoke,
            Power::Lockdown => &self.lockdown,
        }
    }

    pub(super) fn read(table: &Table<'_>, draft: &mut Draft) -> Self {
        let mut who = |key| selectors(&table.get(key), draft).unwrap_or_default();
        Self {
            see: who("see"),
            deny: who("deny"),
            revoke: who("revoke"),
            lockdown: who("lockdown"),
        }
    }
}
