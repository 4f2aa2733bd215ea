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
    /// Which chat to show; with both, each has a page of its own
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
                let mut say = |line: &str| output.facts(line, str::to_owned);
                play(self.chat, metrics, &mut say).await?;
                return Ok(Exit::Done);
            }
            let demo = Running::start(self.listen, self.chat, metrics).await?;
            output.facts(&try_this(self.chat, &demo.sandbox.page_url()), |lines| {
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

fn try_this(shown: Shown, page: &str) -> Vec<String> {
    let ask = match shown {
        Shown::Slack | Shown::Both => {
            "  /breakglass orders-db admin 2m sev1 INC-2231 replication slot stuck"
        }
        Shown::Discord => {
            "  /breakglass request target:orders-db role:admin duration:2m incident:INC-2231 why:replication slot stuck"
        }
    };
    let more: &[&str] = match shown {
        Shown::Slack => &[
            "  /breakglass edge debug pods crash in a loop     breaks the glass: no approval, loud, reviewed",
            "  /breakglass                                     opens the form",
        ],
        Shown::Discord => &[
            "  /breakglass request target:edge role:debug why:pods crash in a loop",
            "                                                  breaks the glass: no approval, loud, reviewed",
            "  /breakglass request                             opens the form",
        ],
        Shown::Both => &[
            "Approve on the other chat: each card follows. Maya isn't known on Discord yet: type /breakglass link",
            "on Slack, then be Maya on Discord and enter the code there.",
        ],
    };
    let mut lines = vec![format!("The demo runs. Open {page}")];
    if shown == Shown::Both {
        lines.push(format!("         and, for Discord, {page}discord"));
    }
    let story = [
        "",
        "You are Maya, on call. Try in #inc-2231:",
        ask,
        "Then be Bo, and be Inês, and press Approve in #access-approvals: the access comes and, two minutes",
        "later, goes. Lee sees all of it in #security.",
    ];
    let end = ["", "Ctrl-C stops it and leaves nothing behind."];
    let told = story.iter().chain(more).chain(&end);
    lines.extend(told.map(|line| (*line).to_owned()));
    lines
}
