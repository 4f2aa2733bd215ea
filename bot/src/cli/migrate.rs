//! `breakglass migrate`: make the store's tables, or see which are missing.

use breakglass_store::Step;
use clap::Subcommand;
use serde::Serialize;

use super::{Exit, Session, session};
use crate::config::StoreConfig;
use crate::database::{Role, connect, migrate, unreachable};

/// Make the store's tables, or see which are missing
#[derive(Debug, Clone, Copy, Subcommand)]
pub(super) enum Migrate {
    /// Make what is missing; the log is never rewritten
    Up,
    /// Tell what is missing; exits 1 if something is
    Status,
}

#[derive(Debug, Serialize)]
struct Taken {
    step: String,
    applied: bool,
}

impl Migrate {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let store = session.need_config()?.store;
        let steps = session::wait(async {
            Ok(match self {
                Self::Up => migrate(&store).await?,
                Self::Status => status(&store, Role::Server).await?,
            })
        })?;
        let steps: Vec<_> = steps
            .into_iter()
            .map(|Step { name, applied }| Taken {
                step: name,
                applied,
            })
            .collect();
        session.output().facts(&steps, |steps| {
            let line = |taken: &Taken| {
                format!(
                    "{} {}",
                    if taken.applied { "done   " } else { "missing" },
                    taken.step
                )
            };
            steps.iter().map(line).collect::<Vec<_>>().join("\n")
        });
        Ok(if steps.iter().all(|taken| taken.applied) {
            Exit::Done
        } else {
            Exit::NotDone
        })
    }
}

async fn status(store: &StoreConfig, role: Role) -> anyhow::Result<Vec<Step>> {
    let database = connect(store, role).await?;
    let steps = database
        .steps()
        .await
        .map_err(|error| unreachable(store, &error))?;
    database.close().await?;
    Ok(steps)
}
