//! Guards: what is forbidden, whatever the rules say.

use crate::document::{Place, Table};
use crate::id::GuardId;
use crate::ruling::Selector;

use super::condition::{Condition, Side};
use super::draft::{Draft, line};
use super::rule::{RolePattern, some_selectors};

/// One clause that forbids.
#[derive(Debug, Clone)]
pub struct Guard {
    /// Named in the log and in refusals.
    pub id: GuardId,
    /// Requesters and beneficiaries whom it stops.
    pub who: Vec<Selector>,
    /// Which access.
    pub roles: Vec<RolePattern>,
    /// Under which circumstances; absent: any.
    pub when: Option<Condition>,
    /// The exception, if there is one.
    pub unless: Option<Condition>,
    /// Its author knows that the exception rests on what the requester claims.
    pub accept_claims: bool,
    /// Why, for the person who is refused.
    pub reason: String,
}

/// A guard with the places that lints point to.
#[derive(Debug)]
pub(super) struct GuardDraft {
    pub(super) guard: Guard,
    pub(super) place: Place,
    pub(super) when: Place,
    pub(super) unless: Place,
}

impl GuardDraft {
    pub(super) fn read(table: &Table<'_>, draft: &mut Draft) -> Option<Self> {
        let id = table.need("id").parse::<GuardId>();
        let who = some_selectors(&table.need("who"), draft);
        let roles = RolePattern::list(&table.need("roles"), draft);
        let (when, unless) = (table.get("when"), table.get("unless"));
        let places = (when.place(), unless.place());
        let when = Condition::read(&when, Side::Guard, draft.grammar());
        let unless = Condition::read(&unless, Side::Guard, draft.grammar());
        let accept_claims = table.get("accept_claims").bool().unwrap_or_default();
        let reason = line(&table.get("reason"));
        let id = id?;
        let reason = reason.unwrap_or_else(|| format!("{id} forbids it."));
        Some(Self {
            guard: Guard {
                id,
                who,
                roles,
                when,
                unless,
                accept_claims,
                reason,
            },
            place: table.place(),
            when: places.0,
            unless: places.1,
        })
    }
}
