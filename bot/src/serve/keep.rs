//! What is kept up to date beside the engine: the policy's files, the checkpoint outside, the sockets.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use breakglass_core::id::Platform;
use breakglass_core::port::chat::Lines;
use breakglass_core::port::provisioner::{Finding, FindingLevel};
use breakglass_store::{Store, keep_checkpoint};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::doctor::world::beyond_store;
use crate::doctor::{Examined, examine};
use crate::engine::Engine;
use crate::policy_files::{PolicyError, PolicyWatch};

/// How often the policy's files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How often the checkpoint is written, while there is news.
const CHECKPOINT_EVERY: Duration = Duration::from_mins(1);

/// How long after one check of the database the next may begin.
const AUDIT_EVERY_MIN: Duration = Duration::from_secs(10);

/// Puts a changed policy in force, or says why it isn't and keeps the old one.
pub(super) async fn policy(engine: Arc<Engine>, config: Config, stop: CancellationToken) {
    let mut watch = PolicyWatch::new(config.policy_file.clone());
    while stop
        .run_until_cancelled(tokio::time::sleep(LOOK_EVERY))
        .await
        .is_some()
    {
        let checked = match watch.look() {
            None => continue,
            Some(Ok(policy)) => crate::check::fit(&config, &policy).map(|()| policy),
            Some(Err(error)) => Err(error),
        };
        match checked {
            Ok(policy) => {
                if let Err(error) = engine.load_policy(policy).await {
                    tracing::error!(%error, "the changed policy couldn't be put in force");
                }
            }
            Err(error) => refuse(&engine, &error),
        }
    }
}

/// Tells operators and security that the files' policy isn't the one in force.
pub(super) fn refuse(engine: &Arc<Engine>, error: &PolicyError) {
    metrics::counter!(crate::meter::POLICY_REFUSED).increment(1);
    let lines = error.lines();
    tracing::error!(%error, faults = ?lines, "the policy in the files is refused; the one before stays in force");
    let first = lines.first().map(String::as_str).unwrap_or_default();
    let text = format!(
        "The policy in the files is refused, so the one before stays in force. {error}: {first}. \
         Run `breakglass check` for all of it."
    );
    engine.alarms().tell("Policy refused", &text);
}

/// Looks once at chat and every target, as `doctor` does. Whatever is away, the server runs: what must end at the
/// others doesn't wait for it.
pub(super) async fn look_around(engine: Arc<Engine>, config: Config, stop: CancellationToken) {
    let policy = engine.policy();
    let parts = beyond_store(&config, Some(&policy), engine.clock());
    let Some(examined) = stop.run_until_cancelled(examine(parts)).await else {
        return;
    };
    for Examined {
        part,
        finding: Finding { level, what, mend },
    } in examined
    {
        match level {
            FindingLevel::Ok => tracing::info!(part, what, "as it should be"),
            FindingLevel::Warning => tracing::warn!(part, what, mend, "somebody should look"),
            FindingLevel::Failure => tracing::error!(part, what, mend, "doesn't work"),
        }
    }
}

/// Raises an alarm where something is live at a target that no configured provisioner reaches: long before it is due.
pub(super) async fn orphans(engine: Arc<Engine>, config: Config) {
    let in_use = match engine.store().provisioners_in_use().await {
        Ok(in_use) => in_use,
        Err(error) => {
            tracing::error!(%error, "it couldn't be seen whether every live grant has its provisioner");
            return;
        }
    };
    for (id, count) in in_use {
        if config.provisioners.iter().all(|one| one.id != id) {
            let text = format!(
                "Provisioner {id} isn't configured any more, and access that we gave is still there ({count}). Nobody can take \
                 it away when it ends. Put the [[provisioner]] back and start the server again; \
                 `breakglass check --store` names the grants."
            );
            engine
                .alarms()
                .alarm("Access that nobody can take away", &text);
        }
    }
}

/// Keeps the newest signed checkpoint where it can be copied from, each minute there is news, and at the end.
pub(super) async fn checkpoint(store: Store, file: PathBuf, stop: CancellationToken) {
    let keep = store.keep_checkpoints(file.clone(), CHECKPOINT_EVERY);
    if stop.run_until_cancelled(keep).await.is_some() {
        return;
    }
    let newest = store.status().borrow().checkpoint.clone();
    if let Err(error) = keep_checkpoint(&file, &newest) {
        tracing::error!(%error, "the last checkpoint couldn't be kept");
    }
}

/// Raises an alarm when the log can't be trusted any more.
pub(super) async fn trust(engine: Arc<Engine>, stop: CancellationToken) {
    let mut status = engine.store().status();
    loop {
        let distrust = status.borrow_and_update().distrust.clone();
        if let Some(distrust) = distrust {
            tracing::error!(%distrust, "nothing is granted until somebody looked at it and started the server again");
            let text = format!(
                "Nothing is granted any more: {distrust}. What is over is still taken away. \
                 Run `breakglass audit verify` and compare with a checkpoint kept elsewhere."
            );
            engine.alarms().alarm("The log can't be trusted", &text);
            if let Err(error) = engine.tell_who_waits().await {
                tracing::error!(%error, "who waits for access couldn't be told");
            }
            return;
        }
        match stop.run_until_cancelled(status.changed()).await {
            Some(Ok(())) => {}
            Some(Err(_)) | None => return,
        }
    }
}

/// Checks the database again and again, so that what nobody happens to use is found as well. With the rests that it takes
/// meanwhile, it works for at most a twentieth of the time that passes.
pub(super) async fn audit(store: Store, stop: CancellationToken) {
    loop {
        let since = tokio::time::Instant::now();
        match store.audit().await {
            Ok(audited) if audited.is_whole() => {}
            Ok(audited) => {
                tracing::error!(?audited, "the database isn't as we left it");
                return;
            }
            Err(error) => tracing::warn!(%error, "the database couldn't be checked; trying again"),
        }
        let pause = AUDIT_EVERY_MIN.max(since.elapsed());
        if stop
            .run_until_cancelled(tokio::time::sleep(pause))
            .await
            .is_none()
        {
            return;
        }
    }
}

/// Raises an alarm while somebody else holds a connection of our app.
pub(super) async fn lines(
    engine: Arc<Engine>,
    platform: Platform,
    mut lines: watch::Receiver<Lines>,
    stop: CancellationToken,
) {
    let mut alarmed = 0;
    while let Some(Ok(())) = stop.run_until_cancelled(lines.changed()).await {
        let now = *lines.borrow_and_update();
        metrics::gauge!(crate::meter::CHAT_CONNECTED, "platform" => platform.as_str())
            .set(f64::from(now.open.min(1)));
        if now.foreign > alarmed {
            let text = format!(
                "{} connections of our {} app are not ours. Another server runs, or the app's token is stolen: \
                 clicks may go there. Make a new token.",
                now.foreign,
                platform.title()
            );
            engine.alarms().alarm("A second socket", &text);
        }
        alarmed = now.foreign;
    }
}
