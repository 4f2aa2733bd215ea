//! What operators can do while no server runs: take access away, and stop granting. It goes through the same
//! door; chat is told by the server, once it runs again.

mod accept;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use breakglass_core::id::RequestId;
use breakglass_core::policy::Policy;
use breakglass_core::state::Phase;
use breakglass_store::Store;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::admin::{AdminRequest, AdminResponse, AdminService, Operator, Which};
use crate::alarms::Alarms;
use crate::chats::{self, Adapter};
use crate::clock::{Clocks, SystemClock};
use crate::config::Config;
use crate::database::connect_migrated;
use crate::engine::{Engine, Parts};
use crate::pagers::Pagers;
use crate::policy_files;
use crate::serve::{keeper, open_store};
use crate::vitals::Vitals;

pub use accept::{Accepted, accept};

/// How long targets may take; what isn't gone by then, the server goes on with.
const PATIENCE: Duration = Duration::from_secs(30);

/// Between two looks at a target that didn't answer.
const PAUSE: Duration = Duration::from_secs(1);

/// What came of it.
#[derive(Debug)]
pub struct Answered {
    /// As a running server would have answered.
    pub response: AdminResponse,
    /// Grants that were to be taken away, each with what keeps it, if something does.
    pub taken: Vec<(RequestId, Option<String>)>,
}

/// Can this be done without a server?
pub const fn is_possible(request: &AdminRequest) -> bool {
    match request {
        AdminRequest::Revoke { .. } | AdminRequest::StartLockdown { .. } => true,
        AdminRequest::ListRequests { .. }
        | AdminRequest::ListGrants { .. }
        | AdminRequest::ListReviews { .. }
        | AdminRequest::Show { .. }
        | AdminRequest::Attest { .. }
        | AdminRequest::EndLockdown { .. }
        | AdminRequest::ShowHouse => false,
    }
}

/// Does it, in the name of who runs this process, and sees to it that the access goes.
pub async fn answer(config: &Config, request: AdminRequest) -> anyhow::Result<Answered> {
    let engine = engine(config).await?;
    let operator = Operator::of_this_process();
    let request = marked(request);
    let then = after(&request);
    let mut response = engine.answer(&operator, request).await;
    let mut revoking = ids(&response);
    if let (Some(then), AdminResponse::House { .. }) = (then, &response) {
        let revoked = engine.answer(&operator, then).await;
        revoking = ids(&revoked);
        if !matches!(revoked, AdminResponse::Revoking { .. }) {
            response = revoked;
        }
    }
    let mut taken = Vec::new();
    for id in revoking {
        taken.push((id, see_it_gone(&engine, id).await?));
    }
    engine.store().close().await?;
    Ok(Answered { response, taken })
}

/// Whoever reads it later sees that no server ran.
fn marked(request: AdminRequest) -> AdminRequest {
    let mark = |reason: String| format!("{reason} (offline)");
    match request {
        AdminRequest::Revoke { which, reason } => AdminRequest::Revoke {
            which,
            reason: mark(reason),
        },
        AdminRequest::StartLockdown { reason, revoke_all } => AdminRequest::StartLockdown {
            reason: mark(reason),
            revoke_all,
        },
        other @ (AdminRequest::ListRequests { .. }
        | AdminRequest::ListGrants { .. }
        | AdminRequest::ListReviews { .. }
        | AdminRequest::Show { .. }
        | AdminRequest::Attest { .. }
        | AdminRequest::EndLockdown { .. }
        | AdminRequest::ShowHouse) => other,
    }
}

/// What a server's own sweep would do after it.
fn after(request: &AdminRequest) -> Option<AdminRequest> {
    let AdminRequest::StartLockdown {
        reason,
        revoke_all: true,
    } = request
    else {
        return None;
    };
    Some(AdminRequest::Revoke {
        which: Which::All,
        reason: reason.clone(),
    })
}

fn ids(response: &AdminResponse) -> Vec<RequestId> {
    if let AdminResponse::Revoking { requests } = response {
        requests.clone()
    } else {
        Vec::new()
    }
}

async fn engine(config: &Config) -> anyhow::Result<Arc<Engine>> {
    let clocks = Clocks::new(Arc::new(SystemClock), &config.store);
    let database = connect_migrated(&config.store).await?;
    let chats: Vec<_> = chats::all(config, &clocks.dates)?
        .iter()
        .map(Adapter::chat)
        .collect();
    let store = open_store(config.clone(), database, chats.clone()).await?;
    let policy = policy(config, &store).await?;
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let pagers = Pagers::with_clock(config, &clocks.dates);
    let alarms = Alarms::new(chats.clone(), pagers, stop.clone(), tasks.clone());
    let keeper = keeper(config, alarms, clocks)?;
    keeper.follow(&store).await?;
    Ok(Engine::new(Parts {
        store,
        policy: Arc::new(policy),
        chats,
        keeper: Arc::new(keeper),
        vitals: Arc::new(Vitals::default()),
        stop,
        tasks,
        test: config.server.test_mode,
    }))
}

/// The policy in force; a store that never had one has nothing to take away.
async fn policy(config: &Config, store: &Store) -> anyhow::Result<Policy> {
    let text = match store.house().await?.policy {
        Some(hash) => store.policy(&hash).await?,
        None => None,
    };
    match text {
        Some(text) => Policy::from_text(&text.body).context("the policy in force can't be read"),
        None => Ok(policy_files::load(&config.policy_file)?),
    }
}

/// Calls the target until the access is gone. Gives what keeps it, if that takes too long.
async fn see_it_gone(engine: &Arc<Engine>, id: RequestId) -> anyhow::Result<Option<String>> {
    let until = tokio::time::Instant::now() + PATIENCE;
    loop {
        let request = engine
            .store()
            .request(id)
            .await?
            .context("the request is gone")?;
        let trouble = match &request.phase {
            Phase::Ending(ending) => ending.trouble.clone(),
            Phase::Pending { .. }
            | Phase::Approved { .. }
            | Phase::Active { .. }
            | Phase::Ended { .. }
            | Phase::Denied { .. }
            | Phase::Withdrawn { .. }
            | Phase::Lapsed { .. } => return Ok(None),
        };
        if tokio::time::Instant::now() >= until {
            return Ok(Some(
                trouble.unwrap_or_else(|| "it isn't gone yet".to_owned()),
            ));
        }
        if trouble.is_some() {
            tokio::time::sleep(PAUSE).await;
        }
        engine.settle_now(&request.asked.holding).await?;
    }
}
