//! `breakglass audit accept`: a backup was put back, and somebody says so.

use crate::cli::answer::tell_done;
use crate::cli::{Exit, Session, output, session};
use crate::config::Config;
use crate::offline;

pub(super) fn run(session: &Session, config: &Config, reason: String) -> anyhow::Result<Exit> {
    let accepted = session::wait(offline::accept(config, reason))?;
    output::say(format!(
        "accepted a log of {} records, where the checkpoint says {}. That checkpoint is {} now: keep it, since a log that \
         was accepted is another than the one before.",
        accepted.size,
        accepted.older,
        accepted.set_aside.display()
    ));
    let mut kept = false;
    for (holding, trouble) in accepted.ended {
        match trouble {
            None => output::say(format!("{holding}: taken away")),
            Some(trouble) => {
                kept = true;
                output::say(format!(
                    "{holding}: NOT taken away: {trouble}. A running server looks for what is left and goes on trying."
                ));
            }
        }
    }
    let exit = tell_done(session, accepted.lockdown)?;
    output::say("Start the server; `breakglass lockdown off --reason TEXT` lets it grant again.");
    Ok(if kept { Exit::NotDone } else { exit })
}
