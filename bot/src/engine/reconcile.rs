//! Compares each target with the log, at start and each minute: what outlived its grant is taken away, a grant whose
//! access is missing ends, and what somebody else gave is told once and left alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use breakglass_core::command::{Actor, Command, Sight, Sighting};
use breakglass_core::fact::Facts;
use breakglass_core::id::{HoldingId, ProvisionerId};
use breakglass_core::port::provisioner::{Listing, Place, Presence, ProvisionError, Provisioner};
use breakglass_core::state::{GrantPhase, Holding, Wanted};
use breakglass_core::time::Length;
use breakglass_store::StoreError;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};

use super::converge::{claim, in_time};
use super::{Engine, SubmitError};

/// From one look at a target to the next.
const EVERY: Duration = Duration::from_mins(1);

/// At the start, from the look at one target to the look at the next.
const APART: Duration = Duration::from_millis(200);

/// How long after the longest claim what ended is looked at once more: some looks, should one fail.
const LOOK_BACK: Length = Length::from_mins(5);

/// Ends that are looked at once more in one go.
const LEFT_MAX: u64 = 200;

/// When what somebody held who is gone is looked at, in seconds: soon, and when no call of theirs can begin any more, and
/// when none can still be under way ([`CALL_MAX`] and the same again).
///
/// [`CALL_MAX`]: breakglass_core::converge::CALL_MAX
const LOOK_AFTER: [u64; 3] = [5, 20, 40];

/// Why a look came to nothing.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Target(#[from] ProvisionError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Submit(#[from] SubmitError),
}

