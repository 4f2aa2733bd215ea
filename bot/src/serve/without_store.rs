//! A start while the store is away: what is over is taken away all the same, as this machine knows it.

use std::sync::Arc;
use std::time::Duration;

use breakglass_store::Database;

use crate::config::StoreConfig;
use crate::database::connect_migrated;
use crate::keeper::{Ends, Keeper, Why};
use crate::trouble::Trouble;

/// How often the store is tried, and the grants are looked through.
const AGAIN_EVERY: Duration = Duration::from_secs(1);

/// Waits for the store, and ends meanwhile what is over.
pub(super) async fn wait(keeper: &Arc<Keeper>, store: &StoreConfig, trouble: Trouble) -> Database {
    let live = keeper.mirror.len();
    tracing::error!(%trouble, live, "started without the store; what is over is taken away, nothing is granted");
    let text = format!(
        "I started and can't reach the store: {trouble}. Nothing is granted until it answers. What is over is taken \
         away all the same: {live} grants are live, as far as this machine knows."
    );
    keeper.alarms.alarm("The store doesn't answer", &text);
    let mut ends = Ends::new(keeper.clone(), Why::Away);
    let connecting = connect_again(store);
    tokio::pin!(connecting);
    loop {
        ends.begin(keeper.mirror.over());
        tokio::select! {
            database = &mut connecting => return database,
            () = ends.settle_next() => {}
            () = tokio::time::sleep(AGAIN_EVERY) => {}
        }
    }
}

async fn connect_again(store: &StoreConfig) -> Database {
    loop {
        tokio::time::sleep(AGAIN_EVERY).await;
        match connect_migrated(store).await {
            Ok(database) => return database,
            Err(trouble) => tracing::warn!(%trouble, "the store is still away"),
        }
    }
}
