//! Keeps the mirror of live grants as the store has them, also those that another replica gave.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use breakglass_store::StoreError;

use super::Engine;

/// How often, where others may write too. What this process commits is mirrored at once.
const AGREE_EVERY: Duration = Duration::from_mins(1);

/// Holdings read in one go.
const PAGE: u64 = 1_000;

pub(super) async fn run(engine: Arc<Engine>) {
    loop {
        let agreed = agree(&engine).await;
        if let Err(error) = &agreed {
            tracing::error!(%error, "the live grants couldn't be mirrored; trying again");
        } else if !engine.store.database().is_postgres() {
            return;
        }
        let pause = tokio::time::sleep(AGREE_EVERY);
        if engine.stop.run_until_cancelled(pause).await.is_none() {
            return;
        }
    }
}

async fn agree(engine: &Engine) -> Result<(), StoreError> {
    let mirror = &engine.keeper.mirror;
    let since = mirror.stamp();
    let mut seen = BTreeSet::new();
    let mut after = None;
    loop {
        let page = engine.store.holdings(after.as_ref(), PAGE).await?;
        // What an untrusted store says overrules nothing.
        if engine.store.status().borrow().distrust.is_some() {
            return Ok(());
        }
        mirror.agree(&page, since, &mut seen);
        let Some(last) = page.last() else {
            break;
        };
        after = Some(last.id.clone());
    }
    mirror.forget_others(since, &seen);
    if let Err(error) = mirror.keep().await {
        tracing::error!(%error, "the mirror of live grants couldn't be written");
    }
    Ok(())
}