/// Looks after one target, so that one that doesn't answer delays no other. Each has a time of its own in the minute: all at once
/// would keep everything else waiting.
pub(super) async fn run(engine: Arc<Engine>, id: ProvisionerId) {
    let before = engine.targets.keys().position(|other| *other == id);
    let place = u32::try_from(before.unwrap_or_default()).unwrap_or(u32::MAX);
    let share = EVERY / u32::try_from(engine.targets.len().max(1)).unwrap_or(u32::MAX);
    let started = Instant::now();
    let mut looks = interval_at(started + share * (place + 1), EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let first = sleep_until(started + share.min(APART) * place);
    if engine.stop.run_until_cancelled(first).await.is_none() {
        return;
    }
    loop {
        let trusted = engine.store.status().borrow().distrust.is_none();
        if trusted && let Err(error) = reconcile(&engine, &id).await {
            tracing::warn!(%error, provisioner = %id, "a target couldn't be compared with the log; again in a minute");
        }
        tokio::select! {
            () = engine.stop.cancelled() => return,
            _ = looks.tick() => {}
        }
    }
}

impl Engine {
    /// Compares each target with the log now, one after the other.
    pub async fn reconcile_now(&self) {
        for id in self.targets.keys() {
            if let Err(error) = reconcile(self, id).await {
                tracing::warn!(%error, provisioner = %id, "a target couldn't be compared with the log");
            }
        }
    }
}

impl Engine {
    /// Whoever held these is gone, and a call of theirs may come to life after others gave and took: what it leaves behind isn't
    /// left for the next comparison to find.
    pub(crate) fn look_after(self: &Arc<Self>, held: BTreeSet<HoldingId>) {
        let mut at: BTreeMap<ProvisionerId, Vec<HoldingId>> = BTreeMap::new();
        for holding in held {
            at.entry(holding.provisioner.clone())
                .or_default()
                .push(holding);
        }
        for (id, holdings) in at {
            self.tasks.spawn(look_late(self.clone(), id, holdings));
        }
    }
}

async fn look_late(engine: Arc<Engine>, id: ProvisionerId, holdings: Vec<HoldingId>) {
    let Some(target) = engine.targets.get(&id) else {
        return;
    };
    let since = Instant::now();
    for secs in LOOK_AFTER {
        let until = sleep_until(since + Duration::from_secs(secs));
        if engine.stop.run_until_cancelled(until).await.is_none() {
            return;
        }
        let others = match others(&engine, &id).await {
            Ok(others) => others,
            Err(error) => {
                tracing::warn!(%error, provisioner = %id, "what people held who are gone couldn't be looked at; the next comparison finds it");
                continue;
            }
        };
        let place = (&*target.provisioner, &*others);
        for holding in &holdings {
            if let Err(error) = look_again(&engine, place, holding).await {
                tracing::warn!(%error, %holding, "what somebody held who is gone couldn't be looked at; the next comparison finds it");
            }
        }
    }
}

async fn reconcile(engine: &Engine, id: &ProvisionerId) -> Result<(), Trouble> {
    let Some(target) = engine.targets.get(id) else {
        return Ok(());
    };
    let provisioner = target.provisioner.as_ref();
    if !provisioner.capabilities().lists {
        return look_back(engine, id, provisioner).await;
    }
    let entitlements = entitlements(engine, id).await?;
    let size = engine.store.status().borrow().size;
    let listing = in_time(provisioner.list(id, &entitlements)).await?;
    let Compared { doubtful, foreign } = compare(engine, id, (size, listing)).await?;
    if !doubtful.is_empty() {
        let settle = provisioner.capabilities().settle;
        tokio::time::sleep(Duration::from_secs(settle.secs().into())).await;
    }
    look_at_all(engine, (id, provisioner), &doubtful).await?;
    for (id, version, how) in foreign {
        let version = match version {
            Some(version) => version,
            None => self::version(engine, &id).await?,
        };
        tell(engine, id, version, Sight::Foreign(how)).await?;
    }
    Ok(())
}

/// What differs between a target and the log.
struct Compared {
    /// What may have to be taken away, or be missing.
    doubtful: Vec<HoldingId>,
    /// What somebody else gave, or took, since we told: with the version of the holding, if we know it.
    foreign: Vec<(HoldingId, Option<u64>, BTreeSet<String>)>,
}

/// With what the target listed after the log had so many records. One target after the other, so that of many with much on
/// them only one is held in memory.
async fn compare(
    engine: &Engine,
    id: &ProvisionerId,
    (size, listing): (u64, Listing),
) -> Result<Compared, Trouble> {
    let _alone = engine.comparing.lock().await;
    // Read after the look: what was decided meanwhile is seen here, and looked at again afterwards.
    let known = engine.store.holdings_at(id).await?;
    let known: BTreeMap<HoldingId, Holding> = known
        .into_iter()
        .map(|holding| (holding.id.clone(), holding))
        .collect();
    let at = |place: &Place| HoldingId {
        provisioner: id.clone(),
        account: place.account.clone(),
        entitlement: place.entitlement.clone(),
    };
    let ours: BTreeSet<HoldingId> = listing.ours.iter().map(at).collect();
    let unexplained = |id: &&HoldingId| !known.get(*id).is_some_and(Holding::is_ours);
    let missing = |holding: &&Holding| is_live(holding) && !ours.contains(&holding.id);
    let unexplained = ours.iter().filter(unexplained);
    let missing = known.values().filter(missing).map(|holding| &holding.id);
    let mut doubtful: Vec<HoldingId> = unexplained.chain(missing).cloned().collect();
    // What changed since differs for that, as much may where much ends. The next comparison looks at it.
    let changed = engine.store.changed_since(size, &doubtful).await?;
    doubtful.retain(|holding| !changed.contains(holding));
    let mut foreign: BTreeMap<HoldingId, BTreeSet<String>> = listing
        .foreign
        .into_iter()
        .map(|(place, how)| (at(&place), how))
        .collect();
    for holding in known.values().filter(|holding| !holding.foreign.is_empty()) {
        foreign.entry(holding.id.clone()).or_default();
    }
    let news = foreign.into_iter().filter_map(|(id, how)| {
        let before = known.get(&id);
        let is_told = before.map_or(how.is_empty(), |before| before.foreign == how);
        (!is_told).then(|| (id, before.map(|before| before.version), how))
    });
    Ok(Compared {
        doubtful,
        foreign: news.collect(),
    })
}

/// A call that was under way when its worker's claim ended may have left access behind. Where that can't be listed, what
/// ended is looked at once more after the longest claim.
async fn look_back(
    engine: &Engine,
    id: &ProvisionerId,
    provisioner: &dyn Provisioner,
) -> Result<(), Trouble> {
    if !provisioner.capabilities().reads_back {
        return Ok(());
    }
    let claim = i64::from(claim(Some(provisioner)).secs()) * 1000;
    let mut ended = Vec::new();
    for (holding, size) in engine.store.holdings_left(id, LEFT_MAX).await? {
        let Some(record) = engine.store.record(size).await? else {
            continue;
        };
        let ago = engine.clock.now().millis_since(record.at);
        if ago > claim + LOOK_BACK.millis() {
            break;
        }
        if ago >= claim {
            ended.push(holding);
        }
    }
    look_at_all(engine, (id, provisioner), &ended).await
}

/// What can be held there: by the policy, and by grants that are older than it.
async fn entitlements(engine: &Engine, id: &ProvisionerId) -> Result<Vec<String>, StoreError> {
    let policy = engine.policy();
    let targets = policy.targets().filter(|target| target.provisioner == *id);
    let roles = targets.flat_map(|target| target.roles.iter().map(|role| role.grants.clone()));
    let mut all: BTreeSet<String> = roles.collect();
    all.extend(engine.store.entitlements_at(id).await?);
    Ok(all.into_iter().collect())
}

/// Should its access be there, with nothing on its way?
fn is_live(holding: &Holding) -> bool {
    let mut grants = holding.grants.values();
    holding.wanted() == Wanted::Settled && grants.any(|grant| grant.phase == GrantPhase::Active)
}

async fn look_at_all(
    engine: &Engine,
    (id, provisioner): (&ProvisionerId, &dyn Provisioner),
    holdings: &[HoldingId],
) -> Result<(), Trouble> {
    if holdings.is_empty() {
        return Ok(());
    }
    let others = others(engine, id).await?;
    for holding in holdings {
        look_again(engine, (provisioner, &others), holding).await?;
    }
    Ok(())
}

/// What the list shows may be older than what was decided since. So the holding is read, the target is looked at, and
/// what follows is decided only if the holding is still as it was read.
async fn look_again(
    engine: &Engine,
    (provisioner, others): (&dyn Provisioner, &[ProvisionerId]),
    id: &HoldingId,
) -> Result<(), Trouble> {
    // Several grants may have been on what is missing.
    loop {
        let holding = engine.store.holding(id).await?;
        let holding = holding.unwrap_or_else(|| Holding::new(id.clone()));
        let live = is_live(&holding);
        let explained = holding.is_ours() || is_explained_elsewhere(engine, others, id).await?;
        if explained && !live {
            return Ok(());
        }
        let seen = in_time(provisioner.inspect(id)).await?;
        let sight = match seen.ours {
            Presence::Present if !live => Sight::Ours,
            Presence::Absent if live => Sight::Missing,
            Presence::Present | Presence::Absent | Presence::Unknowable => return Ok(()),
        };
        let changed = tell(engine, id.clone(), holding.version, sight).await?;
        if !live || !changed {
            return Ok(());
        }
    }
}

/// The other provisioners, and those of which there is something: one of them may have been given another name since.
async fn others(engine: &Engine, id: &ProvisionerId) -> Result<Vec<ProvisionerId>, StoreError> {
    let in_use = engine.store.provisioners_in_use().await?;
    let mut others: BTreeSet<_> = in_use.into_keys().collect();
    others.extend(engine.targets.keys().cloned());
    others.remove(id);
    Ok(others.into_iter().collect())
}

/// Two provisioners may reach the same server with the same login: what one of them gave isn't the other's to take.
async fn is_explained_elsewhere(
    engine: &Engine,
    others: &[ProvisionerId],
    id: &HoldingId,
) -> Result<bool, StoreError> {
    let there = |provisioner: &ProvisionerId| HoldingId {
        provisioner: provisioner.clone(),
        ..id.clone()
    };
    let there: Vec<HoldingId> = others.iter().map(there).collect();
    let held = engine.store.open_holdings(&there).await?;
    Ok(held.iter().any(Holding::is_ours))
}

async fn version(engine: &Engine, id: &HoldingId) -> Result<u64, StoreError> {
    let holding = engine.store.holding(id).await?;
    Ok(holding.map_or(0, |holding| holding.version))
}

/// Puts it through the door. Says whether anything followed: another replica may have been first.
async fn tell(
    engine: &Engine,
    holding: HoldingId,
    version: u64,
    sight: Sight,
) -> Result<bool, SubmitError> {
    let sighting = Sighting {
        holding,
        version,
        sight,
    };
    let command = Command::Reconcile(Box::new(sighting));
    let committed = engine
        .submit(Actor::Worker, command, Facts::default())
        .await?;
    Ok(!committed.records.is_empty())
}
