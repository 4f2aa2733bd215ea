//! Sees that a clock which was set back makes nothing longer: what ran its time by the machine's own clock ends, and while
//! the wall clock is behind the log, everything does.

use std::sync::Arc;
use std::time::Duration;

use breakglass_core::command::{Actor, Command};
use breakglass_core::deadline::Deadline;
use breakglass_core::decide::CLOCK_BEHIND_MAX;
use breakglass_core::fact::Facts;
use breakglass_core::id::RequestId;
use breakglass_core::state::Phase;
use breakglass_core::time::Timestamp;
use breakglass_store::Which;

use super::{Engine, SubmitError, sweep};

/// How often the clocks are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

pub(super) async fn run(engine: Arc<Engine>) {
    let mut was_behind = false;
    loop {
        for (request, end) in engine.keeper.mirror.overrun() {
            if let Err(error) = run_out(&engine, request, end).await {
                tracing::error!(%error, %request, "what is over by the machine's clock couldn't be ended; trying again");
            }
        }
        let behind = millis_behind(&engine);
        if behind.is_some()
            && let Err(error) = end_all(&engine).await
        {
            tracing::error!(%error, "the clock is behind the log, and what is live couldn't be ended; trying again");
        }
        if let Some(behind) = behind.filter(|_| !was_behind) {
            tell(&engine, behind);
        }
        was_behind = behind.is_some();
        let pause = tokio::time::sleep(LOOK_EVERY);
        if engine.stop.run_until_cancelled(pause).await.is_none() {
            return;
        }
    }
}

/// By how much the wall clock is behind the newest record, if that is too much.
fn millis_behind(engine: &Engine) -> Option<i64> {
    let newest_at = {
        let status = engine.store.status();
        let status = status.borrow();
        status.distrust.is_none().then_some(status.newest_at)?
    };
    let now = engine.clock.now();
    (now.plus(CLOCK_BEHIND_MAX) < newest_at).then(|| newest_at.millis_since(now))
}

fn tell(engine: &Engine, behind: i64) {
    tracing::error!(behind, "the clock is behind the log");
    let text = format!(
        "This server's clock is {} s behind its newest record, so one of the two was wrong. Nothing is granted until the \
         clock has caught up, and everything that was live is being taken away. Set the clock right; `breakglass doctor` \
         compares it with the database's.",
        behind / 1000
    );
    engine.alarms().alarm("The clock is behind the log", &text);
}

/// A lease is over at its end, whatever the wall clock says: so much time has passed at least.
async fn run_out(engine: &Engine, id: RequestId, end: Timestamp) -> Result<(), SubmitError> {
    let Some(request) = engine.store.request(id).await? else {
        return Ok(());
    };
    let deadline = match request.phase {
        Phase::Active { .. } => Deadline::Expire,
        Phase::Approved { .. } => Deadline::GiveUp,
        Phase::Pending { .. }
        | Phase::Ending(_)
        | Phase::Ended { .. }
        | Phase::Denied { .. }
        | Phase::Withdrawn { .. }
        | Phase::Lapsed { .. } => return Ok(()),
    };
    tracing::warn!(request = %id, "over by the machine's clock; the wall clock was set back");
    let command = Command::FallDue {
        request: id,
        deadline,
    };
    engine
        .submit_at((end, None), Actor::Clock, command, Facts::default())
        .await?;
    Ok(())
}

async fn end_all(engine: &Engine) -> Result<(), SubmitError> {
    let mut live = engine.store.pages(Which::Live).await?;
    while let Some(page) = live.next(&engine.store).await? {
        for request in page {
            sweep::revoke(engine, &request, "the server's clock is behind its log").await?;
        }
    }
    Ok(())
}
