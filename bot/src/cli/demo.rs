//! `breakglass demo`: the whole product on this machine.

use std::net::SocketAddr;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::{Exit, Session, session};
use crate::demo::{Demo as Running, Shown, play};

/// Try everything on this machine, without any account: a local workspace in the browser
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Where the workspace is shown
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8421")]
    listen: SocketAddr,
    /// Which chats to show, each in its own tab
    #[arg(long, value_enum, default_value = "slack")]
    chat: Shown,
    /// Act out one incident in the terminal, and exit
    #[arg(long)]
    play: bool,
}

impl Demo {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let metrics = crate::meter::install()?;
        let output = session.output();
        session::wait(async move {
            if self.play {
                play(metrics, &mut |line: &str| output.facts(line, str::to_owned)).await?;
                return Ok(Exit::Done);
            }
            let demo = Running::start(self.listen, self.chat, metrics).await?;
            output.facts(&try_this(&demo.sandbox.page_url()), |lines| {
                lines.join("\n")
            });
            let mut terminate = signal(SignalKind::terminate())?;
            tokio::select! {
                pressed = tokio::signal::ctrl_c() => pressed?,
                _ = terminate.recv() => {}
            }
            demo.stop().await;
            Ok(Exit::Done)
        })
    }
}

fn try_this(page: &str) -> Vec<String> {
    [
        &format!("The demo runs. Open {page}"),
        "",
        "You are Maya, on call. Try in #inc-2231:",
        "  /breakglass orders-db admin 2m sev1 INC-2231 replication slot stuck",
        "Then be Bo, and be Inês, and press Approve in #access-approvals: the access comes and, two minutes",
        "later, goes. Lee sees all of it in #security.",
        "  /breakglass edge debug pods crash in a loop     breaks the glass: no approval, loud, reviewed",
        "  /breakglass                                     opens the form",
        "",
        "Ctrl-C stops it and leaves nothing behind.",
    ]
    .map(ToOwned::to_owned)
    .to_vec()
}
