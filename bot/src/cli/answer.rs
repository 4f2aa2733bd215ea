//! Asking the running server, and telling its answer.

use anyhow::bail;

use super::{Exit, Session, list, output, session};
use crate::admin::{AdminRequest, AdminResponse, AskError, ask};
use crate::offline::{self, Answered};
use crate::trouble::Trouble;

/// Asks the server and prints its answer. What can't wait until there is one is done without it.
pub(super) fn ask_server(session: &Session, request: AdminRequest) -> anyhow::Result<Exit> {
    let config = session.need_config()?;
    let socket = &config.server.admin_socket;
    match ask(socket, &request) {
        Ok(response) => tell(session, response),
        Err(AskError::Down) if offline::is_possible(&request) => {
            let answered = session::wait(offline::answer(&config, request))?;
            tell_offline(session, answered)
        }
        Err(error) => bail!(no_answer(&error, socket)),
    }
}

fn tell_offline(session: &Session, answered: Answered) -> anyhow::Result<Exit> {
    output::say(
        "offline: no server runs, so this was done on the store. Chat is told when one does.",
    );
    tell_done(session, answered)
}

/// Prints the answer, and how each grant that was to go went.
pub(super) fn tell_done(session: &Session, answered: Answered) -> anyhow::Result<Exit> {
    let mut exit = tell(session, answered.response)?;
    for (id, trouble) in answered.taken {
        match trouble {
            None => output::say(format!("{id}: read back, the access is gone")),
            Some(trouble) => {
                output::say(format!(
                    "{id}: NOT gone yet: {trouble}. A running server goes on trying."
                ));
                exit = Exit::NotDone;
            }
        }
    }
    Ok(exit)
}

fn no_answer(error: &AskError, socket: &std::path::Path) -> Trouble {
    let at = socket.display();
    let what = format!("{error} at {at}");
    match error {
        AskError::Down => Trouble::new(
            what,
            "Start it with `breakglass serve`, or name the configuration it runs with by --config. \
             Without it `grants revoke`, `lockdown on`, `audit` and `doctor` work.",
        ),
        AskError::NotYours => Trouble::new(
            what,
            "Run this as root, or as the user that breakglass runs as.",
        ),
        AskError::Garbled => Trouble::new(
            what,
            "Use the binary that the server runs: `breakglass --version`.",
        ),
        AskError::Broken(why) => {
            Trouble::new(what, "Look at the server's log lines, then try again.")
                .details([why.to_string()])
        }
    }
}

/// Prints an answer; a refusal is talk and not done.
pub(super) fn tell(session: &Session, response: AdminResponse) -> anyhow::Result<Exit> {
    let output = session.output();
    match response {
        AdminResponse::Requests { requests } => output.facts(&requests, |all| list::lines(all)),
        AdminResponse::Request { request } => output.facts(&*request, list::whole),
        AdminResponse::Revoking { requests } => output.facts(&requests, |all| list::revoking(all)),
        AdminResponse::House { house } => output.facts(&house, list::house),
        AdminResponse::Refused { why } | AdminResponse::Failed { why } => bail!(why),
    }
    Ok(Exit::Done)
}
