//! Feels the pulse of the store: signs of life for `/readyz`, gauges for `/metrics`, and what the dead held.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use breakglass_core::state::Mode;
use breakglass_store::StoreError;
use metrics::gauge;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::database::clock_ahead_millis;
use crate::engine::Engine;
use crate::keeper::Keeper;
use crate::meter;
use crate::vitals::Vitals;

/// How often; twice within the age that a sign of life may have.
const EVERY: Duration = Duration::from_secs(2);

/// What is felt, and where it is told.
#[derive(Debug)]
pub struct Pulse {
    /// Whose store it is, and who looks after what the dead had in hand.
    pub engine: Arc<Engine>,
    /// Judges signs of life.
    pub vitals: Arc<Vitals>,
    /// Goes along with the database's clock.
    pub keeper: Arc<Keeper>,
    /// Our clock, to be held against the database's.
    pub wall: Arc<dyn Clock>,
}

impl Pulse {
    /// Feels it until `stop`.
    pub async fn watch(self, stop: CancellationToken) {
        let mut seen = BTreeMap::new();
        loop {
            if let Err(error) = self.feel(&mut seen).await {
                tracing::warn!(%error, "the store is not well");
            }
            if stop
                .run_until_cancelled(tokio::time::sleep(EVERY))
                .await
                .is_none()
            {
                return;
            }
        }
    }

    /// `seen` remembers each target that was ever told of, so that a gauge goes back to 0.
    async fn feel(&self, seen: &mut BTreeMap<String, u64>) -> Result<(), StoreError> {
        let (store, clock) = (self.engine.store(), &self.keeper.clock);
        store.probe(clock.now()).await?;
        self.vitals.store_written(clock.now());
        let (size, is_trusted) = {
            let status = store.status();
            let status = status.borrow();
            (status.size, status.distrust.is_none())
        };
        gauge!(meter::LOG_SIZE).set(precise(size));
        if is_trusted {
            self.vitals.log_written(clock.now());
        }
        self.compare_clocks().await?;
        let now = self.keeper.steady.now();
        let freed = store.free_dead_claims(now).await?;
        if freed.many > 0 {
            tracing::info!(
                freed = freed.many,
                "took up what a process held that is gone"
            );
            self.engine.look_after(freed.holdings);
        }
        self.count(seen).await
    }

    async fn compare_clocks(&self) -> Result<(), StoreError> {
        let store = self.engine.store();
        let ahead = clock_ahead_millis(store.database(), &self.wall).await?;
        self.keeper.follow(store).await?;
        self.vitals.clock_compared(ahead);
        gauge!(meter::CLOCK_OFFSET).set(Duration::from_millis(ahead.unsigned_abs()).as_secs_f64());
        Ok(())
    }

    async fn count(&self, seen: &mut BTreeMap<String, u64>) -> Result<(), StoreError> {
        let store = self.engine.store();
        let tally = store.tally().await?;
        gauge!(meter::WAITING).set(precise(tally.waiting));
        gauge!(meter::STUCK).set(precise(tally.stuck));
        for many in seen.values_mut() {
            *many = 0;
        }
        seen.extend(tally.live);
        for (target, many) in seen.iter() {
            gauge!(meter::LIVE, "target" => target.clone()).set(precise(*many));
        }
        for (class, many) in store.count_effects().await? {
            gauge!(meter::OUTBOX, "class" => class).set(precise(many));
        }
        let house = store.house().await?;
        let is_open = matches!(house.mode, Mode::Open);
        gauge!(meter::MODE, "mode" => "open").set(f64::from(u8::from(is_open)));
        gauge!(meter::MODE, "mode" => "lockdown").set(f64::from(u8::from(!is_open)));
        Ok(())
    }
}

/// Counts far beyond what fits exactly are far beyond what we can have.
fn precise(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
