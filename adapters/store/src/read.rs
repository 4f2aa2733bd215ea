//! Reading what is: for showing it to people and for finding out what a command is about. Decisions are made
//! on what the appender reads itself.

use std::collections::{BTreeMap, BTreeSet};

use breakglass_core::id::{HoldingId, PersonId, ProvisionerId, RequestId, TargetId};
use breakglass_core::state::{Holding, House, Request};
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use crate::database::Database;
use crate::entity::request::{self, Column};
use crate::entity::{holding, house};
use crate::error::StoreError;
use crate::nodes::IN_LIST_MAX;
use crate::number::{from_db, to_db};
use crate::rows::{self, still_open};
use crate::seal::{RowKey, holding_key, holding_of_key};
use crate::store::Store;

/// Requests that are read at once where there may be many.
const PAGE: usize = 200;

/// Which requests to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that wait for a confirmation or approvals.
    Pending,
    /// Those, and those that are approved and not active yet.
    Awaited,
    /// Those decided to be granted and not over: approved, active or ending.
    Live,
    /// Those whose review is open.
    ToReview,
    /// Those that wait, live, or whose review is open.
    Open,
    /// All, newest first.
    Newest,
}

/// Requests that are too many to be held at once: which they are was read, they themselves are read as it goes on.
#[derive(Debug, Clone, Default)]
pub struct Pages {
    /// Oldest first: taken from the end.
    ids: Vec<i64>,
}

impl Pages {
    /// The next of them, newest first, as they are now; nothing after the last.
    pub async fn next(&mut self, store: &Store) -> Result<Option<Vec<Request>>, StoreError> {
        if self.ids.is_empty() {
            return Ok(None);
        }
        let rest = self.ids.len().saturating_sub(PAGE);
        let some = self.ids.split_off(rest);
        let these = Condition::all().add(Column::Id.is_in(some));
        store.list(these, u64::MAX >> 1).await.map(Some)
    }
}

/// A holding in a database that can't be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspect {
    /// As its row says.
    pub holding: Holding,
    /// Did a holder of the log's key write the row, now or once? Then its dates are ours.
    pub sealed: bool,
}

impl Store {
    /// A request.
    pub async fn request(&self, id: RequestId) -> Result<Option<Request>, StoreError> {
        let row = request::Entity::find_by_id(to_db(id.number()))
            .one(&self.database().reader)
            .await?;
        row.as_ref().map(rows::request_of).transpose()
    }

    /// Requests, newest first, at most `most`.
    pub async fn requests(&self, which: Which, most: u64) -> Result<Vec<Request>, StoreError> {
        self.list(condition(which), most).await
    }

    /// All requests, page by page, newest first.
    pub async fn pages(&self, which: Which) -> Result<Pages, StoreError> {
        let ids = request::Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(condition(which))
            .into_tuple::<i64>()
            .all(&self.database().reader);
        let mut ids = ids.await?;
        ids.sort_unstable();
        Ok(Pages { ids })
    }

    /// Whoever has access or is about to have it, and who asked for it.
    pub async fn holders(&self) -> Result<BTreeSet<PersonId>, StoreError> {
        let pairs: Vec<(String, String)> = request::Entity::find()
            .select_only()
            .columns([Column::Beneficiary, Column::Requester])
            .filter(condition(Which::Live))
            .distinct()
            .into_tuple()
            .all(&self.database().reader)
            .await?;
        let people = pairs.into_iter().flat_map(|(one, other)| [one, other]);
        people
            .map(|person| PersonId::new(person).map_err(|_| StoreError::Malformed("a request")))
            .collect()
    }

    /// The targets of requests that wait, live, or whose review is open.
    pub async fn open_targets(&self) -> Result<BTreeSet<TargetId>, StoreError> {
        let targets: Vec<String> = request::Entity::find()
            .select_only()
            .column(Column::Target)
            .filter(condition(Which::Open))
            .distinct()
            .into_tuple()
            .all(&self.database().reader)
            .await?;
        let targets = targets.into_iter();
        targets
            .map(|target| TargetId::new(target).map_err(|_| StoreError::Malformed("a request")))
            .collect()
    }

