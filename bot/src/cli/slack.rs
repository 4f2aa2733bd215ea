//! `breakglass slack`: what Slack has to be told.

use breakglass_slack::{Reach, manifest};
use clap::Subcommand;

use super::{Exit, Session};

/// Set up the Slack app
#[derive(Debug, Subcommand)]
pub(super) enum Slack {
    /// Print the app's manifest, to be pasted at <https://api.slack.com/apps> under "From a manifest"
    Manifest {
        /// For HTTP mode: where Slack reaches `[server] listen`; without it the app uses Socket Mode
        #[arg(long, value_name = "HTTPS_URL", value_parser = public_url)]
        url: Option<String>,
    },
}

impl Slack {
    #[expect(clippy::unnecessary_wraps, reason = "every command is run alike")]
    pub(super) fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let Self::Manifest { url } = self;
        let manifest = manifest(&url.map_or(Reach::Socket, Reach::Http));
        session
            .output()
            .facts(&manifest, |manifest| format!("{manifest:#}"));
        Ok(Exit::Done)
    }
}

fn public_url(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text)
        .ok()
        .filter(|url| url.scheme() == "https" && url.has_host());
    url.map(|_| text.to_owned())
        .ok_or_else(|| "write https://breakglass.example.com".to_owned())
}
