//! What somebody did lately, as facts for the policy.

use std::collections::BTreeSet;

use breakglass_core::id::{PersonId, TargetId};
use breakglass_core::time::{Length, Timestamp};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, Select};

use crate::entity::request::{self, Column};
use crate::error::StoreError;
use crate::rows::still_open;
use crate::store::Store;

const DAY: Length = Length::from_mins(24 * 60);
const HOUR: Length = Length::from_mins(60);

/// The facts of `context` that come from the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct History {
    /// Has the beneficiary never held a grant on this target?
    pub first_time: bool,
    /// How many live grants the beneficiary has.
    pub open_grants: u32,
    /// Requests in the last 24 hours, the worse of requester and beneficiary.
    pub requests_24h: u32,
    /// Denied within the last hour, requester or beneficiary.
    pub denied_1h: bool,
}

impl Store {
    /// What is known of the past of these two, who may be the same.
    pub async fn history(
        &self,
        requester: &PersonId,
        beneficiary: &PersonId,
        target: &TargetId,
        now: Timestamp,
    ) -> Result<History, StoreError> {
        let reader = &self.database().reader;
        let held = request::Entity::find()
            .filter(Column::Beneficiary.eq(beneficiary.as_str()))
            .filter(Column::Target.eq(target.as_str()))
            .filter(Column::ActiveAt.is_not_null());
        let open = request::Entity::find()
            .filter(still_open(Column::Open))
            .filter(Column::Beneficiary.eq(beneficiary.as_str()))
            .filter(Column::Phase.is_in(["approved", "active", "ending"]));
        let (held, open) = tokio::try_join!(held.count(reader), open.count(reader))?;
        let (mut requests, mut denied) = (0, 0);
        for person in BTreeSet::from([requester, beneficiary]) {
            let asked = of(person).filter(Column::RequestedAt.gt(now.minus(DAY).millis()));
            let refused = of(person).filter(Column::DeniedAt.gt(now.minus(HOUR).millis()));
            let (asked, refused) = tokio::try_join!(asked.count(reader), refused.count(reader))?;
            requests = requests.max(asked);
            denied += refused;
        }
        Ok(History {
            first_time: held == 0,
            open_grants: small(open),
            requests_24h: small(requests),
            denied_1h: denied > 0,
        })
    }
}

fn small(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Requests by or for somebody.
fn of(person: &PersonId) -> Select<request::Entity> {
    let theirs = Condition::any()
        .add(Column::Requester.eq(person.as_str()))
        .add(Column::Beneficiary.eq(person.as_str()));
    request::Entity::find().filter(theirs)
}