    /// Requests by or for somebody, newest first, at most `most`.
    pub async fn requests_of(
        &self,
        person: &PersonId,
        which: Which,
        most: u64,
    ) -> Result<Vec<Request>, StoreError> {
        let theirs = Condition::any()
            .add(Column::Requester.eq(person.as_str()))
            .add(Column::Beneficiary.eq(person.as_str()));
        // Of those that are too many, only what tells them apart is read.
        let newest = request::Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(theirs)
            .filter(still_open_as(which))
            .order_by_desc(Column::Id)
            .limit(most)
            .into_query();
        let these = Condition::all().add(Column::Id.in_subquery(newest));
        self.list(these, most).await
    }

    /// A holding, if a grant was ever decided on it.
    pub async fn holding(&self, id: &HoldingId) -> Result<Option<Holding>, StoreError> {
        let row = holding::Entity::find_by_id(holding_key(id))
            .one(&self.database().reader)
            .await?;
        row.as_ref().map(rows::holding_of).transpose()
    }

    /// Holdings of a provisioner that have something at its target, as far as we know.
    pub async fn holdings_at(&self, id: &ProvisionerId) -> Result<Vec<Holding>, StoreError> {
        let rows = holding::Entity::find()
            .filter(holding::Column::Open.eq(true))
            .filter(self.is_at(id))
            .all(&self.database().reader)
            .await?;
        rows.iter().map(rows::holding_of).collect()
    }

    /// Those of these that have something at their targets, as far as we know.
    pub async fn open_holdings(&self, ids: &[HoldingId]) -> Result<Vec<Holding>, StoreError> {
        let mut open = Vec::new();
        for some in ids.chunks(IN_LIST_MAX) {
            let rows = holding::Entity::find()
                .filter(holding::Column::Key.is_in(some.iter().map(holding_key)))
                .filter(holding::Column::Open.eq(true))
                .all(&self.database().reader)
                .await?;
            open.extend(rows);
        }
        open.iter().map(rows::holding_of).collect()
    }

    /// Those of these that changed after the log had `size` records.
    pub async fn changed_since(
        &self,
        size: u64,
        ids: &[HoldingId],
    ) -> Result<BTreeSet<HoldingId>, StoreError> {
        let mut changed = BTreeSet::new();
        for some in ids.chunks(IN_LIST_MAX) {
            let keys: Vec<String> = holding::Entity::find()
                .select_only()
                .column(holding::Column::Key)
                .filter(holding::Column::Key.is_in(some.iter().map(holding_key)))
                .filter(holding::Column::AsOf.gt(to_db(size)))
                .into_tuple()
                .all(&self.database().reader)
                .await?;
            changed.extend(keys.iter().filter_map(|key| holding_of_key(key)));
        }
        Ok(changed)
    }

    /// What the holdings of a provisioner have that have something, without a look at each.
    pub async fn entitlements_at(
        &self,
        id: &ProvisionerId,
    ) -> Result<BTreeSet<String>, StoreError> {
        let keys: Vec<String> = holding::Entity::find()
            .select_only()
            .column(holding::Column::Key)
            .filter(holding::Column::Open.eq(true))
            .filter(self.is_at(id))
            .into_tuple()
            .all(&self.database().reader)
            .await?;
        let holdings = keys.iter().filter_map(|key| holding_of_key(key));
        let at = holdings.filter(|holding| holding.provisioner == *id);
        Ok(at.map(|holding| holding.entitlement).collect())
    }

    /// How many holdings have something at the target of each provisioner, as far as we know.
    pub async fn provisioners_in_use(&self) -> Result<BTreeMap<ProvisionerId, usize>, StoreError> {
        let keys: Vec<String> = holding::Entity::find()
            .select_only()
            .column(holding::Column::Key)
            .filter(holding::Column::Open.eq(true))
            .into_tuple()
            .all(&self.database().reader)
            .await?;
        let mut in_use = BTreeMap::new();
        for holding in keys.iter().filter_map(|key| holding_of_key(key)) {
            *in_use.entry(holding.provisioner).or_default() += 1;
        }
        Ok(in_use)
    }

    /// Holdings with grants that are not over, at most `most` of those after `after`. What a holder of the log's key
    /// didn't write is an error.
    pub async fn holdings(
        &self,
        after: Option<&HoldingId>,
        most: u64,
    ) -> Result<Vec<Holding>, StoreError> {
        let mut find = holding::Entity::find().filter(still_open(holding::Column::Open));
        if let Some(after) = after {
            find = find.filter(holding::Column::Key.gt(holding_key(after)));
        }
        let rows = find
            .order_by_asc(holding::Column::Key)
            .limit(most)
            .all(&self.database().reader)
            .await?;
        let sealed = |row: &holding::Model| {
            if row.seal == self.sealer().row(RowKey::holding(&row.key), &row.body) {
                rows::holding_of(row)
            } else {
                Err(StoreError::Malformed("a holding"))
            }
        };
        rows.iter().map(sealed).collect()
    }

    /// Holdings of a provisioner that have nothing at its target any more, those that changed last first, each with how
    /// long the log was then.
    pub async fn holdings_left(
        &self,
        id: &ProvisionerId,
        most: u64,
    ) -> Result<Vec<(HoldingId, u64)>, StoreError> {
        let rows = holding::Entity::find()
            .filter(holding::Column::Open.eq(false))
            .filter(self.is_at(id))
            .order_by_desc(holding::Column::AsOf)
            .limit(most)
            .all(&self.database().reader)
            .await?;
        let left = |row: &holding::Model| {
            let holding = holding_of_key(&row.key)?;
            (holding.provisioner == *id).then(|| (holding, from_db(row.as_of)))
        };
        Ok(rows.iter().filter_map(left).collect())
    }

    /// Holdings with something at a target where the log can't be trusted: each with whether we wrote it. A row of which not even the name is
    /// ours is passed over.
    pub async fn suspect_holdings(&self) -> Result<Vec<Suspect>, StoreError> {
        let rows = holding::Entity::find()
            .filter(holding::Column::Open.eq(true))
            .all(&self.database().reader)
            .await?;
        let suspect = |row: holding::Model| {
            let id = holding_of_key(&row.key)?;
            let seal = self.sealer().row(RowKey::holding(&row.key), &row.body);
            let holding = rows::holding_of(&row);
            if row.seal == seal && holding.as_ref().is_ok_and(|holding| !holding.is_ours()) {
                return None; // somebody else's alone
            }
            Some(Suspect {
                sealed: holding.is_ok() && row.seal == seal,
                holding: holding.unwrap_or_else(|_| Holding::new(id)),
            })
        };
        Ok(rows.into_iter().filter_map(suspect).collect())
    }

    /// The house.
    pub async fn house(&self) -> Result<House, StoreError> {
        let row = house::Entity::find_by_id(1_i16)
            .one(&self.database().reader)
            .await?;
        row.as_ref()
            .map_or_else(|| Ok(House::default()), rows::house_of)
    }

    /// Whose holdings they are stands at the beginning of their keys; an index has it, told in the same words.
    fn is_at(&self, id: &ProvisionerId) -> SimpleExpr {
        let of_key = if self.database().is_postgres() {
            "split_part(\"key\", '\"', 2)"
        } else {
            "substr(\"key\", 3, instr(substr(\"key\", 3), '\"') - 1)"
        };
        Expr::cust(of_key).eq(id.as_str())
    }

    async fn list(&self, which: Condition, most: u64) -> Result<Vec<Request>, StoreError> {
        self.database().list(which, most).await
    }
}

impl Database {
    /// Grants that are not over, newest first, at most `most`: for whoever has no key of the log. Nothing is checked.
    pub async fn live_grants(&self, most: u64) -> Result<Vec<Request>, StoreError> {
        self.list(condition(Which::Live), most).await
    }

    async fn list(&self, which: Condition, most: u64) -> Result<Vec<Request>, StoreError> {
        let rows = request::Entity::find()
            .filter(which)
            .order_by_desc(Column::Id)
            .limit(most)
            .all(&self.reader)
            .await?;
        rows.iter().map(rows::request_of).collect()
    }
}

fn condition(which: Which) -> Condition {
    let open = Condition::all().add(Column::Open.eq(true));
    match which {
        Which::Newest => Condition::all(),
        Which::ToReview => still_open_as(which),
        Which::Pending | Which::Awaited | Which::Live | Which::Open => open.add(phase(which)),
    }
}

/// The same among few that are found by something else.
fn still_open_as(which: Which) -> Condition {
    let open = Condition::all().add(still_open(Column::Open));
    match which {
        Which::Newest => Condition::all(),
        Which::ToReview => open.add(Column::Review.eq("open")),
        Which::Pending | Which::Awaited | Which::Live | Which::Open => open.add(phase(which)),
    }
}

fn phase(which: Which) -> Condition {
    let phases: &[&str] = match which {
        Which::Pending => &["pending"],
        Which::Awaited => &["pending", "approved"],
        Which::Live => &["approved", "active", "ending"],
        Which::Open | Which::ToReview | Which::Newest => return Condition::all(),
    };
    Condition::all().add(Column::Phase.is_in(phases.iter().copied()))
}
